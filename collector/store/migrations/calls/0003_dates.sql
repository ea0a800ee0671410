-- What the dates of a source told: whether day or month comes first (dmy, mdy), how sure that is (0.5 to 1), and the day
-- that the PBX printed last, where it prints days on lines of their own.
ALTER TABLE sources ADD COLUMN date_order TEXT;
ALTER TABLE sources ADD COLUMN date_certainty REAL;
ALTER TABLE sources ADD COLUMN carried_day TEXT NOT NULL DEFAULT '';
