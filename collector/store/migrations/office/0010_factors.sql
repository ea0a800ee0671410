-- The second factor as its user sets it up, and sessions of the console, which go on when it starts anew.

CREATE TABLE recovery_codes (         -- in place of a one-time code, each once; replaced with the secret
    name TEXT NOT NULL,
    hash TEXT NOT NULL,               -- SHA-256: a code is random, and too long to be tried out
    used REAL,                        -- when it was, POSIX seconds
    PRIMARY KEY (name, hash)
) WITHOUT ROWID;

CREATE TABLE sessions (               -- a row goes when its session ends: the audit trail keeps that it was
    mark TEXT PRIMARY KEY,            -- SHA-256 of the key, which the browser alone has
    user INTEGER NOT NULL REFERENCES users (id),   -- the state the user was in at the login
    begun REAL NOT NULL,              -- POSIX seconds, as the next
    used REAL NOT NULL,
    address TEXT NOT NULL,
    browser TEXT NOT NULL
) WITHOUT ROWID;
