// Tables import_source and imported: which messages came from where.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

// Identifies a source of a mailbox; made if it is new.
Result<std::int64_t> make_import_source(Connection& db, MailboxId mailbox, std::string_view name);
Result<std::string> import_state(Connection& db, std::int64_t source);
Result<void> set_import_state(Connection& db, std::int64_t source, std::string_view state);

struct ImportedRow {
  MessageId id{};
  Uid uid = 0;
};
// Nothing if the source has not brought such a message yet.
Result<std::optional<ImportedRow>> find_imported(Connection& db, std::int64_t source, std::string_view key);
Result<void> insert_imported(Connection& db, std::int64_t source, std::string_view key, const ImportedRow& row);

// A mailbox goes, or another one takes its place.
Result<void> delete_imports(Connection& db, MailboxId mailbox);

}  // namespace postfach::sqlite
