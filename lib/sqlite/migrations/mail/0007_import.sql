-- What imports have taken in, so that the next one adds only what is missing. A message that was removed since stays
-- listed: nobody wants it back.

-- One source of messages of one mailbox: a folder of a Maildir, a mailbox on another server.
CREATE TABLE import_source (
  id INTEGER PRIMARY KEY,
  mailbox_id INTEGER NOT NULL REFERENCES mailbox (id),
  name TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT '',  -- what the import wants to remember of the source, such as its MODSEQ
  UNIQUE (mailbox_id, name)
);
CREATE TABLE imported (
  source_id INTEGER NOT NULL REFERENCES import_source (id),
  key TEXT NOT NULL,               -- what identifies the message in its source
  message_id INTEGER NOT NULL,
  uid INTEGER NOT NULL,            -- that it got in the mailbox
  PRIMARY KEY (source_id, key)
) WITHOUT ROWID;
