-- Links that work once: they make a person, or give a person a new password. A used or withdrawn one is gone; the audit log names it.
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'administrator')),
    -- The person whose password it sets, or nothing for somebody new.
    person INTEGER REFERENCES person (id),
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- The link that the site prints while nobody administers it; there is one at most.
    is_first INTEGER NOT NULL DEFAULT 0 CHECK (is_first IN (0, 1))
) STRICT;
