-- Threads (RFC 8474 §5.2, RFC 5256 §3). A message belongs to one thread for ever: that of the first message it is
-- related to that was there before it, else one of its own. thread_id is the id of the body that began the thread; that
-- body may be gone.
--
-- The numbers stand for message identifiers (64 bits made of the text, never 0).
ALTER TABLE body ADD COLUMN thread_refs BLOB;   -- 8 octets each, the lowest first: the number of the message (0: it has
                                                -- none), then those of its references, the oldest first
ALTER TABLE body ADD COLUMN thread_id INTEGER;  -- NULL, as thread_refs: in thread_backlog
CREATE INDEX body_thread ON body (thread_id) WHERE thread_id IS NOT NULL;

-- In which thread messages go that have this number or refer to it. A row of a thread without messages is removed some
-- time after the last of them.
CREATE TABLE thread_ref (
  number INTEGER PRIMARY KEY,
  thread_id INTEGER NOT NULL
);

-- No row, or one: bodies of an older schema that have yet to get their threads are those from next_id up to, and
-- without, end_id.
CREATE TABLE thread_backlog (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  next_id INTEGER NOT NULL,
  end_id INTEGER NOT NULL CHECK (end_id > next_id)
);
INSERT INTO thread_backlog SELECT 1, 1, next_message_id FROM account WHERE EXISTS (SELECT 1 FROM body);
