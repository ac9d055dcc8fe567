-- Every entry, question and symptom is a markdown text with its history: the newest text stands in `document`, each text
-- that ever was published in `revision`.
CREATE TABLE document (
    kind TEXT NOT NULL CHECK (kind IN ('symptom', 'question', 'entry')),
    slug TEXT NOT NULL,
    path TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    -- The number of the newest revision of this document, from 1.
    revision INTEGER NOT NULL,
    PRIMARY KEY (kind, slug)
) STRICT;

CREATE TABLE revision (
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    number INTEGER NOT NULL,
    path TEXT NOT NULL,
    text TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (kind, slug, number)
) STRICT;
