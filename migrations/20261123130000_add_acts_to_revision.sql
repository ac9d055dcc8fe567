-- A revision says what was done, and which warnings were accepted for which reason.
ALTER TABLE revision ADD COLUMN act TEXT NOT NULL DEFAULT 'publish'
    CHECK (act IN ('publish', 'import', 'merge', 'restore', 'rename', 'retire', 'verify'));

ALTER TABLE revision ADD COLUMN accepted TEXT NOT NULL DEFAULT '';
