-- Applications for calls that are not granted to a phone, deposits of outsiders, receipts of calls.

CREATE TABLE applications (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,                 -- who wrote it down
    department TEXT NOT NULL,
    caller TEXT NOT NULL,             -- the person who calls, or called
    extension TEXT NOT NULL,          -- '' for any
    number TEXT NOT NULL,             -- '' for any
    place TEXT NOT NULL,
    organisation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    first_day TEXT NOT NULL,          -- days on which the calls are made, both included
    last_day TEXT NOT NULL
);

CREATE TABLE decisions (              -- one for each application
    application INTEGER PRIMARY KEY REFERENCES applications (id),
    at REAL NOT NULL,
    by TEXT NOT NULL,
    approved INTEGER NOT NULL CHECK (approved IN (0, 1)),
    reason TEXT NOT NULL
);

CREATE TABLE delegations (            -- an approver has another one decide for some days
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    approver TEXT NOT NULL,
    delegate TEXT NOT NULL,
    first_day TEXT NOT NULL,
    last_day TEXT NOT NULL
);

CREATE TABLE deposits (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    payer TEXT NOT NULL,
    organisation TEXT NOT NULL,
    contact TEXT NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL
);

CREATE TABLE receipts (               -- one for each call, as it was when it was written
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    deposit INTEGER REFERENCES deposits (id),
    payer TEXT NOT NULL,
    extension TEXT NOT NULL,
    number TEXT NOT NULL,
    start TEXT NOT NULL,              -- as the site's clocks showed it, with offset
    talk_s INTEGER NOT NULL,
    amount TEXT NOT NULL,
    currency TEXT NOT NULL,
    UNIQUE (source, offset)
);

CREATE TABLE deposit_settlements (
    deposit INTEGER PRIMARY KEY REFERENCES deposits (id),
    at REAL NOT NULL,
    by TEXT NOT NULL,
    spent TEXT NOT NULL,
    refunded TEXT NOT NULL,           -- given back; negative: still to be paid, and paid
    currency TEXT NOT NULL
);

CREATE TRIGGER applications_stay BEFORE DELETE ON applications BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER applications_hold BEFORE UPDATE ON applications BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER decisions_stay BEFORE DELETE ON decisions BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER decisions_hold BEFORE UPDATE ON decisions BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER delegations_stay BEFORE DELETE ON delegations BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER delegations_hold BEFORE UPDATE ON delegations BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER deposits_stay BEFORE DELETE ON deposits BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER deposits_hold BEFORE UPDATE ON deposits BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER receipts_hold BEFORE UPDATE ON receipts BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER deposit_settlements_stay BEFORE DELETE ON deposit_settlements BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER deposit_settlements_hold BEFORE UPDATE ON deposit_settlements BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
