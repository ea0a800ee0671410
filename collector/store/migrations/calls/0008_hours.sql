-- What an hour comes to over departments, extensions and trunks: a page that shows a year reads a few rows of each of its
-- hours, and not one for every extension that was called in them.

CREATE TABLE stored_hours (
    hour INTEGER NOT NULL,
    source INTEGER NOT NULL,       -- words.id
    direction TEXT NOT NULL,
    class TEXT NOT NULL,
    calls INTEGER NOT NULL,        -- as in stored_sums, and all that follow
    answered INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    busy INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    ring_known INTEGER NOT NULL,
    ring_s INTEGER NOT NULL,
    within_target INTEGER NOT NULL,
    talk_s INTEGER NOT NULL,
    cost_micros INTEGER NOT NULL,
    held_s INTEGER NOT NULL,
    PRIMARY KEY (hour, source, direction, class)
) WITHOUT ROWID;

INSERT INTO stored_hours
SELECT hour, source, direction, class, sum(calls), sum(answered), sum(unanswered), sum(busy), sum(failed), sum(ring_known),
    sum(ring_s), sum(within_target), sum(talk_s), sum(cost_micros), sum(held_s)
FROM stored_sums JOIN combinations ON combinations.id = combination
GROUP BY hour, source, direction, class;

CREATE VIEW hours AS
SELECT hour, word AS source, direction, class, calls, answered, unanswered, busy, failed, ring_known, ring_s, within_target,
    talk_s, cost_micros, held_s
FROM stored_hours JOIN words ON words.id = stored_hours.source;

-- A word that nobody asks for is not looked up: sums over calls ask for few of them.
DROP VIEW calls;
CREATE VIEW calls AS
SELECT seq, sources.word AS source, offset, (SELECT word FROM words WHERE id = format) AS format, start, resolution_s, direction,
    CASE outcome WHEN 0 THEN 'answered' WHEN 1 THEN 'unanswered' WHEN 2 THEN 'busy' WHEN 3 THEN 'failed' ELSE 'unknown'
    END AS outcome,
    class, nullif(extension, '') AS extension, peer_extension, answered_by, nullif(trunk, '') AS trunk, number, did,
    ring_s, talk_s, hold_s, transferred, conference, account_code, auth_code, pbx_call_id, meter_pulses, pbx_cost, currency,
    (SELECT word FROM words WHERE id = carrier) AS carrier, nullif(department, '') AS department,
    (SELECT word FROM words WHERE id = person) AS person, cost, rated_s,
    coalesce(flags, '[]') AS flags, coalesce(legs, '[' || offset || ']') AS legs, received, open,
    coalesce(former, '[]') AS former
FROM stored_calls
JOIN words AS sources ON sources.id = stored_calls.source
JOIN combinations ON combinations.id = stored_calls.combination;
