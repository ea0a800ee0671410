-- calls.db: a projection of the journal. Everything here can be dropped and rebuilt from it.
-- Times: start is whole seconds since 1970 UTC; received is POSIX seconds with fraction; hour is the UTC second
-- at which a local hour begins.

CREATE TABLE cursors (             -- how far each lane of a source's stream has been projected
    source TEXT NOT NULL,
    lane INTEGER NOT NULL,         -- simultaneous connections of one source are separate lanes
    position INTEGER NOT NULL,     -- first byte of the lane not yet in a complete frame (offset in the source's stream)
    state TEXT NOT NULL,           -- of the framer: after a lone CR, or inside a line that is too long
    tail TEXT NOT NULL,            -- class of the last frame: a late line end is counted with its line
    PRIMARY KEY (source, lane)
) WITHOUT ROWID;

CREATE TABLE sources (             -- what every source has given so far; the conservation identity is read from here
    source TEXT PRIMARY KEY,
    format TEXT,                   -- the format in force (pinned by detection when configured as "auto")
    record_bytes INTEGER NOT NULL DEFAULT 0,
    rejected_bytes INTEGER NOT NULL DEFAULT 0,
    noise_bytes INTEGER NOT NULL DEFAULT 0,
    legs INTEGER NOT NULL DEFAULT 0,
    calls INTEGER NOT NULL DEFAULT 0,
    rejected INTEGER NOT NULL DEFAULT 0,
    noise INTEGER NOT NULL DEFAULT 0,
    last_record REAL,              -- receive time of the last accepted record
    drift_s REAL                   -- PBX clock minus receive time, least delayed of the last live records
) WITHOUT ROWID;

CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,       -- changes whenever the call changes; outputs follow it
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,       -- identity: first leg's first byte in the source's stream
    format TEXT NOT NULL,
    start INTEGER NOT NULL,
    resolution_s INTEGER NOT NULL,
    direction TEXT NOT NULL,
    outcome TEXT NOT NULL,
    class TEXT NOT NULL,
    extension TEXT, peer_extension TEXT, answered_by TEXT, trunk TEXT, number TEXT, did TEXT,
    ring_s INTEGER, talk_s INTEGER, hold_s INTEGER,
    transferred INTEGER NOT NULL, conference INTEGER NOT NULL,
    account_code TEXT, auth_code TEXT, pbx_call_id TEXT, meter_pulses INTEGER, pbx_cost TEXT, currency TEXT,
    carrier TEXT, department TEXT, person TEXT, cost TEXT,
    flags TEXT NOT NULL,           -- JSON array
    legs TEXT NOT NULL,            -- JSON array of leg offsets
    received REAL NOT NULL,
    open INTEGER NOT NULL,         -- 1 while more legs are certain to come: not sent to outputs yet
    retagged INTEGER NOT NULL,     -- 1 when direction, outcome, class, department, extension, trunk, carrier or start
                                   -- changed after outputs may have seen the call: they delete the old point first
    CHECK (open IN (0, 1) AND retagged IN (0, 1))
);
CREATE UNIQUE INDEX calls_identity ON calls (source, offset);
CREATE INDEX calls_start ON calls (start);
CREATE INDEX calls_open ON calls (received) WHERE open;

CREATE TABLE legs (
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    call INTEGER NOT NULL,         -- offset of the call's first leg
    received REAL NOT NULL,
    leg TEXT NOT NULL,             -- JSON of the leg
    PRIMARY KEY (source, offset)
) WITHOUT ROWID;

CREATE TABLE joining (             -- calls a later leg may still belong to
    source TEXT NOT NULL,
    key TEXT NOT NULL,
    call INTEGER NOT NULL,         -- offset of the call's first leg
    PRIMARY KEY (source, key)
) WITHOUT ROWID;

CREATE TABLE rejected (
    source TEXT NOT NULL,
    offset INTEGER NOT NULL,
    received REAL NOT NULL,
    reason TEXT NOT NULL,
    hint TEXT NOT NULL,
    raw TEXT NOT NULL,             -- latin-1, at most one framer buffer long
    PRIMARY KEY (source, offset)
) WITHOUT ROWID;

CREATE TABLE noise (
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (source, reason)
) WITHOUT ROWID;

CREATE TABLE rollups (             -- one row per local hour and combination; longer periods are sums of hours
    seq INTEGER NOT NULL,          -- changes whenever the row changes; outputs follow it
    source TEXT NOT NULL,
    direction TEXT NOT NULL,
    class TEXT NOT NULL,
    department TEXT NOT NULL,      -- '' when none
    extension TEXT NOT NULL,
    trunk TEXT NOT NULL,
    hour INTEGER NOT NULL,
    calls INTEGER NOT NULL,        -- counted in the hour they start in, as are the next nine
    answered INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    busy INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    ring_known INTEGER NOT NULL,   -- answered calls whose ring time is reported
    ring_s INTEGER NOT NULL,       -- their ring times, summed
    within_target INTEGER NOT NULL,-- of them, those answered within the site's target
    talk_s INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    held_s INTEGER NOT NULL,       -- seconds of occupancy (ring, talk, hold) that fall in this hour; Erlangs = held_s / 3600
    PRIMARY KEY (source, direction, class, department, extension, trunk, hour)
) WITHOUT ROWID;
CREATE INDEX rollups_hour ON rollups (hour);
CREATE INDEX rollups_seq ON rollups (seq);

CREATE TABLE links (               -- state of every input, written when it changes
    source TEXT PRIMARY KEY,
    state TEXT NOT NULL,           -- connecting, open, waiting, closed, failed
    detail TEXT NOT NULL,          -- a sentence: why it waits, who is connected
    since REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE outputs (
    output TEXT PRIMARY KEY,
    state TEXT NOT NULL,           -- ok, retrying, refused
    calls_seq INTEGER NOT NULL,    -- everything up to here is confirmed by the server
    rollups_seq INTEGER NOT NULL,
    last_error TEXT,
    since REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE quarantine (          -- points a server refused for good, kept with its words
    output TEXT NOT NULL,
    point TEXT NOT NULL,
    reason TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (output, point)
) WITHOUT ROWID;

CREATE TABLE sequence (last INTEGER NOT NULL);   -- one counter for calls.seq and rollups.seq
INSERT INTO sequence VALUES (0);
