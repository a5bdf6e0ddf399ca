// Schema versions. Each folder below migrations/ is one kind of database; its files are numbered from 1 and embedded
// in the library. PRAGMA user_version of a file says how many of them it has seen.
#pragma once

#include <span>

#include "connection.h"

namespace postfach::sqlite {

struct Schema {
  const char* name;                         // for messages
  std::span<const char* const> migrations;  // scripts, in order
};

extern const Schema kMailSchema;
extern const Schema kDirectorySchema;
extern const Schema kSearchSchema;
extern const Schema kQuotaSchema;

// Brings the database up to date, in one transaction. Errors: newer_schema; those of SQLite.
Result<void> migrate(Connection& connection, const Schema& schema);

}  // namespace postfach::sqlite
