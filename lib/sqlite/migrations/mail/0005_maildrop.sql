-- POP3 and what it deletes. Bit 64 of message.flags: a POP3 client has deleted the message, and POP3 does not show it any
-- more; kept by MOVE, not by COPY.

-- Messages that are to go at a time, unless somebody moves them before. A row goes with its message.
CREATE TABLE removal (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id) ON DELETE CASCADE,
  uid INTEGER NOT NULL,
  due INTEGER NOT NULL,     -- seconds since 1970-01-01T00:00:00Z
  action INTEGER NOT NULL,  -- 0 expunge, 1 hide from POP3, 2 move to Trash
  PRIMARY KEY (mailbox_id, uid)
) WITHOUT ROWID;
CREATE INDEX removal_due ON removal (due);

-- What has left the window of the newest messages stays out of it, also when newer ones go.
CREATE TABLE maildrop_floor (
  mailbox_id INTEGER PRIMARY KEY REFERENCES mailbox (id) ON DELETE CASCADE,
  newest INTEGER NOT NULL,  -- the window; of another size it begins anew
  uid INTEGER NOT NULL      -- messages below it have left
);
