-- quota.db: limits that several accounts share, and what each account uses. The limits of one account and of its
-- mailboxes are in its mail.db, which also has the last word on what it uses.
--
-- Other programs may read this file while postfach runs; the views at the end are made for them.

PRAGMA application_id = 1349807718;

-- Domains and tenants, a tree: the limits of each hold for all accounts below it together.
CREATE TABLE quota_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,                             -- the name with ASCII letters in lower case
  name TEXT NOT NULL,                                   -- as it was given
  parent_id INTEGER REFERENCES quota_group (id),
  quota_bytes INTEGER CHECK (quota_bytes >= 0),         -- limits; NULL: unlimited
  quota_messages INTEGER CHECK (quota_messages >= 0),
  bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),  -- sums of the accounts in it and in the groups below it
  messages INTEGER NOT NULL DEFAULT 0 CHECK (messages >= 0)
);
CREATE INDEX quota_group_parent ON quota_group (parent_id);

-- What accounts use, or are about to: a change that grows is entered before it is committed in mail.db, one that
-- shrinks afterwards. So a limit of a group is never passed, whatever goes wrong in between.
CREATE TABLE usage (
  account_id INTEGER PRIMARY KEY,
  group_id INTEGER REFERENCES quota_group (id),
  is_assigned INTEGER NOT NULL DEFAULT 0,               -- 0: it is in the group of its domain, if there is one
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  messages INTEGER NOT NULL CHECK (messages >= 0),
  modseq INTEGER NOT NULL,                              -- of the change in mail.db that the figures belong to
  epoch INTEGER NOT NULL,                               -- the figures are certain if it is that of table state
  quota_bytes INTEGER,                                  -- the limits in mail.db, for lists
  quota_messages INTEGER
);
CREATE INDEX usage_group ON usage (group_id);
CREATE INDEX usage_epoch ON usage (epoch);

-- One row.
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  is_open INTEGER NOT NULL,                             -- 1: some process has the store open, or died with it
  epoch INTEGER NOT NULL                                -- one more after each such death
);
INSERT INTO state VALUES (1, 0, 1);

-- For panels and reports.
CREATE VIEW group_overview AS
SELECT g.name AS name, p.name AS parent, g.bytes AS bytes, g.messages AS messages, g.quota_bytes AS quota_bytes,
       g.quota_messages AS quota_messages
FROM quota_group AS g LEFT JOIN quota_group AS p ON p.id = g.parent_id;

CREATE VIEW usage_overview AS
SELECT account_id, g.name AS quota_group, u.bytes AS bytes, u.messages AS messages, u.quota_bytes AS quota_bytes,
       u.quota_messages AS quota_messages
FROM usage AS u LEFT JOIN quota_group AS g ON g.id = u.group_id;
