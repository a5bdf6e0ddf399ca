// What SQL can do with blocks of messages, on every connection of ours:
// - `message` reads like a table with a row for each message of "main", and messages_of('name') that of another database.
//   A condition on mailbox_id and on ranges of uid costs what it finds. For what is rare: cursors are faster.
// - message_entries(uid, id, flags, keywords, modseq, internal_date, zone, size, body_id, saved) is an aggregate
//   function that makes the entries of a block of rows, in any order.
#pragma once

struct sqlite3;

namespace postfach::sqlite {

// Returns a code of SQLite.
int register_messages(sqlite3* db) noexcept;

}  // namespace postfach::sqlite
