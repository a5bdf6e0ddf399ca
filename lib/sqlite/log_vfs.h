// A VFS around the default one for connections that write: SQLite writes a page of the log with two calls to the system, this
// hands on up to 64 KiB with one.
//
// What is gathered reaches the file before xSync, xRead and whatever else looks at the file go on, and other connections look
// at no page of the log before its transaction was synced. So each database of a connection that uses it must have
// synchronous=FULL.
#pragma once

namespace postfach::sqlite {

// The name for sqlite3_open_v2(). From any thread. Null, which is the default VFS, if it can't be had.
const char* log_vfs() noexcept;

}  // namespace postfach::sqlite
