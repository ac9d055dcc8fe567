-- What a document was called before. The text of the document names it as well, under `aliases`, which is what links follow;
-- this is how an import recognises a file that has been renamed here.
CREATE TABLE renaming (
    kind TEXT NOT NULL,
    old TEXT NOT NULL,
    new TEXT NOT NULL,
    PRIMARY KEY (kind, old)
) STRICT;
