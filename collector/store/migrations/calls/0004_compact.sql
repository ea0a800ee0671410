-- Few bytes per call. What many rows share, they tell by number: texts are in `words`, what sums are kept by in
-- `combinations`. Of a leg nothing is stored that its call or the journal tells. The views `calls`, `legs` and `rollups`
-- show every row in full, and are what is read; the tables stored_* are what is written.

CREATE TABLE words (               -- sources, formats, carriers, persons
    id INTEGER PRIMARY KEY,
    word TEXT NOT NULL UNIQUE
);

CREATE TABLE combinations (        -- what sums are kept by
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL,       -- words.id
    direction TEXT NOT NULL,
    class TEXT NOT NULL,
    department TEXT NOT NULL,      -- '' when none, as the next two
    extension TEXT NOT NULL,
    trunk TEXT NOT NULL,
    UNIQUE (source, direction, class, department, extension, trunk)
);

CREATE TABLE stored_calls (
    seq INTEGER PRIMARY KEY,       -- changes whenever the call changes; outputs follow it
    source INTEGER NOT NULL,       -- words.id
    offset INTEGER NOT NULL,       -- identity: first leg's first byte in the source's stream
    combination INTEGER NOT NULL,  -- combinations.id: its direction, class, department, extension and trunk
    format INTEGER NOT NULL,       -- words.id
    start INTEGER NOT NULL,
    received REAL NOT NULL,
    resolution_s INTEGER NOT NULL,
    outcome INTEGER NOT NULL,      -- as the view `calls` spells it out
    number TEXT, peer_extension TEXT, answered_by TEXT, did TEXT,
    ring_s INTEGER, talk_s INTEGER, hold_s INTEGER,
    transferred INTEGER NOT NULL, conference INTEGER NOT NULL,
    account_code TEXT, auth_code TEXT, pbx_call_id TEXT, meter_pulses INTEGER, pbx_cost TEXT, currency TEXT,
    carrier INTEGER, person INTEGER,         -- words.id
    cost TEXT,
    flags TEXT,                    -- JSON array, null when empty
    legs TEXT,                     -- JSON array of leg offsets, null when there is but the one at `offset`
    open INTEGER NOT NULL,         -- 1 while more legs are certain to come: not sent to outputs yet
    former TEXT,                   -- JSON array of the starts under which outputs may have seen the call with another
                                   -- direction, outcome, class, department, extension, trunk, carrier or start: they
                                   -- delete those points first; null when there are none
    CHECK (open IN (0, 1))
);

CREATE TABLE stored_legs (
    source INTEGER NOT NULL,       -- words.id
    offset INTEGER NOT NULL,
    size INTEGER,                  -- bytes of its frame in the journal; null when `leg` has its text
    call INTEGER,                  -- offset of the call's first leg; null in that leg itself
    received REAL,                 -- null when it is that of the call
    extra TEXT,                    -- JSON: what else the vendor prints
    leg TEXT,                      -- JSON: what is not as its call tells; null when that is nothing
    PRIMARY KEY (source, offset)
) WITHOUT ROWID;

CREATE TABLE stored_sums (         -- one row per local hour and combination; longer periods are sums of hours
    seq INTEGER PRIMARY KEY,       -- changes whenever the row changes; outputs follow it
    combination INTEGER NOT NULL,  -- combinations.id
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
    UNIQUE (combination, hour)
);

INSERT INTO words (word)
SELECT source FROM calls UNION SELECT source FROM legs UNION SELECT source FROM rollups UNION SELECT format FROM calls
UNION SELECT carrier FROM calls WHERE carrier IS NOT NULL UNION SELECT person FROM calls WHERE person IS NOT NULL;

INSERT INTO combinations (source, direction, class, department, extension, trunk)
SELECT words.id, direction, class, department, extension, trunk FROM (
    SELECT source, direction, class, coalesce(department, '') AS department, coalesce(extension, '') AS extension,
        coalesce(trunk, '') AS trunk
    FROM calls
    UNION SELECT source, direction, class, department, extension, trunk FROM rollups
) AS used JOIN words ON words.word = used.source;

INSERT INTO stored_calls
SELECT seq, sources.id, offset, combinations.id, formats.id, start, received, resolution_s,
    CASE outcome WHEN 'answered' THEN 0 WHEN 'unanswered' THEN 1 WHEN 'busy' THEN 2 WHEN 'failed' THEN 3 ELSE 4 END,
    number, peer_extension, answered_by, did, ring_s, talk_s, hold_s, transferred, conference, account_code, auth_code,
    pbx_call_id, meter_pulses, pbx_cost, currency,
    (SELECT id FROM words WHERE word = carrier), (SELECT id FROM words WHERE word = person), cost,
    nullif(flags, '[]'), nullif(legs, '[' || offset || ']'), open, CASE WHEN retagged THEN json_array(start) END
FROM calls
JOIN words AS sources ON sources.word = calls.source
JOIN words AS formats ON formats.word = calls.format
JOIN combinations ON combinations.source = sources.id AND combinations.direction = calls.direction
    AND combinations.class = calls.class AND combinations.department = coalesce(calls.department, '')
    AND combinations.extension = coalesce(calls.extension, '') AND combinations.trunk = coalesce(calls.trunk, '');

INSERT INTO stored_legs
SELECT words.id, offset, NULL, call, received, NULL, leg FROM legs JOIN words ON words.word = legs.source;

INSERT INTO stored_sums
SELECT seq, combinations.id, hour, calls, answered, unanswered, busy, failed, ring_known, ring_s, within_target, talk_s,
    cost_micros, held_s
FROM rollups JOIN words ON words.word = rollups.source
JOIN combinations ON combinations.source = words.id AND combinations.direction = rollups.direction
    AND combinations.class = rollups.class AND combinations.department = rollups.department
    AND combinations.extension = rollups.extension AND combinations.trunk = rollups.trunk;

DROP TABLE calls;
DROP TABLE legs;
DROP TABLE rollups;

CREATE UNIQUE INDEX stored_calls_identity ON stored_calls (source, offset);
CREATE INDEX stored_calls_start ON stored_calls (start);
CREATE INDEX stored_calls_open ON stored_calls (received) WHERE open;
CREATE INDEX stored_sums_hour ON stored_sums (hour);

CREATE VIEW calls AS
SELECT seq, sources.word AS source, offset, formats.word AS format, start, resolution_s, direction,
    CASE outcome WHEN 0 THEN 'answered' WHEN 1 THEN 'unanswered' WHEN 2 THEN 'busy' WHEN 3 THEN 'failed' ELSE 'unknown'
    END AS outcome,
    class, nullif(extension, '') AS extension, peer_extension, answered_by, nullif(trunk, '') AS trunk, number, did,
    ring_s, talk_s, hold_s, transferred, conference, account_code, auth_code, pbx_call_id, meter_pulses, pbx_cost, currency,
    carriers.word AS carrier, nullif(department, '') AS department, persons.word AS person, cost,
    coalesce(flags, '[]') AS flags, coalesce(legs, '[' || offset || ']') AS legs, received, open,
    coalesce(former, '[]') AS former
FROM stored_calls
JOIN words AS sources ON sources.id = stored_calls.source
JOIN words AS formats ON formats.id = stored_calls.format
JOIN combinations ON combinations.id = stored_calls.combination
LEFT JOIN words AS carriers ON carriers.id = stored_calls.carrier
LEFT JOIN words AS persons ON persons.id = stored_calls.person;

CREATE VIEW legs AS
SELECT sources.word AS source, legs.offset, size, stored_calls.offset AS call,
    coalesce(legs.received, stored_calls.received) AS received, extra, leg
FROM stored_legs AS legs
JOIN words AS sources ON sources.id = legs.source
LEFT JOIN stored_calls ON stored_calls.source = legs.source AND stored_calls.offset = coalesce(call, legs.offset);

CREATE VIEW rollups AS
SELECT seq, word AS source, direction, class, department, extension, trunk, hour, calls, answered, unanswered, busy, failed,
    ring_known, ring_s, within_target, talk_s, cost_micros, held_s
FROM stored_sums
JOIN combinations ON combinations.id = stored_sums.combination
JOIN words ON words.id = combinations.source;
