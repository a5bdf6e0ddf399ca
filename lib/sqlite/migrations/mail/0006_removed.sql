-- Messages that were expunged, for as long as they can be brought back. They keep their bodies (which count them as
-- references), their identifiers and so their UIDLs. In the order in which they went, which is also that in which they
-- are purged.
CREATE TABLE removed (
  removed INTEGER NOT NULL,        -- when: seconds since 1970-01-01T00:00:00Z
  message_id INTEGER NOT NULL,     -- message.id
  mailbox_id INTEGER NOT NULL,     -- in removed_mailbox; the mailbox may be gone
  uid INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  keywords TEXT NOT NULL,          -- names with spaces between them, because the bits of a mailbox are used again
  internal_date INTEGER NOT NULL,
  zone INTEGER NOT NULL,
  size INTEGER NOT NULL CHECK (size > 0),
  body_id INTEGER NOT NULL,
  is_counted INTEGER NOT NULL,     -- 1: it is part of account.bytes and account.messages still
  PRIMARY KEY (removed, message_id)
) WITHOUT ROWID;

-- What mailboxes were called when something was removed from them last; AUTOINCREMENT never gives an id again.
CREATE TABLE removed_mailbox (
  mailbox_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL
);

-- Sums over table removed.
ALTER TABLE account ADD COLUMN removed_bytes INTEGER NOT NULL DEFAULT 0 CHECK (removed_bytes >= 0);
ALTER TABLE account ADD COLUMN removed_messages INTEGER NOT NULL DEFAULT 0 CHECK (removed_messages >= 0);
