CREATE TABLE publications (           -- the reports that are to be published, each once in each way
    report TEXT NOT NULL,             -- its name in the configuration
    period TEXT NOT NULL,             -- 2026-01-31, 2026-W05, 2026-01, 2026-Q1, 2026
    way TEXT NOT NULL CHECK (way IN ('folder', 'mail')),
    published REAL,                   -- NULL while it is still to be done
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,                       -- why the last attempt failed
    PRIMARY KEY (report, period, way)
) WITHOUT ROWID;
