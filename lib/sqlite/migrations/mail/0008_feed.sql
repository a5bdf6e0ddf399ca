-- What a change feed needs that the rows themselves don't tell. Kept by triggers: nothing that changes a mailbox can
-- forget them.

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
CREATE TRIGGER mailbox_renamed AFTER UPDATE OF name ON mailbox WHEN new.selectable AND new.name IS NOT old.name BEGIN
  INSERT INTO mailbox_event (modseq, mailbox_id, kind, name)
  SELECT highest_modseq + 1, new.id, 2, old.name FROM account;
END;
CREATE TRIGGER mailbox_removed AFTER DELETE ON mailbox WHEN old.selectable BEGIN
  INSERT INTO mailbox_event (modseq, mailbox_id, kind, name)
  SELECT highest_modseq + 1, old.id, 3, old.name FROM account;
END;

-- The first UID of what came into a mailbox with a MODSEQ: complete for the last 2000 MODSEQs before the newest row, but
-- not below that of the row of mailbox 0, which says when the log began. So a new message is told from one whose flags
-- have changed.
CREATE TABLE arrival (
  modseq INTEGER NOT NULL,
  mailbox_id INTEGER NOT NULL,
  first_uid INTEGER NOT NULL,
  PRIMARY KEY (modseq, mailbox_id)
) WITHOUT ROWID;
INSERT INTO arrival SELECT highest_modseq, 0, 0 FROM account;

CREATE TRIGGER mailbox_arrival AFTER UPDATE OF uid_next ON mailbox WHEN new.uid_next > old.uid_next BEGIN
  INSERT OR IGNORE INTO arrival VALUES (new.highest_modseq, new.id, old.uid_next);
  DELETE FROM arrival WHERE modseq < new.highest_modseq - 2000;
END;
