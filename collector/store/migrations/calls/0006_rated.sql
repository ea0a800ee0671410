-- Seconds that a call is charged for, beside those that it lasted.

ALTER TABLE stored_calls ADD COLUMN rated_s INTEGER;

DROP VIEW calls;
CREATE VIEW calls AS
SELECT seq, sources.word AS source, offset, formats.word AS format, start, resolution_s, direction,
    CASE outcome WHEN 0 THEN 'answered' WHEN 1 THEN 'unanswered' WHEN 2 THEN 'busy' WHEN 3 THEN 'failed' ELSE 'unknown'
    END AS outcome,
    class, nullif(extension, '') AS extension, peer_extension, answered_by, nullif(trunk, '') AS trunk, number, did,
    ring_s, talk_s, hold_s, transferred, conference, account_code, auth_code, pbx_call_id, meter_pulses, pbx_cost, currency,
    carriers.word AS carrier, nullif(department, '') AS department, persons.word AS person, cost, rated_s,
    coalesce(flags, '[]') AS flags, coalesce(legs, '[' || offset || ']') AS legs, received, open,
    coalesce(former, '[]') AS former
FROM stored_calls
JOIN words AS sources ON sources.id = stored_calls.source
JOIN words AS formats ON formats.id = stored_calls.format
JOIN combinations ON combinations.id = stored_calls.combination
LEFT JOIN words AS carriers ON carriers.id = stored_calls.carrier
LEFT JOIN words AS persons ON persons.id = stored_calls.person;
