-- What serial ports reported of their lines, since the collector first read them. A source whose port reports nothing has
-- no row.

CREATE TABLE line_errors (
    source TEXT PRIMARY KEY,
    overruns INTEGER NOT NULL,        -- bytes lost because nobody took them in time
    framing INTEGER NOT NULL,         -- bytes whose stop bit was not where it should be
    parity INTEGER NOT NULL           -- bytes with a wrong parity bit
) WITHOUT ROWID;
