// Which names LIST, LSUB and XLIST answer with, and the answers (RFC 9051 §6.3.9.3).
//
// The names are read once, with the counters of their mailboxes, and no transaction is held while the client reads.
// Nothing is quadratic: a client may subscribe to thousands of names that are 64 levels deep.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "imap/command/list.h"
#include "imap/response/mailbox_data.h"
#include "list_attributes.h"
#include "mailbox_pattern.h"
#include "task.h"

namespace postfach::imap {

struct Listing {
  enum class Response : std::uint8_t { list, lsub, xlist };

  Response response = Response::list;
  MailboxPatterns patterns = {};
  // The criteria.
  bool only_subscribed = false;
  bool only_special_use = false;
  // Names that don't meet the criteria come too if one below them does and matches no pattern (RFC 9051 §6.3.9.3):
  // RECURSIVEMATCH, and LSUB with a '%' (RFC 3501 §6.3.9).
  bool parents = false;
  bool tell_subscribed = false;
  ToldAttributes told = {};
  std::optional<StatusItems> status = {};  // a STATUS response behind each LIST response (RFC 5819)
  bool utf8 = false;
  std::string_view text = {};  // of the tagged OK
};

class ListTask : public Task {
 public:
  ListTask(Listing listing, std::vector<MailboxInfo> names);

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;

 private:
  enum class Phase : std::uint8_t { match, parents, answer };

  // A name that may be answered with: one of names_, or the first octets of one, which no name of names_ has.
  struct Entry {
    std::uint32_t name;  // index
    std::uint16_t octets;
    bool has_child;           // below it is a name that meets the criteria
    bool has_unlisted_child;  // and one of these matches no pattern
  };
  class Budget;

  bool meets(const MailboxInfo& name) const noexcept;
  Step match(Budget& budget);
  void find_parents();
  Step answer(Budget& budget, std::string& out, std::size_t soft_limit);
  void append(std::string& out, const Entry& entry, const MailboxPattern& pattern) const;
  ListAttributes attributes(const MailboxInfo& info, bool is_listed) const noexcept;

  Listing listing_;
  std::vector<MailboxInfo> names_;
  Phase phase_;
  std::size_t next_ = 0;
  // With listing_.parents alone:
  std::vector<bool> matched_;  // of names_: meets the criteria, and a pattern matches
  std::vector<Entry> entries_;
};

}  // namespace postfach::imap
