// Tables epoch and uidl: the POP3 names of messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

// Begins an epoch: messages from first_id on have UIDLs that nobody could foretell.
Result<void> insert_epoch(Connection& db, std::int64_t first_id, std::string_view prefix);

// Reads UIDLs within one transaction.
class Uidls {
 public:
  static Result<Uidls> load(Connection& db);
  // The view is valid until the next call.
  Result<std::string_view> of(MessageId id);
  // Whether a message of this account has it as its default UIDL.
  Result<bool> is_default_in_use(std::string_view uidl);

 private:
  struct Epoch {
    std::int64_t first_id;
    std::string prefix;
  };
  explicit Uidls(Connection& db) : db_(&db) {}

  Connection* db_;
  std::vector<Epoch> epochs_;
  bool any_imported_ = false;
  std::string text_;
};

// Errors: already_exists.
Result<void> insert_uidl(Connection& db, MessageId id, std::string_view uidl);
Result<void> delete_uidl(Connection& db, MessageId id);

}  // namespace postfach::sqlite
