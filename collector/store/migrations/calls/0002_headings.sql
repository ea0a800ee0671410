-- The last heading of a lane that named its columns: what follows it is read by these names, after a restart, too.
ALTER TABLE cursors ADD COLUMN heading TEXT NOT NULL DEFAULT '';
