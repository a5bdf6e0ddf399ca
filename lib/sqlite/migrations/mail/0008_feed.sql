-- What a change feed needs that the rows themselves don't tell. There is no trigger on updates of table mailbox: it would
-- make every change of a mailbox dearer by a twentieth.

-- What happened to the list of mailboxes, the last 1000 events: complete above the MODSEQ of the oldest row.
CREATE TABLE mailbox_event (
  seq INTEGER PRIMARY KEY,
  modseq INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  kind INTEGER NOT NULL,  -- 0 the log begins, 1 made, 2 renamed, 3 removed
  name TEXT NOT NULL      -- of a removed mailbox; the old one of a renamed mailbox
);
INSERT INTO mailbox_event SELECT 1, highest_modseq, 0, 0, '' FROM account;

CREATE TRIGGER mailbox_event_limit AFTER INSERT ON mailbox_event BEGIN
  DELETE FROM mailbox_event WHERE seq <= new.seq - 1000;
END;
CREATE TRIGGER mailbox_made AFTER INSERT ON mailbox WHEN new.selectable BEGIN
  INSERT INTO mailbox_event (modseq, mailbox_id, kind, name) VALUES (new.highest_modseq, new.id, 1, '');
END;
-- The row of the account is written at the end of a transaction, which takes one MODSEQ.
CREATE TRIGGER mailbox_removed AFTER DELETE ON mailbox WHEN old.selectable BEGIN
  INSERT INTO mailbox_event (modseq, mailbox_id, kind, name)
  SELECT highest_modseq + 1, old.id, 3, old.name FROM account;
END;

-- No row, or one: somebody follows the feed, and table arrival is kept from this MODSEQ on.
CREATE TABLE feed_follower (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  since INTEGER NOT NULL
);

-- The first UID of what came into a mailbox with a MODSEQ, for the last 2000 MODSEQs before the newest row: so a new message
-- is told from one whose flags have changed.
CREATE TABLE arrival (
  modseq INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  first_uid INTEGER NOT NULL,
  PRIMARY KEY (modseq, mailbox_id)
) WITHOUT ROWID;
