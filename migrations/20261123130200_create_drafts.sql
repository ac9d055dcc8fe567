-- A text that is not published yet, for editors only. It outlives its publication, so that nothing that was written is lost.
CREATE TABLE draft (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('symptom', 'question', 'entry')),
    -- The document that it changes; nothing for a new one.
    slug TEXT,
    -- The revision from which it was written, 0 for a new document.
    base INTEGER NOT NULL,
    path TEXT NOT NULL,
    text TEXT NOT NULL,
    retires INTEGER NOT NULL CHECK (retires IN (0, 1)),
    why TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'published', 'discarded')),
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    -- Grows with each save: who saves over somebody else's save is told.
    version INTEGER NOT NULL
) STRICT;

CREATE INDEX draft_by_state ON draft (state, changed_at);
