// A VFS around the one that is the default when it is first asked for, for the connections of a Database:
// - SQLite writes a page of the log with two calls to the system. What it writes there is gathered, and up to 64 KiB are
//   handed on with one. They reach the file before xSync, xRead and whatever else looks at it go on, and other connections
//   look at no page of the log before its transaction was synced. So each database of a connection has to have
//   synchronous=FULL.
// - Whenever another connection has written, SQLite gives up its map of the database file, and makes a new one, page by
//   page, when it reads again. Here it keeps the map as long as the file has the same size.
#pragma once

namespace postfach::sqlite {

// The name for sqlite3_open_v2(). From any thread. Null, which is the default VFS, if it can't be had.
const char* file_vfs() noexcept;

}  // namespace postfach::sqlite
