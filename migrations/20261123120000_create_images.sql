-- Pictures that entries show, under a name that is made of their bytes: the same picture is kept once, and one that is shown
-- never changes. They stand here and not in files, so that a backup is still one file.
CREATE TABLE image (
    name TEXT PRIMARY KEY,
    bytes BLOB NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    made_by TEXT NOT NULL
) STRICT;
