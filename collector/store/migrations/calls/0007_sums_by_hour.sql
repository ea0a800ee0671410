-- The sums of a range of hours lie side by side, and an index has all that ring times are counted by: a page of the
-- console reads a month of a large office in a fraction of a second.

DROP VIEW rollups;
ALTER TABLE stored_sums RENAME TO sums_by_seq;

CREATE TABLE stored_sums (         -- one row per local hour and combination; longer periods are sums of hours
    seq INTEGER NOT NULL,          -- changes whenever the row changes; outputs follow it
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
    PRIMARY KEY (hour, combination)
) WITHOUT ROWID;

INSERT INTO stored_sums SELECT * FROM sums_by_seq ORDER BY hour, combination;
DROP TABLE sums_by_seq;

CREATE UNIQUE INDEX stored_sums_combination ON stored_sums (combination, hour);
CREATE UNIQUE INDEX stored_sums_seq ON stored_sums (seq);

CREATE VIEW rollups AS
SELECT seq, combination, word AS source, direction, class, department, extension, trunk, hour, calls, answered, unanswered, busy, failed,
    ring_known, ring_s, within_target, talk_s, cost_micros, held_s
FROM stored_sums
JOIN combinations ON combinations.id = stored_sums.combination
JOIN words ON words.id = combinations.source;

DROP INDEX stored_calls_start;
CREATE INDEX stored_calls_start ON stored_calls (start, seq, combination, outcome, ring_s);
