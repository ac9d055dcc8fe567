-- What a folder held when it was imported last, by digest: the common ancestor that tells who changed a text since.
CREATE TABLE import_base (
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (kind, slug)
) STRICT;
