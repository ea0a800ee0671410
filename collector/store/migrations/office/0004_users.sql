-- Who may use the console, and who looked at what.

CREATE TABLE users (                  -- every state a user was in; the last one of a name holds
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('technician', 'operator', 'supervisor', 'manager', 'department-head', 'auditor',
        'administrator')),
    department TEXT,                  -- of a department head: whose calls are seen
    language TEXT CHECK (language IN ('en', 'zh')),   -- NULL: the console's
    disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
    CHECK ((role = 'department-head') = (department IS NOT NULL))
);

CREATE TABLE secrets (                -- the one table whose rows are replaced: a former password is of no use
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,           -- argon2id
    totp TEXT,                        -- base32; NULL: no second factor
    totp_used INTEGER NOT NULL DEFAULT 0   -- the last half minute whose code was taken: a code works once
) WITHOUT ROWID;

CREATE TABLE audit (                  -- who did what in the console, and from where
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    user TEXT NOT NULL,
    role TEXT NOT NULL,               -- '' while nobody is logged in
    address TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN ('setup', 'login', 'failed', 'logout', 'view', 'export', 'refused', 'change')),
    page TEXT NOT NULL,
    detail TEXT NOT NULL              -- what was chosen there: the parameters of the address
);

CREATE TRIGGER users_stay BEFORE DELETE ON users BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER users_hold BEFORE UPDATE ON users BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
CREATE TRIGGER audit_stay BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'nothing is deleted'); END;
CREATE TRIGGER audit_hold BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'nothing is changed'); END;
