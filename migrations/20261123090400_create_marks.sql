-- Facts about the store itself: its generation counts publishes, so that an index knows whether it is of today.
CREATE TABLE mark (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
