-- Browsers in which somebody signed in before: who tries passwords cannot hold up their owner there. An address tells the two not
-- apart when they share it. Of the secret in the cookie only a digest stands here, and it lets nobody in.
DROP TABLE known_address;

CREATE TABLE device (
    person INTEGER NOT NULL REFERENCES person (id),
    digest TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    PRIMARY KEY (person, digest)
) STRICT;

CREATE INDEX device_by_digest ON device (digest);
