-- How far calls are judged, and why a violation is one, apart from any language.

ALTER TABLE violations ADD COLUMN said TEXT;   -- JSON: keys of sentences with their values; null: an earlier release judged
                                               -- it, and `what` has the English sentence, which is '' otherwise

CREATE TABLE judging (                -- one row
    id INTEGER PRIMARY KEY CHECK (id = 1),
    file INTEGER NOT NULL,            -- the calls.db (its inode) whose calls were looked at
    seq INTEGER NOT NULL,             -- up to this change of a call
    tables TEXT NOT NULL,             -- SHA-256 of the tables and settings by which calls were judged
    looked REAL NOT NULL,             -- when it was last looked what is to be judged, POSIX seconds
    judged REAL                       -- when nothing was left to be judged; null: never yet
);

CREATE TABLE due_days (               -- days of the site, YYYY-MM-DD, whose calls are to be judged
    day TEXT PRIMARY KEY,
    noted REAL NOT NULL               -- by which look; noted anew while it is being judged, a day stays
) WITHOUT ROWID;
