-- What POP3 does with an account's messages, where that is not what the store does for all.
CREATE TABLE maildrop_policy (
  account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  on_delete INTEGER NOT NULL,       -- 0 expunge, 1 hide, 2 trash, 3 keep
  keep_days INTEGER NOT NULL,
  retr_sets_seen INTEGER NOT NULL,
  mailboxes TEXT NOT NULL,          -- names, one a line
  newest INTEGER NOT NULL,          -- 0: all
  days INTEGER NOT NULL,            -- 0: all
  login_delay INTEGER NOT NULL,     -- seconds
  expire_days INTEGER               -- NULL: never
);
-- CAPA announces the extremes of all accounts.
CREATE INDEX maildrop_policy_delay ON maildrop_policy (login_delay);
CREATE INDEX maildrop_policy_expire ON maildrop_policy (expire_days);

-- Accounts in whose table removal something may be due. A row is written before the removal is. What a look finds to be
-- next, or nothing, is believed only after a second look an hour later: so nothing is forgotten that was announced before
-- the first and committed after it.
CREATE TABLE maildrop_due (
  account_id INTEGER PRIMARY KEY REFERENCES account (id) ON DELETE CASCADE,
  due INTEGER NOT NULL,             -- seconds since 1970-01-01T00:00:00Z
  is_idle INTEGER NOT NULL          -- 1: nothing was announced since the last look, which is done again then
);
CREATE INDEX maildrop_due_due ON maildrop_due (due);
