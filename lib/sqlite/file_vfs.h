// VFSs around the one that is the default when they are first asked for, for the connections of a Database:
// - SQLite writes a page of the log with two calls to the system. What it writes there is gathered, and up to 64 KiB are
//   handed on with one. They reach the file before xSync, xRead and whatever else looks at it go on, and other connections
//   look at no page of the log before its transaction was synced. So this is for synchronous=FULL alone.
// - Whenever another connection has written, SQLite gives up its map of the database file, and makes a new one, page by
//   page, when it reads again. Here it keeps the map as long as the file has the same size.
// - They tell where the index of the log is in memory (see data_version.h).
#pragma once

struct sqlite3_file;

namespace postfach::sqlite {

enum class LogWrites { plain, gathered };

// The name for sqlite3_open_v2(). From any thread. Null, which is the default VFS, if it can't be had.
const char* file_vfs(LogWrites writes) noexcept;

// The index of the log of an open database file, as long as that is open and maps it. Null if it does not, or the file is
// one of another VFS. By the thread that uses the connection.
const volatile void* log_index(sqlite3_file* file) noexcept;

}  // namespace postfach::sqlite
