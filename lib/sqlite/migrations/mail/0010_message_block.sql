-- Messages, packed: a row holds up to 60 messages of a mailbox, so that flags of many are changed and read at the price
-- of few pages. Of its mailbox it begins behind all messages of the row before it.
CREATE TABLE message_block (
  id INTEGER PRIMARY KEY,     -- mailbox.id << 32 | a UID not above the first one in it
  last_uid INTEGER NOT NULL,  -- the rest says of the entries: the highest UID,
  messages INTEGER NOT NULL CHECK (messages BETWEEN 1 AND 60),
  unseen INTEGER NOT NULL,    -- those without \Seen,
  modseq INTEGER NOT NULL,    -- the highest one
  entries BLOB NOT NULL CHECK (length(entries) = 64 * messages)
  -- Numbers have their lowest octet first, in two's complement where they can be negative:
  --   4 octets: UID, 1 to 4294967294
  --   2 flags: 1 \Seen, 2 \Answered, 4 \Flagged, 8 \Deleted, 16 \Draft; 32: the octets do not end in CRLF; 64: a POP3
  --     client has deleted the message, and POP3 does not show it any more; kept by MOVE, not by COPY
  --   2 zone: minutes east of UTC in which the internal date was given
  --   8 id: unique in the account, kept by MOVE; the POP3 UIDL is made of it
  --   8 body: body.id
  --   8 size in octets
  --   8 MODSEQ
  --   8 internal date: seconds since 1970-01-01T00:00:00Z
  --   8 save date (RFC 8514): when the message came into this mailbox, likewise; -2^63: not known
  --   8 keywords: bits, see keyword
);

INSERT INTO message_block
SELECT mailbox_id << 32 | min(uid), max(uid), count(*), sum(flags & 1 = 0), max(modseq),
       message_entries(uid, id, flags, keywords, modseq, internal_date, zone, size, body_id, saved)
FROM (SELECT *, (row_number() OVER (PARTITION BY mailbox_id ORDER BY uid) - 1) / 60 AS block FROM message)
GROUP BY mailbox_id, block;

DROP VIEW message_overview;
DROP TABLE message;

-- A number of an entry is put together of its hexadecimal digits, in some 165 us for a message: what counts or adds up does
-- better with mailbox_overview.
CREATE VIEW message_overview AS
WITH RECURSIVE place (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM place WHERE n < 59),
     entry (mailbox_id, hex) AS (
       SELECT id >> 32, hex(substr(entries, 64 * n + 1, 64)) FROM message_block JOIN place ON n < messages),
     number (mailbox_id, uid, flags, id, body_id, size, internal_date, saved) AS (
       SELECT mailbox_id,
         (WITH RECURSIVE d (k, v) AS (SELECT 3, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 0) SELECT v FROM d WHERE k < 0),
         (WITH RECURSIVE d (k, v) AS (SELECT 4, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 4) SELECT v FROM d WHERE k < 4),
         (WITH RECURSIVE d (k, v) AS (SELECT 15, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 8) SELECT v FROM d WHERE k < 8),
         (WITH RECURSIVE d (k, v) AS (SELECT 23, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 16) SELECT v FROM d WHERE k < 16),
         (WITH RECURSIVE d (k, v) AS (SELECT 31, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 24) SELECT v FROM d WHERE k < 24),
         (WITH RECURSIVE d (k, v) AS (SELECT 47, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 40) SELECT v FROM d WHERE k < 40),
         (WITH RECURSIVE d (k, v) AS (SELECT 55, 0 UNION ALL SELECT k - 1, v << 8 |
            (instr('123456789ABCDEF', substr(hex, 2 * k + 1, 1)) << 4) | instr('123456789ABCDEF', substr(hex, 2 * k + 2, 1))
          FROM d WHERE k >= 48) SELECT v FROM d WHERE k < 48) FROM entry)
SELECT mailbox.name AS mailbox, uid, number.id AS message_id, datetime(internal_date, 'unixepoch') AS internal_date,
       number.size AS size, (flags & 1) <> 0 AS seen, (flags & 2) <> 0 AS answered, (flags & 4) <> 0 AS flagged,
       (flags & 8) <> 0 AS deleted, (flags & 16) <> 0 AS draft, body.envelope AS envelope,
       CASE WHEN saved > -9223372036854775807 THEN datetime(saved, 'unixepoch') END AS saved
FROM number JOIN mailbox ON mailbox.id = mailbox_id JOIN body ON body.id = body_id;
