-- office.db: what people decided and noted. No projection: it cannot be made again from the journal, so nothing in it is
-- changed or deleted; a mistake is put right by another row. Times are POSIX seconds, days YYYY-MM-DD of the site, amounts
-- decimals as text.

CREATE TABLE adjustments (            -- amounts added to a budget by hand; a negative one takes back
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('top-up', 'approved')),
    scope TEXT NOT NULL CHECK (scope IN ('department', 'person', 'phone')),
    name TEXT NOT NULL,
    day TEXT NOT NULL,                -- the day from which it counts
    amount TEXT NOT NULL,
    reason TEXT NOT NULL
);

CREATE TABLE settlements (            -- a year's statement as it was when it was settled
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    year INTEGER NOT NULL,
    statement TEXT NOT NULL           -- JSON
);

CREATE TABLE budget_warnings (        -- what was told, once per share and month
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    month TEXT NOT NULL,              -- YYYY-MM
    share TEXT NOT NULL,              -- of what was available, in percent; 'over' beyond it
    at REAL NOT NULL,
    PRIMARY KEY (scope, name, month, share)
) WITHOUT ROWID;

CREATE TRIGGER adjustments_stay BEFORE DELETE ON adjustments BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER adjustments_hold BEFORE UPDATE ON adjustments BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER settlements_stay BEFORE DELETE ON settlements BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER settlements_hold BEFORE UPDATE ON settlements BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
