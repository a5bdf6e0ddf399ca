// A database as an older version of the library would have left it.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "sqlite/connection.h"
#include "sqlite/migrations.h"

namespace postfach::test {

// Replaces a file, which nobody has open, by one of this schema version with the same rows, as far as it has room for
// them.
inline void to_old_schema(const std::string& file, const sqlite::Schema& schema, std::size_t version) {
  const std::string old = file + ".old";
  {
    auto db = sqlite::Connection::open(old, {.create = true, .durable = false}).value();
    for (const char* script : schema.migrations.first(version)) db->execute(script).value();
    db->execute(("PRAGMA user_version = " + std::to_string(version) + "; ATTACH '" + file +
                 "' AS new; PRAGMA foreign_keys = OFF; BEGIN")
                    .c_str())
        .value();
    std::vector<std::string> tables;
    {
      auto rows = db->query("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
      while (rows.next()) tables.emplace_back(rows.text(0));
    }
    for (const std::string& table : tables) {
      auto columns = db->query("SELECT group_concat(name) FROM pragma_table_info(?1, 'main')", table);
      if (!columns.next()) continue;
      const std::string names(columns.text(0));
      db->execute(("DELETE FROM main." + table + "; INSERT INTO main." + table + " (" + names + ") SELECT " + names +
                   " FROM " + (table == "message" ? "messages_of('new')" : "new." + table))
                      .c_str())
          .value();
    }
    db->execute("COMMIT; DETACH new; PRAGMA wal_checkpoint(TRUNCATE)").value();
  }
  std::rename(old.c_str(), file.c_str());
  for (const char* suffix : {"-wal", "-shm"}) std::remove((file + suffix).c_str());
}

}  // namespace postfach::test
