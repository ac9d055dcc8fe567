-- The text of the common ancestor, for merging what changed here with what changed in the folder. Bases of before have none.
ALTER TABLE import_base ADD COLUMN text TEXT;
