// EMAILID and THREADID (RFC 8474 §5): "M" or "T" and the name of a body or of the thread that a body began. The names
// are those of UIDLs: an account that is restored from a backup gives none of them to other mail.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "search_matcher.h"
#include "sqlite/uidls.h"

namespace postfach::store {

class ObjectIds {
 public:
  static Result<ObjectIds> load(sqlite::Connection& db) {
    auto epochs = sqlite::Epochs::load(db);
    if (!epochs) return epochs.error();
    return ObjectIds(*std::move(epochs));
  }

  // Valid until the next call of the same function.
  std::string_view email_id(std::int64_t body_id) { return name('M', body_id, email_id_); }
  // Empty for 0, a thread that is not known yet.
  std::string_view thread_id(std::int64_t thread_id) {
    return thread_id == 0 ? std::string_view() : name('T', thread_id, thread_id_);
  }
  // The body or thread of that name; nothing if there can't be one. RFC 8474 §7: case counts.
  std::optional<std::int64_t> body_of(std::string_view email_id) const noexcept { return number('M', email_id); }
  std::optional<std::int64_t> thread_of(std::string_view thread_id) const noexcept { return number('T', thread_id); }

 private:
  explicit ObjectIds(sqlite::Epochs epochs) noexcept : epochs_(std::move(epochs)) {}
  std::string_view name(char kind, std::int64_t id, std::string& out) const {
    out.assign(1, kind);
    epochs_.append_name(out, id);
    return out;
  }
  std::optional<std::int64_t> number(char kind, std::string_view name) const noexcept {
    if (!name.starts_with(kind)) return std::nullopt;
    return epochs_.id_of(name.substr(1));
  }

  sqlite::Epochs epochs_;
  std::string email_id_;
  std::string thread_id_;
};

// The same for a search. Nothing is read before an identifier is looked for.
class StoredIds final : public SearchedIds {
 public:
  explicit StoredIds(sqlite::Connection& db) noexcept : db_(db) {}
  Result<std::vector<std::int64_t>> bodies_of(SearchKey::Kind kind, std::string_view id) override;

 private:
  sqlite::Connection& db_;
  std::optional<ObjectIds> ids_;
};

}  // namespace postfach::store
