-- What a retention policy took away. The sums keep the calls that are removed: these are how many they hold more than
-- there are calls.

CREATE TABLE removed (
    source TEXT PRIMARY KEY,
    calls INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    talk_s INTEGER NOT NULL
) WITHOUT ROWID;
