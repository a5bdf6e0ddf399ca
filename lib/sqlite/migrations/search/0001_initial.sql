-- search.db: which messages of an account may hold a text. It is made of mail.db, lazily, and can be deleted at any
-- time; no backup needs it.

PRAGMA application_id = 1349807717;

-- One row.
CREATE TABLE state (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  indexed_to INTEGER NOT NULL CHECK (indexed_to >= 0), -- bodies of mail.db up to this id are in the index
  documents INTEGER NOT NULL CHECK (documents >= 0),   -- how many; those of bodies that are gone stay in it
  epoch TEXT NOT NULL                                  -- of mail.db when the index was begun: another one means other bodies
);
INSERT INTO state VALUES (1, 0, 0, '');

-- The distinct runs of three octets of each body's folded text, each as a word of five letters; rowid: body.id. Only
-- the lists of rows are kept (detail=none), no text.
CREATE VIRTUAL TABLE gram USING fts5 (words, content = '', columnsize = 0, detail = none, tokenize = 'ascii');

-- Bodies that have too many of them: they may hold any text.
CREATE TABLE any_text (body_id INTEGER PRIMARY KEY);
