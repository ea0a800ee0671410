-- Faults of the equipment, what was done about each, and the rounds on which it is inspected.

CREATE TABLE tickets (                -- one for each fault
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,                 -- when it was reported, or its alarm raised
    by TEXT NOT NULL,                 -- 'smdr': by an alarm
    equipment TEXT NOT NULL,
    fault TEXT NOT NULL
);

CREATE TABLE ticket_events (          -- what happened about a fault; the last repairing or solved is its state
    id INTEGER PRIMARY KEY,
    ticket INTEGER NOT NULL REFERENCES tickets (id),
    at REAL NOT NULL,
    by TEXT NOT NULL,
    event TEXT NOT NULL CHECK (event IN ('repairing', 'solved', 'note', 'raised', 'recovered')),
    text TEXT NOT NULL,
    kind TEXT,                        -- with the next two the alarm that was raised or is over
    subject TEXT,
    raised REAL,
    CHECK ((event IN ('raised', 'recovered')) = (kind IS NOT NULL AND subject IS NOT NULL AND raised IS NOT NULL))
);
CREATE INDEX ticket_events_of ON ticket_events (ticket);
CREATE UNIQUE INDEX ticket_events_alarms ON ticket_events (event, kind, subject, raised) WHERE kind IS NOT NULL;

CREATE TABLE ticketing (              -- alarms that were over before this moment have no ticket
    since REAL NOT NULL
);
INSERT INTO ticketing VALUES ((julianday('now') - 2440587.5) * 86400.0);

CREATE TABLE rounds (                 -- every state a round was in; the last one of a name holds
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    name TEXT NOT NULL,
    equipment TEXT NOT NULL,          -- JSON list of what is looked at
    every_days INTEGER NOT NULL CHECK (every_days > 0),
    first_day TEXT NOT NULL,          -- when it is due for the first time
    retired INTEGER NOT NULL CHECK (retired IN (0, 1))
);

CREATE TABLE inspections (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,                 -- when it was written down
    by TEXT NOT NULL,                 -- by whom
    round TEXT NOT NULL,
    day TEXT NOT NULL,
    inspector TEXT NOT NULL,
    faulty TEXT NOT NULL,             -- JSON list of what was not in order
    remark TEXT NOT NULL
);
CREATE INDEX inspections_of ON inspections (round, day);

CREATE TRIGGER tickets_stay BEFORE DELETE ON tickets BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER tickets_hold BEFORE UPDATE ON tickets BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER ticket_events_stay BEFORE DELETE ON ticket_events BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER ticket_events_hold BEFORE UPDATE ON ticket_events BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER rounds_stay BEFORE DELETE ON rounds BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER rounds_hold BEFORE UPDATE ON rounds BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER inspections_stay BEFORE DELETE ON inspections BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER inspections_hold BEFORE UPDATE ON inspections BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
