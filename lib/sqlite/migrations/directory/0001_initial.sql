-- directory.db: which accounts there are and how they are found. Their mail is in accounts/<xx>/<id>/.
-- Other programs may read this file while postfach runs; the view at the end is made for them.

PRAGMA application_id = 1349807716;

CREATE TABLE account (
  id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused
  name TEXT NOT NULL,                     -- as it was given
  enabled INTEGER NOT NULL DEFAULT 1,     -- 0: nobody can log in; mail is still delivered
  password_hash TEXT NOT NULL DEFAULT '', -- crypt(3); empty: nobody can log in
  created INTEGER NOT NULL                -- seconds since 1970-01-01T00:00:00Z
);

-- Everything that an account is called, its own name included. One table, because a name that leads to an account by
-- one way must not lead to another account by a second one.
CREATE TABLE identity (
  key TEXT PRIMARY KEY,                   -- the name with ASCII letters in lower case
  name TEXT NOT NULL,                     -- as it was given
  account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
  is_name INTEGER NOT NULL DEFAULT 0,     -- the account's own name, which is a login and an address too
  is_login INTEGER NOT NULL DEFAULT 0,
  is_address INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX identity_account ON identity (account_id);

-- For panels and reports.
CREATE VIEW account_overview AS
SELECT id, name, enabled, password_hash <> '' AS has_password, datetime(created, 'unixepoch') AS created FROM account;
