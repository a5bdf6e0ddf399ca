// One message that arrived, into the mailboxes of one account: one transaction, one body.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "postfach/delivery_rules.h"
#include "postfach/result.h"
#include "store_impl.h"

namespace postfach::store {

// Where a message is to go, and what became of it.
struct Placement {
  std::string mailbox;        // canonical
  bool is_made = false;       // if it does not exist; else the message goes to INBOX instead
  bool ignores_case = false;  // it may be written in another case
  Flags flags = {};
  std::vector<std::string> keywords = {};  // checked

  enum class Outcome : std::uint8_t { stored, over_quota, too_large, failed };
  Outcome outcome = Outcome::failed;
  std::string stored_in = {};
  Uid uid = 0;
  std::string problem = {};  // for operators
};

// Those that lead to the same mailbox get one message together. octets: of the message as it came, which counts for the
// largest message that the account permits.
void place(const std::shared_ptr<const Account::Impl>& account, Spool content, std::uint64_t octets,
           std::vector<Placement>& placements);

}  // namespace postfach::store
