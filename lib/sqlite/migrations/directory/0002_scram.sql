-- SCRAM-SHA-256 (RFC 5802, RFC 7677): what a login needs that never sends its password.

-- NULL: the keys were not made yet, which the next login with the password does. Empty: the password makes none.
-- Else the form of RFC 5803: SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>.
ALTER TABLE account ADD COLUMN scram_keys TEXT;
-- As long as there is one of these, a client can't be told to use SCRAM.
CREATE INDEX account_without_scram ON account (id) WHERE scram_keys IS NULL AND password_hash <> '';

-- Random octets that must stay the same from one start to the next.
CREATE TABLE secret (
  name TEXT PRIMARY KEY,  -- "scram": makes up salts for names that do not exist
  value BLOB NOT NULL
) WITHOUT ROWID;
