-- The header of a message whose octets are in a file, so that a search of headers opens no file. NULL: it is long, or
-- the message came before this column; it is in the file in any case.
ALTER TABLE body ADD COLUMN header BLOB;
