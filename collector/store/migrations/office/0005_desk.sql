-- The operator's log: what was said on calls, messages and their delivery, shifts handed over.

CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,                 -- who was at the desk
    source TEXT,                      -- the call it is about, where that is known
    offset INTEGER,
    number TEXT NOT NULL,
    caller TEXT NOT NULL,
    organisation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    handled TEXT NOT NULL,            -- who was given the call, or what was done
    CHECK ((source IS NULL) = (offset IS NULL))
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    note INTEGER REFERENCES notes (id),
    recipient TEXT NOT NULL,
    caller TEXT NOT NULL,
    contact TEXT NOT NULL,
    text TEXT NOT NULL
);

CREATE TABLE deliveries (             -- one for each message
    message INTEGER PRIMARY KEY REFERENCES messages (id),
    at REAL NOT NULL,
    by TEXT NOT NULL,
    receiver TEXT NOT NULL
);

CREATE TABLE handovers (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,                 -- who leaves
    successor TEXT NOT NULL,
    note TEXT NOT NULL,
    open_messages TEXT NOT NULL       -- JSON list of the messages not delivered then
);

CREATE TRIGGER notes_stay BEFORE DELETE ON notes BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER notes_hold BEFORE UPDATE ON notes BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER messages_stay BEFORE DELETE ON messages BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER messages_hold BEFORE UPDATE ON messages BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER deliveries_stay BEFORE DELETE ON deliveries BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER deliveries_hold BEFORE UPDATE ON deliveries BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER handovers_stay BEFORE DELETE ON handovers BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER handovers_hold BEFORE UPDATE ON handovers BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
