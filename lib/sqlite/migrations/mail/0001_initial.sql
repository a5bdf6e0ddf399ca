-- mail.db: everything of one account but its large messages, which are files in large/ beside it.
--
-- Other programs may read this file while postfach runs (open it read-only); the views at the end are made for them
-- and stay the same when the tables change. Nothing but postfach may write.

PRAGMA application_id = 1349807724;

-- One row: the counters of the whole account.
CREATE TABLE account (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  highest_modseq INTEGER NOT NULL CHECK (highest_modseq >= 1),        -- the last MODSEQ given out (RFC 7162)
  last_uid_validity INTEGER NOT NULL CHECK (last_uid_validity >= 0),  -- the last UIDVALIDITY given out
  next_message_id INTEGER NOT NULL CHECK (next_message_id >= 1),      -- identifiers of messages and bodies
  bytes INTEGER NOT NULL CHECK (bytes >= 0),                          -- usage: sum of message.size
  messages INTEGER NOT NULL CHECK (messages >= 0),                    -- usage: rows of message
  quota_bytes INTEGER CHECK (quota_bytes >= 0),                       -- limits; NULL: unlimited
  quota_messages INTEGER CHECK (quota_messages >= 0)
);
INSERT INTO account VALUES (1, 1, 0, 1, 0, 0, NULL, NULL);

CREATE TABLE mailbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,                          -- never reused
  name TEXT NOT NULL UNIQUE,                                     -- UTF-8 in NFC, levels separated by '/'
  special_use INTEGER NOT NULL DEFAULT 0,                        -- 0 none, 1 all, 2 archive, 3 drafts, 4 flagged,
                                                                 -- 5 junk, 6 sent, 7 trash, 8 important (RFC 6154)
  selectable INTEGER NOT NULL DEFAULT 1,                         -- 0: \Noselect, kept for its children
  uid_validity INTEGER NOT NULL CHECK (uid_validity BETWEEN 1 AND 4294967295),
  uid_next INTEGER NOT NULL DEFAULT 1 CHECK (uid_next BETWEEN 1 AND 4294967295),
  highest_modseq INTEGER NOT NULL CHECK (highest_modseq >= 1),
  flags_modseq INTEGER NOT NULL DEFAULT 0,                       -- of the last change to flags of an existing message
  expunge_modseq INTEGER NOT NULL DEFAULT 0,                     -- of the last expunge
  log_floor INTEGER NOT NULL DEFAULT 0,                          -- table expunged is complete above this MODSEQ
  log_ranges INTEGER NOT NULL DEFAULT 0 CHECK (log_ranges >= 0), -- rows in table expunged
  messages INTEGER NOT NULL DEFAULT 0 CHECK (messages >= 0),
  unseen INTEGER NOT NULL DEFAULT 0 CHECK (unseen >= 0),
  deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted >= 0),       -- messages with \Deleted
  bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  deleted_bytes INTEGER NOT NULL DEFAULT 0 CHECK (deleted_bytes >= 0),
  first_recent_uid INTEGER NOT NULL DEFAULT 1,                   -- UIDs from here on were not yet claimed as \Recent
  recent INTEGER NOT NULL DEFAULT 0 CHECK (recent >= 0)          -- messages with these UIDs
);

-- Names, which may outlive their mailbox (RFC 9051 §6.3.7).
CREATE TABLE subscription (name TEXT PRIMARY KEY) WITHOUT ROWID;

-- Keywords of a mailbox: bit `bit` of message.keywords.
CREATE TABLE keyword (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  bit INTEGER NOT NULL CHECK (bit BETWEEN 0 AND 63),
  name TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (mailbox_id, bit),
  UNIQUE (mailbox_id, name)
) WITHOUT ROWID;

-- One narrow row for each message, so that a scan of flags reads few pages. body_id names a row of body; it is no
-- foreign key, because that would need an index on it for every delete. No index on modseq: it would double the cost
-- of changing flags.
CREATE TABLE message (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  uid INTEGER NOT NULL CHECK (uid BETWEEN 1 AND 4294967294),
  id INTEGER NOT NULL,             -- unique in the account, kept by MOVE; the POP3 UIDL is made of it
  flags INTEGER NOT NULL,          -- 1 \Seen, 2 \Answered, 4 \Flagged, 8 \Deleted, 16 \Draft;
                                   -- 32: the octets do not end in CRLF
  keywords INTEGER NOT NULL,       -- bits, see keyword
  modseq INTEGER NOT NULL,
  internal_date INTEGER NOT NULL,  -- seconds since 1970-01-01T00:00:00Z
  zone INTEGER NOT NULL,           -- minutes east of UTC in which the date was given
  size INTEGER NOT NULL CHECK (size > 0),
  body_id INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, uid)
) WITHOUT ROWID;
CREATE INDEX message_unseen ON message (mailbox_id, uid) WHERE (flags & 1) = 0;

-- What copies of a message share. id: the message identifier of the first of them.
CREATE TABLE body (
  id INTEGER PRIMARY KEY,
  refs INTEGER NOT NULL CHECK (refs > 0),  -- rows of message with this body_id
  size INTEGER NOT NULL CHECK (size > 0),
  header_size INTEGER NOT NULL,
  file TEXT,                               -- name in large/; NULL: the octets are in content
  envelope TEXT NOT NULL,                  -- RFC 9051 §7.5.2, ready to send
  body_structure TEXT NOT NULL,            -- the same
  sections BLOB NOT NULL                   -- packed offsets of the MIME parts
);
CREATE UNIQUE INDEX body_file ON body (file) WHERE file IS NOT NULL;

-- The octets of messages up to 64 KiB, exactly as they came.
CREATE TABLE content (
  id INTEGER PRIMARY KEY REFERENCES body (id),
  data BLOB NOT NULL
);

-- The expunge log (RFC 7162 §3.2): UIDs first_uid to last_uid went with this MODSEQ.
CREATE TABLE expunged (
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  modseq INTEGER NOT NULL,
  first_uid INTEGER NOT NULL,
  last_uid INTEGER NOT NULL,
  PRIMARY KEY (mailbox_id, modseq, first_uid)
) WITHOUT ROWID;

-- The POP3 UIDL of a message is prefix || its id in lower case hex, with the prefix of the last epoch that begins at
-- or below its id. The prefix is random, so that an account which is deleted and made again, or restored from a
-- backup, never repeats a UIDL.
CREATE TABLE epoch (
  first_id INTEGER PRIMARY KEY,
  prefix TEXT NOT NULL
);
-- The UIDLs of messages that came from another server.
CREATE TABLE uidl (
  message_id INTEGER PRIMARY KEY,
  uidl TEXT NOT NULL UNIQUE
);

-- For panels and reports.
CREATE VIEW mailbox_overview AS
SELECT name, selectable, messages, unseen, deleted, bytes, uid_validity, uid_next, highest_modseq FROM mailbox;

CREATE VIEW message_overview AS
SELECT mailbox.name AS mailbox, message.uid AS uid, message.id AS message_id,
       datetime(message.internal_date, 'unixepoch') AS internal_date, message.size AS size,
       (message.flags & 1) <> 0 AS seen, (message.flags & 2) <> 0 AS answered, (message.flags & 4) <> 0 AS flagged,
       (message.flags & 8) <> 0 AS deleted, (message.flags & 16) <> 0 AS draft, body.envelope AS envelope
FROM message JOIN mailbox ON mailbox.id = message.mailbox_id JOIN body ON body.id = message.body_id;

CREATE VIEW usage_overview AS SELECT bytes, messages, quota_bytes, quota_messages FROM account;
