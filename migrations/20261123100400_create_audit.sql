-- Who did what and when: every sign-in and every change. Names stand as text, so a row says the same for ever.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    address TEXT NOT NULL,
    what TEXT NOT NULL,
    about TEXT NOT NULL
) STRICT;

CREATE INDEX audit_by_who ON audit (who, id);
