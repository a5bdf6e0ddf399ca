-- The save date (RFC 8514): when a message came into the mailbox that it is in. Unlike internal_date nobody can choose
-- it, and COPY and MOVE make a new one. Messages that were there before have none.
ALTER TABLE message ADD COLUMN saved INTEGER;  -- seconds since 1970-01-01T00:00:00Z; NULL: not known

DROP VIEW message_overview;
CREATE VIEW message_overview AS
SELECT mailbox.name AS mailbox, message.uid AS uid, message.id AS message_id,
       datetime(message.internal_date, 'unixepoch') AS internal_date, message.size AS size,
       (message.flags & 1) <> 0 AS seen, (message.flags & 2) <> 0 AS answered, (message.flags & 4) <> 0 AS flagged,
       (message.flags & 8) <> 0 AS deleted, (message.flags & 16) <> 0 AS draft, body.envelope AS envelope,
       datetime(message.saved, 'unixepoch') AS saved
FROM message JOIN mailbox ON mailbox.id = message.mailbox_id JOIN body ON body.id = message.body_id;
