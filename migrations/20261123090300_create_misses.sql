-- Searches and diagnoses that led nowhere, as normalised text only, counted: they show which entry is missing.
CREATE TABLE miss (
    kind TEXT NOT NULL CHECK (kind IN ('empty', 'abandoned', 'no-known-cause')),
    text TEXT NOT NULL,
    count INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (kind, text)
) STRICT;
