-- Searches that users of the console have given a name. They are written over and deleted, as drafts are.

CREATE TABLE saved_searches (
    user TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,              -- the parameters of the page's address
    role TEXT,                        -- who else is offered it; NULL: nobody
    at REAL NOT NULL,
    PRIMARY KEY (user, name)
) WITHOUT ROWID;
