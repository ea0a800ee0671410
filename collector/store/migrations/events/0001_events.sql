-- events.db: what happened to the collector and its lines, by its own clock. No projection: it cannot be made again from
-- the journal. Times are POSIX seconds with fraction.

CREATE TABLE link_events (            -- every change of a link's state
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    at REAL NOT NULL,
    state TEXT NOT NULL,              -- connecting, open, waiting, closed, failed
    detail TEXT NOT NULL              -- the sentence about it
);
CREATE INDEX link_events_source ON link_events (source, at);

CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,               -- silence, link, clock, output, disk, backup
    subject TEXT NOT NULL,            -- name of the source or output it is about, or of the file
    raised REAL NOT NULL,
    sentence TEXT NOT NULL,
    cleared REAL,                     -- NULL while it stands
    recovery TEXT
);
CREATE UNIQUE INDEX alarms_standing ON alarms (kind, subject) WHERE cleared IS NULL;
CREATE INDEX alarms_raised ON alarms (raised);

CREATE TABLE deliveries (             -- what is to be told to whom, once each
    alarm INTEGER NOT NULL REFERENCES alarms (id),
    event TEXT NOT NULL CHECK (event IN ('raised', 'cleared')),
    channel TEXT NOT NULL,            -- webhook, mail
    delivered REAL,                   -- NULL while it is still to be told
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    PRIMARY KEY (alarm, event, channel)
) WITHOUT ROWID;
