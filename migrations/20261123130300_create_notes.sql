-- What a reader tells the owner of a document about one of its sections; nobody else sees it.
CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('symptom', 'question', 'entry')),
    slug TEXT NOT NULL,
    section TEXT NOT NULL,
    text TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    done_by TEXT,
    done_at INTEGER
) STRICT;

CREATE INDEX note_by_document ON note (kind, slug, done_at);
