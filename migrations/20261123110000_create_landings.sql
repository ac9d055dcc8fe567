-- What people searched for or answered, and the entry that they came to: an editor sees what an edit would change for them.
-- `text` is a normalised search, or the address of a diagnosis; never a pasted text.
CREATE TABLE landing (
    kind TEXT NOT NULL CHECK (kind IN ('search', 'diagnosis')),
    text TEXT NOT NULL,
    entry TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (kind, text, entry)
) STRICT;

-- The oldest go when there are too many.
CREATE INDEX landing_by_time ON landing (last_at);
