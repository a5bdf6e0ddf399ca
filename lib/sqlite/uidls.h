// Tables epoch and uidl: names of messages that are never reused, and those that came from another server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

// Begins an epoch: messages from first_id on have UIDLs that nobody could foretell.
Result<void> insert_epoch(Connection& db, std::int64_t first_id, std::string_view prefix);

// Which prefix goes with an identifier of a message or body.
class Epochs {
 public:
  static Result<Epochs> load(Connection& db);
  // Valid as long as the object.
  std::string_view prefix_of(std::int64_t id) const noexcept;
  // The identifier whose name is its prefix and itself in lower case hex; nothing if no identifier is named so.
  std::optional<std::int64_t> id_of(std::string_view name) const noexcept;
  // Appends the name of an identifier.
  void append_name(std::string& out, std::int64_t id) const;

 private:
  struct Epoch {
    std::int64_t first_id;
    std::string prefix;
  };
  std::vector<Epoch> epochs_;  // ascending, at least one
};

// Reads UIDLs within one transaction.
class Uidls {
 public:
  static Result<Uidls> load(Connection& db);
  // The view is valid until the next call.
  Result<std::string_view> of(MessageId id);
  // Whether a message of this account has it as its default UIDL.
  Result<bool> is_default_in_use(std::string_view uidl);

 private:
  Uidls(Connection& db, Epochs epochs) : db_(&db), epochs_(std::move(epochs)) {}

  Connection* db_;
  Epochs epochs_;
  bool any_imported_ = false;
  std::string text_;
};

// Errors: already_exists.
Result<void> insert_uidl(Connection& db, MessageId id, std::string_view uidl);
Result<void> delete_uidl(Connection& db, MessageId id);

}  // namespace postfach::sqlite
