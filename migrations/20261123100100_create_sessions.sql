-- Who is signed in, with which browser. Of the secret in the cookie only a digest stands here: a copy of this file signs nobody in.
CREATE TABLE session (
    digest TEXT PRIMARY KEY,
    person INTEGER NOT NULL REFERENCES person (id),
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    address TEXT NOT NULL,
    browser TEXT NOT NULL
) STRICT;

CREATE INDEX session_by_person ON session (person);

-- From where somebody signed in before: strangers who try passwords cannot hold up the owner of an account there.
CREATE TABLE known_address (
    person INTEGER NOT NULL REFERENCES person (id),
    address TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (person, address)
) STRICT;
