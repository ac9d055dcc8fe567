-- Whether a fix helped: never with any pasted text. `answers` is the query string of the diagnosis, in canonical order.
CREATE TABLE outcome (
    id INTEGER PRIMARY KEY,
    entry TEXT NOT NULL,
    symptom TEXT NOT NULL,
    answers TEXT NOT NULL,
    worked INTEGER NOT NULL CHECK (worked IN (0, 1)),
    made_at INTEGER NOT NULL
) STRICT;

CREATE INDEX outcome_by_entry ON outcome (entry, symptom, worked);
