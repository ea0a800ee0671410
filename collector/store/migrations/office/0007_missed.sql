-- Missed calls that somebody says are taken care of, in another way than by calling back.

CREATE TABLE handled_misses (
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    PRIMARY KEY (source, offset)
);

CREATE TRIGGER handled_misses_stay BEFORE DELETE ON handled_misses BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER handled_misses_hold BEFORE UPDATE ON handled_misses BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
