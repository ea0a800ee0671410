-- Bills of carriers that were compared with the calls in the console, and what came out, line by line.

CREATE TABLE bills (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,                 -- POSIX seconds
    by TEXT NOT NULL,
    file TEXT NOT NULL,               -- what the file was called
    mapping TEXT NOT NULL,            -- TOML: which column is what
    drift_least INTEGER NOT NULL,     -- how far the carrier's clock was ahead, seconds
    drift_most INTEGER NOT NULL
);

CREATE TABLE bill_results (
    bill INTEGER NOT NULL REFERENCES bills (id),
    result TEXT NOT NULL,
    calls INTEGER NOT NULL,
    billed TEXT NOT NULL,             -- decimal, as the next
    cost TEXT NOT NULL,
    PRIMARY KEY (bill, result)
) WITHOUT ROWID;

CREATE TABLE bill_lines (             -- '' and NULL where a side has no such call
    bill INTEGER NOT NULL REFERENCES bills (id),
    place INTEGER NOT NULL,
    result TEXT NOT NULL,
    row INTEGER,                      -- of the bill
    number TEXT NOT NULL,
    billed_start TEXT NOT NULL,
    billed_s INTEGER,
    amount TEXT NOT NULL,
    source TEXT NOT NULL,             -- with `offset` the identity of the call
    offset INTEGER,
    start TEXT NOT NULL,
    talk_s INTEGER,
    cost TEXT NOT NULL,
    difference TEXT NOT NULL,
    PRIMARY KEY (bill, place)
) WITHOUT ROWID;
CREATE INDEX bill_lines_of ON bill_lines (bill, result, place);

CREATE TRIGGER bills_stay BEFORE DELETE ON bills BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER bills_hold BEFORE UPDATE ON bills BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER bill_results_stay BEFORE DELETE ON bill_results BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER bill_results_hold BEFORE UPDATE ON bill_results BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER bill_lines_stay BEFORE DELETE ON bill_lines BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER bill_lines_hold BEFORE UPDATE ON bill_lines BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
