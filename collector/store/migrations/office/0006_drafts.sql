-- What somebody is typing at the operator's desk, so that it outlives browser and console. Gone once it is kept.

CREATE TABLE drafts (
    user TEXT PRIMARY KEY,
    at REAL NOT NULL,
    fields TEXT NOT NULL              -- JSON object
);
