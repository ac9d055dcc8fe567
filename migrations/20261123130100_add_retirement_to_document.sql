-- A retired document keeps its history and its name, and takes no part in anything until somebody restores it.
ALTER TABLE document ADD COLUMN retired_at INTEGER;
