-- What programs sign in with. A token is shown once and kept as a digest; it never may more than its owner.
CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    digest TEXT NOT NULL UNIQUE,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX token_by_person ON token (person);
