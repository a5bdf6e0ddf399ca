-- What a mailbox that is gone was for, and its limits, for the one that is made anew when its messages are brought back.
ALTER TABLE removed_mailbox ADD COLUMN special_use INTEGER NOT NULL DEFAULT 0;  -- as mailbox.special_use
ALTER TABLE removed_mailbox ADD COLUMN quota_bytes INTEGER;                     -- NULL: no limit
ALTER TABLE removed_mailbox ADD COLUMN quota_messages INTEGER;
