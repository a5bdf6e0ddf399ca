-- Limits of single mailboxes, and further limits of the account; NULL: none.
ALTER TABLE mailbox ADD COLUMN quota_bytes INTEGER CHECK (quota_bytes >= 0);
ALTER TABLE mailbox ADD COLUMN quota_messages INTEGER CHECK (quota_messages >= 0);
ALTER TABLE account ADD COLUMN quota_mailboxes INTEGER CHECK (quota_mailboxes >= 0);
ALTER TABLE account ADD COLUMN quota_message_size INTEGER CHECK (quota_message_size >= 0);  -- octets of one message
-- The highest threshold that usage has passed and not yet come back from, in percent; 0: none.
ALTER TABLE account ADD COLUMN warned INTEGER NOT NULL DEFAULT 0;

DROP VIEW usage_overview;
CREATE VIEW usage_overview AS
SELECT bytes, messages, quota_bytes, quota_messages, quota_mailboxes, quota_message_size FROM account;
