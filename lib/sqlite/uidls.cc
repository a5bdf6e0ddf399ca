#include "uidls.h"

#include <algorithm>
#include <charconv>

namespace postfach::sqlite {

Result<void> insert_epoch(Connection& db, std::int64_t first_id, std::string_view prefix) {
  return db.run("INSERT OR REPLACE INTO epoch (first_id, prefix) VALUES (?1, ?2)", first_id, prefix);
}

Result<Uidls> Uidls::load(Connection& db) {
  Uidls uidls(db);
  auto rows = db.query("SELECT first_id, prefix FROM epoch ORDER BY first_id");
  while (rows.next()) uidls.epochs_.push_back({rows.integer(0), std::string(rows.text(1))});
  if (!rows.ok()) return rows.error();
  if (uidls.epochs_.empty()) return Error{Errc::corrupt, "the account has no UIDL prefix"};
  auto imported = db.value("SELECT 1 FROM uidl LIMIT 1");
  if (!imported) return imported.error();
  uidls.any_imported_ = imported->has_value();
  return uidls;
}

Result<std::string_view> Uidls::of(MessageId id) {
  const auto number = static_cast<std::int64_t>(id);
  if (any_imported_) {
    auto rows = db_->query("SELECT uidl FROM uidl WHERE message_id = ?1", id);
    if (rows.next()) {
      text_ = rows.text(0);
      return std::string_view(text_);
    }
    if (!rows.ok()) return rows.error();
  }
  const auto after = std::partition_point(epochs_.begin(), epochs_.end(),
                                          [number](const Epoch& epoch) { return epoch.first_id <= number; });
  const Epoch& epoch = after == epochs_.begin() ? *after : *(after - 1);
  char digits[16];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number, 16).ptr;
  text_.assign(epoch.prefix);
  text_.append(digits, static_cast<std::size_t>(end - digits));
  return std::string_view(text_);
}

Result<bool> Uidls::is_default_in_use(std::string_view uidl) {
  for (const Epoch& epoch : epochs_) {
    if (!uidl.starts_with(epoch.prefix)) continue;
    const char* const begin = uidl.data() + epoch.prefix.size();
    const char* const end = uidl.data() + uidl.size();
    std::int64_t id = 0;
    const auto read = std::from_chars(begin, end, id, 16);
    if (read.ec != std::errc() || read.ptr != end) continue;
    // There is no index on id: this is rare, and every append would pay for it.
    auto found = db_->value("SELECT 1 FROM message WHERE id = ?1 LIMIT 1", id);
    if (!found) return found.error();
    if (found->has_value()) return true;
  }
  return false;
}

Result<void> insert_uidl(Connection& db, MessageId id, std::string_view uidl) {
  auto taken = db.value("SELECT 1 FROM uidl WHERE uidl = ?1", uidl);
  if (!taken) return taken.error();
  bool in_use = taken->has_value();
  if (!in_use) {
    auto uidls = Uidls::load(db);
    if (!uidls) return uidls.error();
    auto is_default = uidls->is_default_in_use(uidl);
    if (!is_default) return is_default.error();
    in_use = *is_default;
  }
  if (in_use) return Error{Errc::already_exists, "another message has this UIDL"};
  return db.run("INSERT INTO uidl (message_id, uidl) VALUES (?1, ?2)", id, uidl);
}

Result<void> delete_uidl(Connection& db, MessageId id) { return db.run("DELETE FROM uidl WHERE message_id = ?1", id); }

}  // namespace postfach::sqlite
