-- Calls that break a rule. `violations` is judged anew from the calls again and again, and is the one table here whose
-- rows change; none is deleted. What people did about one is in `violation_states`, where nothing changes.

CREATE TABLE violations (
    rule TEXT NOT NULL,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,          -- with `source` the identity of the call
    at INTEGER NOT NULL,              -- when the call began, POSIX seconds
    department TEXT NOT NULL,         -- '' where not known, as the next five
    person TEXT NOT NULL,
    extension TEXT NOT NULL,
    number TEXT NOT NULL,
    class TEXT NOT NULL,
    cost TEXT NOT NULL,
    amount TEXT NOT NULL,             -- what the rule charges, without what missed calls take away
    saved TEXT,                       -- what the call would have cost less
    what TEXT NOT NULL,
    judged REAL NOT NULL,             -- when it was first found, POSIX seconds
    fallen REAL,                      -- since when the call no longer breaks the rule; null while it does
    PRIMARY KEY (rule, source, offset)
) WITHOUT ROWID;
CREATE INDEX violations_at ON violations (at);

CREATE TABLE violation_states (
    id INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('explained', 'waived', 'charged')),
    reason TEXT NOT NULL,
    amount TEXT,                      -- what was charged
    FOREIGN KEY (rule, source, offset) REFERENCES violations (rule, source, offset),
    CHECK ((state = 'charged') = (amount IS NOT NULL))
);
CREATE INDEX violation_states_of ON violation_states (rule, source, offset);

CREATE TABLE private_calls (          -- calls marked as private afterwards; the last row of a call counts
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    private INTEGER NOT NULL CHECK (private IN (0, 1))
);

CREATE TRIGGER violations_stay BEFORE DELETE ON violations BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER violation_states_stay BEFORE DELETE ON violation_states BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER violation_states_hold BEFORE UPDATE ON violation_states BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER private_calls_stay BEFORE DELETE ON private_calls BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER private_calls_hold BEFORE UPDATE ON private_calls BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
