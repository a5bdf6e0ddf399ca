#include "message_module.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "message_block.h"

namespace postfach::sqlite {
namespace {

enum Column : int {
  mailbox_column,
  uid_column,
  id_column,
  flags_column,
  keywords_column,
  modseq_column,
  internal_date_column,
  zone_column,
  size_column,
  body_id_column,
  saved_column,
  database_column,
};
constexpr const char* kDeclaration =
    "CREATE TABLE message (mailbox_id INTEGER, uid INTEGER, id INTEGER, flags INTEGER, keywords INTEGER, "
    "modseq INTEGER, internal_date INTEGER, zone INTEGER, size INTEGER, body_id INTEGER, saved INTEGER, "
    "database HIDDEN)";

// What a plan gives to filter(), in this order.
enum Argument : int { with_database = 1, with_mailbox = 2, with_first = 4, with_last = 8 };

struct Table : sqlite3_vtab {
  sqlite3* db = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
  ~Cursor() { sqlite3_finalize(blocks); }

  sqlite3_stmt* blocks = nullptr;
  std::string database;
  MailboxId mailbox{};
  Entries entries;
  std::size_t index = 0;
  bool is_at_end = true;
};

int connect(sqlite3* db, void* /*data*/, int /*count*/, const char* const* /*words*/, sqlite3_vtab** table,
            char** /*error*/) {
  const int code = sqlite3_declare_vtab(db, kDeclaration);
  if (code != SQLITE_OK) return code;
  auto* const made = new (std::nothrow) Table();
  if (made == nullptr) return SQLITE_NOMEM;
  made->db = db;
  *table = made;
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  delete static_cast<Table*>(table);
  return SQLITE_OK;
}

Argument argument_of(const sqlite3_index_info::sqlite3_index_constraint& constraint, bool& is_both) noexcept {
  is_both = false;
  switch (constraint.iColumn) {
    case database_column:
      return constraint.op == SQLITE_INDEX_CONSTRAINT_EQ ? with_database : Argument{};
    case mailbox_column:
      return constraint.op == SQLITE_INDEX_CONSTRAINT_EQ ? with_mailbox : Argument{};
    case uid_column:
      is_both = constraint.op == SQLITE_INDEX_CONSTRAINT_EQ;
      if (is_both || constraint.op == SQLITE_INDEX_CONSTRAINT_GE || constraint.op == SQLITE_INDEX_CONSTRAINT_GT) {
        return with_first;
      }
      if (constraint.op == SQLITE_INDEX_CONSTRAINT_LE || constraint.op == SQLITE_INDEX_CONSTRAINT_LT) return with_last;
      return Argument{};
    default:
      return Argument{};
  }
}

// UIDs narrow a search only within a mailbox. SQLite tests every condition itself, so a range may be too wide.
int best_index(sqlite3_vtab* /*table*/, sqlite3_index_info* info) {
  int taken[4] = {-1, -1, -1, -1};  // constraints, in the order of Argument
  bool is_one = false;
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    if (constraint.usable == 0) {
      // The name of a database is an argument, and has to be known.
      if (constraint.iColumn == database_column) return SQLITE_CONSTRAINT;
      continue;
    }
    bool is_both = false;
    const Argument argument = argument_of(constraint, is_both);
    if (argument == with_database) taken[0] = i;
    if (argument == with_mailbox) taken[1] = i;
    if (argument == with_first && !is_one) taken[2] = i;
    if (argument == with_last && !is_one) taken[3] = i;
    if (is_both) {
      is_one = true;
      taken[3] = -1;
    }
  }
  if (taken[1] < 0) taken[2] = taken[3] = -1;
  int count = 0;
  for (int place = 0; place < 4; ++place) {
    if (taken[place] < 0) continue;
    info->idxNum |= 1 << place;
    info->aConstraintUsage[taken[place]].argvIndex = ++count;
    if (place == 0) info->aConstraintUsage[taken[place]].omit = 1;
  }
  const bool has_mailbox = taken[1] >= 0;
  is_one = is_one && has_mailbox;
  if (is_one) info->idxNum |= with_last << 1;  // the last one is the first
  info->estimatedCost = is_one ? 10 : taken[2] >= 0 || taken[3] >= 0 ? 1e4 : has_mailbox ? 1e5 : 1e6;
  info->estimatedRows = is_one ? 1 : has_mailbox ? 10'000 : 1'000'000;
  const bool by_uid = info->nOrderBy == 1 && has_mailbox && info->aOrderBy[0].iColumn == uid_column;
  info->orderByConsumed = by_uid && info->aOrderBy[0].desc == 0 ? 1 : 0;
  return SQLITE_OK;
}

int open(sqlite3_vtab* /*table*/, sqlite3_vtab_cursor** cursor) {
  *cursor = new (std::nothrow) Cursor();
  return *cursor == nullptr ? SQLITE_NOMEM : SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  delete static_cast<Cursor*>(cursor);
  return SQLITE_OK;
}

int read_block(Cursor& cursor) {
  const int code = sqlite3_step(cursor.blocks);
  cursor.index = 0;
  cursor.entries = {};
  if (code != SQLITE_ROW) {
    cursor.is_at_end = true;
    return code == SQLITE_DONE ? SQLITE_OK : code;
  }
  cursor.mailbox = static_cast<MailboxId>(sqlite3_column_int64(cursor.blocks, 0) >> 32);
  const auto* const octets = static_cast<const char*>(sqlite3_column_blob(cursor.blocks, 1));
  if (octets != nullptr) {
    cursor.entries = Entries({octets, static_cast<std::size_t>(sqlite3_column_bytes(cursor.blocks, 1))});
  }
  return SQLITE_OK;
}

int settle(Cursor& cursor) {
  while (!cursor.is_at_end && cursor.index >= cursor.entries.size()) {
    if (const int code = read_block(cursor); code != SQLITE_OK) return code;
  }
  return SQLITE_OK;
}

int prepare_blocks(Cursor& cursor, sqlite3* db, const char* database) {
  if (cursor.blocks != nullptr && cursor.database == database) return sqlite3_reset(cursor.blocks);
  sqlite3_finalize(cursor.blocks);
  cursor.blocks = nullptr;
  cursor.database = database;
  const std::unique_ptr<char, decltype(&sqlite3_free)> sql(
      sqlite3_mprintf("SELECT id, entries FROM \"%w\".message_block WHERE id BETWEEN ifnull((SELECT max(id) FROM "
                      "\"%w\".message_block WHERE id BETWEEN ?1 AND ?2), ?2) AND ?3 ORDER BY id",
                      database, database),
      &sqlite3_free);
  if (!sql) return SQLITE_NOMEM;
  return sqlite3_prepare_v2(db, sql.get(), -1, &cursor.blocks, nullptr);
}

int filter(sqlite3_vtab_cursor* base, int plan, const char* /*name*/, int count, sqlite3_value** values) try {
  Cursor& cursor = static_cast<Cursor&>(*base);
  int next = 0;
  const auto take = [&](int argument) { return (plan & argument) != 0 && next < count ? values[next++] : nullptr; };
  const auto uid_of = [](sqlite3_value* value, std::int64_t otherwise) {
    // Another type of value compares as SQL has it, which SQLite sees to.
    if (value == nullptr || sqlite3_value_type(value) != SQLITE_INTEGER) return otherwise;
    return std::clamp<std::int64_t>(sqlite3_value_int64(value), 0, UINT32_MAX);
  };
  sqlite3_value* const database = take(with_database);
  sqlite3_value* const mailbox = take(with_mailbox);
  sqlite3_value* const first = take(with_first);
  sqlite3_value* const last = take(with_last);
  const auto* const name = database == nullptr ? "main" : reinterpret_cast<const char*>(sqlite3_value_text(database));
  if (int code = prepare_blocks(cursor, static_cast<Table*>(cursor.pVtab)->db, name == nullptr ? "" : name);
      code != SQLITE_OK) {
    return code;
  }
  std::int64_t lowest = 0;
  std::int64_t from = 0;
  std::int64_t to = INT64_MAX;
  if (mailbox != nullptr) {
    const auto id = static_cast<MailboxId>(sqlite3_value_int64(mailbox));
    const std::int64_t begin = uid_of(first, 0);
    const std::int64_t end = (plan & with_last << 1) != 0 ? begin : uid_of(last, UINT32_MAX);
    lowest = block_id(id, 0);
    from = block_id(id, static_cast<Uid>(begin));
    to = block_id(id, static_cast<Uid>(end));
  }
  sqlite3_bind_int64(cursor.blocks, 1, lowest);
  sqlite3_bind_int64(cursor.blocks, 2, from);
  sqlite3_bind_int64(cursor.blocks, 3, to);
  cursor.is_at_end = false;
  if (const int code = read_block(cursor); code != SQLITE_OK) return code;
  if (first != nullptr) cursor.index = cursor.entries.find(static_cast<Uid>(uid_of(first, 0)));
  return settle(cursor);
} catch (...) {
  return SQLITE_NOMEM;
}

int next(sqlite3_vtab_cursor* base) {
  Cursor& cursor = static_cast<Cursor&>(*base);
  ++cursor.index;
  return settle(cursor);
}

int at_end(sqlite3_vtab_cursor* base) { return static_cast<Cursor*>(base)->is_at_end ? 1 : 0; }

int column(sqlite3_vtab_cursor* base, sqlite3_context* context, int which) {
  const Cursor& cursor = static_cast<const Cursor&>(*base);
  MessageRow row;
  cursor.entries.read(cursor.index, row);
  const auto result = [context](auto number) { sqlite3_result_int64(context, static_cast<std::int64_t>(number)); };
  switch (which) {
    case mailbox_column:
      result(cursor.mailbox);
      break;
    case uid_column:
      result(row.uid);
      break;
    case id_column:
      result(row.id);
      break;
    case flags_column:
      result(row.flag_bits);
      break;
    case keywords_column:
      result(row.keywords);
      break;
    case modseq_column:
      result(row.modseq);
      break;
    case internal_date_column:
      result(row.internal_date.seconds);
      break;
    case zone_column:
      result(row.internal_date.zone_minutes);
      break;
    case size_column:
      result(row.size);
      break;
    case body_id_column:
      result(row.body_id);
      break;
    case saved_column:
      if (row.saved) result(*row.saved);
      break;
    default:
      break;
  }
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* base, sqlite3_int64* id) {
  const Cursor& cursor = static_cast<const Cursor&>(*base);
  *id = block_id(cursor.mailbox, cursor.entries.uid(cursor.index));
  return SQLITE_OK;
}

// Without xCreate it needs no CREATE VIRTUAL TABLE, and can't be part of a file.
constexpr sqlite3_module make_module() noexcept {
  sqlite3_module module{};
  module.xConnect = connect;
  module.xBestIndex = best_index;
  module.xDisconnect = disconnect;
  module.xOpen = open;
  module.xClose = close;
  module.xFilter = filter;
  module.xNext = next;
  module.xEof = at_end;
  module.xColumn = column;
  module.xRowid = row_id;
  return module;
}
constexpr sqlite3_module kModule = make_module();

// --- message_entries() ------------------------------------------------------------------------------------------------

using Rows = std::vector<MessageRow>;

void add_row(sqlite3_context* context, int /*count*/, sqlite3_value** values) {
  auto* const rows = static_cast<Rows**>(sqlite3_aggregate_context(context, sizeof(Rows*)));
  if (rows == nullptr) return sqlite3_result_error_nomem(context);
  try {
    if (*rows == nullptr) *rows = new Rows();
    const auto number = [values](int index) { return sqlite3_value_int64(values[index]); };
    MessageRow row;
    row.uid = static_cast<Uid>(number(0));
    row.id = static_cast<MessageId>(number(1));
    row.flag_bits = static_cast<std::uint32_t>(number(2));
    row.keywords = static_cast<KeywordMask>(number(3));
    row.modseq = static_cast<ModSeq>(number(4));
    row.internal_date = {number(5), static_cast<std::int16_t>(number(6))};
    row.size = static_cast<std::uint64_t>(number(7));
    row.body_id = number(8);
    if (sqlite3_value_type(values[9]) != SQLITE_NULL) row.saved = number(9);
    (*rows)->push_back(row);
  } catch (...) {
    sqlite3_result_error_nomem(context);
  }
}

void finish_rows(sqlite3_context* context) {
  auto* const place = static_cast<Rows**>(sqlite3_aggregate_context(context, 0));
  if (place == nullptr) return;
  const std::unique_ptr<Rows> rows(*place);
  if (!rows) return;
  std::sort(rows->begin(), rows->end(),
            [](const MessageRow& left, const MessageRow& right) { return left.uid < right.uid; });
  try {
    std::string entries(rows->size() * kEntryOctets, '\0');
    for (std::size_t i = 0; i < rows->size(); ++i) pack((*rows)[i], entries.data() + i * kEntryOctets);
    sqlite3_result_blob64(context, entries.data(), entries.size(), SQLITE_TRANSIENT);
  } catch (...) {
    sqlite3_result_error_nomem(context);
  }
}

}  // namespace

int register_messages(sqlite3* db) noexcept {
  int code = sqlite3_create_module_v2(db, "message", &kModule, nullptr, nullptr);
  if (code == SQLITE_OK) code = sqlite3_create_module_v2(db, "messages_of", &kModule, nullptr, nullptr);
  if (code != SQLITE_OK) return code;
  constexpr int kArguments = 10;
  constexpr int kTraits = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  return sqlite3_create_function_v2(db, "message_entries", kArguments, kTraits, nullptr, nullptr, add_row, finish_rows,
                                    nullptr);
}

}  // namespace postfach::sqlite
