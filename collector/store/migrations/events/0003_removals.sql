CREATE TABLE removals (               -- what a retention policy took away, and when
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('raw', 'calls', 'personal')),
    source TEXT NOT NULL,
    before REAL NOT NULL,             -- everything of before this moment
    amount INTEGER NOT NULL,          -- bytes; calls
    until INTEGER,                    -- of raw bytes: the stream begins here now
    UNIQUE (what, source, until)
);
