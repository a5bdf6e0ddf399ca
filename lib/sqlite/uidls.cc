#include "uidls.h"

#include <algorithm>
#include <charconv>

namespace postfach::sqlite {

Result<void> insert_epoch(Connection& db, std::int64_t first_id, std::string_view prefix) {
  return db.run("INSERT OR REPLACE INTO epoch (first_id, prefix) VALUES (?1, ?2)", first_id, prefix);
}

Result<Epochs> Epochs::load(Connection& db) {
  Epochs epochs;
  auto rows = db.query("SELECT first_id, prefix FROM epoch ORDER BY first_id");
  while (rows.next()) epochs.epochs_.push_back({rows.integer(0), std::string(rows.text(1))});
  if (!rows.ok()) return rows.error();
  if (epochs.epochs_.empty()) return Error{Errc::corrupt, "the account has no UIDL prefix"};
  return epochs;
}

std::string_view Epochs::prefix_of(std::int64_t id) const noexcept {
  const auto after =
      std::partition_point(epochs_.begin(), epochs_.end(), [id](const Epoch& epoch) { return epoch.first_id <= id; });
  return (after == epochs_.begin() ? after : after - 1)->prefix;
}

std::optional<std::int64_t> Epochs::id_of(std::string_view name) const noexcept {
  for (const Epoch& epoch : epochs_) {
    if (!name.starts_with(epoch.prefix)) continue;
    const std::string_view digits = name.substr(epoch.prefix.size());
    std::int64_t id = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), id, 16);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || id < 0) continue;
    // One identifier has one name.
    const bool is_canonical = std::none_of(digits.begin(), digits.end(), [](char c) { return c >= 'A' && c <= 'F'; }) &&
                              (digits == "0" || digits.front() != '0');
    if (is_canonical && prefix_of(id) == epoch.prefix) return id;
  }
  return std::nullopt;
}

void Epochs::append_name(std::string& out, std::int64_t id) const {
  char digits[16];
  const char* const end = std::to_chars(digits, digits + sizeof digits, id, 16).ptr;
  out.append(prefix_of(id));
  out.append(digits, static_cast<std::size_t>(end - digits));
}

Result<Uidls> Uidls::load(Connection& db) {
  auto epochs = Epochs::load(db);
  if (!epochs) return epochs.error();
  Uidls uidls(db, *std::move(epochs));
  auto imported = db.value("SELECT 1 FROM uidl LIMIT 1");
  if (!imported) return imported.error();
  uidls.any_imported_ = imported->has_value();
  return uidls;
}

Result<std::string_view> Uidls::of(MessageId id) {
  if (any_imported_) {
    auto rows = db_->query("SELECT uidl FROM uidl WHERE message_id = ?1", id);
    if (rows.next()) {
      text_ = rows.text(0);
      return std::string_view(text_);
    }
    if (!rows.ok()) return rows.error();
  }
  text_.clear();
  epochs_.append_name(text_, static_cast<std::int64_t>(id));
  return std::string_view(text_);
}

Result<bool> Uidls::is_default_in_use(std::string_view uidl) {
  const auto id = epochs_.id_of(uidl);
  if (!id) return false;
  // There is no index on id: this is rare, and every append would pay for it.
  auto found = db_->value(
      "SELECT 1 FROM message WHERE id = ?1 UNION ALL SELECT 1 FROM removed WHERE message_id = ?1 LIMIT 1", *id);
  if (!found) return found.error();
  return found->has_value();
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
