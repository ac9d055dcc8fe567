-- Who may do what here. Nobody is ever deleted, because the history of entries names them: somebody who left is inactive.
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    -- As it was given; "Editor" and "editor" are one name.
    name TEXT NOT NULL COLLATE NOCASE UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'administrator')),
    -- An argon2id string, or nothing for somebody who signs in elsewhere.
    password TEXT,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    made_at INTEGER NOT NULL,
    seen_at INTEGER
) STRICT;
