-- Threads (RFC 8474 §5.2, RFC 5256 §3). A message belongs to one thread for ever: that of the first message it is
-- related to that was there before it, else one of its own. thread_id is the id of the body that began the thread; that
-- body may be gone.
--
-- The numbers stand for message identifiers (64 bits made of the text, never 0).
ALTER TABLE body ADD COLUMN thread_refs BLOB;   -- 8 octets each, the lowest first: the number of the message (0: it has
                                                -- none), then those of its references, the oldest first
ALTER TABLE body ADD COLUMN thread_id INTEGER;  -- NULL: in thread_backlog; thread_refs may be NULL then
CREATE INDEX body_thread ON body (thread_id) WHERE thread_id IS NOT NULL;

-- In which thread messages go that have this number or refer to it. A row of a thread without messages is removed some
-- time after the last of them.
CREATE TABLE thread_ref (
  number INTEGER PRIMARY KEY,
  thread_id INTEGER NOT NULL
);

-- No row, or one: of a database of an older schema, the bodies from next_id on have yet to get their threads, which
-- they do in the order in which they came. New mail waits its turn: a reply must not name the thread of what it is a
-- reply to.
CREATE TABLE thread_backlog (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  next_id INTEGER NOT NULL
);
INSERT INTO thread_backlog SELECT 1, 1 FROM account WHERE EXISTS (SELECT 1 FROM body);
