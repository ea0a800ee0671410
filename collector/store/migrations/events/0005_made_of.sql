ALTER TABLE publications ADD COLUMN kind TEXT;         -- what it was made of: NULL while it is not published
ALTER TABLE publications ADD COLUMN narrowed TEXT;     -- the department, person or trunk that it is of; NULL: all
ALTER TABLE publications ADD COLUMN unmasked INTEGER;  -- whether numbers stand in it with all their digits
