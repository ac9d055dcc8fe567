-- Everybody who wrote on a draft, the first one first: none of them approves it, and the history names all.
CREATE TABLE draft_author (
    id INTEGER PRIMARY KEY,
    draft INTEGER NOT NULL REFERENCES draft (id),
    name TEXT NOT NULL,
    UNIQUE (draft, name)
) STRICT;

INSERT INTO draft_author (draft, name)
SELECT
    id,
    made_by
FROM draft
ORDER BY id;

INSERT INTO draft_author (draft, name)
SELECT
    id,
    changed_by
FROM draft
WHERE changed_by <> made_by
ORDER BY id;
