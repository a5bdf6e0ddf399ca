// How a store takes mail in: envelopes, limits, plus-addresses, and the host's say. delivery.h does it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach {

class Account;

// What is known of a message before its octets (RFC 5321 §2.3.1).
struct Envelope {
  // The reverse-path without its angle brackets; empty for a message about messages (RFC 5321 §4.5.5). At most 1000
  // octets of UTF-8 without control characters.
  std::string sender = {};
  // Octets, if the sender says (RFC 1870); 0: not known. What comes counts, not this.
  std::uint64_t size = 0;
  // What a Received field is made of (RFC 5321 §4.4), which is added if `server` is given: who took the message in ("by"),
  // over what ("LMTP", RFC 3848), what the client called itself and the address that it has.
  std::string server = {};
  std::string protocol = {};
  std::string client = {};
  std::string remote = {};
};

// A message that has arrived for one recipient and is not stored yet.
struct Arrival {
  const Envelope& envelope;
  const Account& account;
  std::string_view address;  // of the recipient, as it was given
  std::string_view detail;   // "lists" of alice+lists@example.org; empty without one
  std::string_view mailbox;  // where the message goes if nobody says otherwise
  std::uint64_t size;        // octets of the message as it came
  // Appends up to `most` octets of the message from offset on to out, without the fields that are put in front. Fewer
  // only at the end. Errors: unavailable.
  std::function<Result<std::size_t>(std::uint64_t offset, std::size_t most, std::string& out)> read;
};

struct DeliveryChoice {
  enum class Action : std::uint8_t {
    store,
    discard,  // the sender is told that it was stored
    reject,   // for good: the sender gets it back
    defer,    // the sender tries again later
  };
  Action action = Action::store;
  // Instead of the one where it would go; made, and subscribed, if it does not exist. Where that can't be done (no name of a mailbox, too
  // many of them) the message goes to INBOX.
  std::optional<std::string> mailbox = {};
  Flags flags = {};
  std::vector<std::string> keywords = {};  // those that are no keywords, or one too many for the mailbox, are left out
  // For the sender of what is rejected or deferred; printable, at most 400 octets are told.
  std::string text = {};
};

// Called for each recipient once the message is there, on the thread that calls Delivery::step() or finish(), with no lock
// held. May block and call the store; must not throw.
using DeliveryHook = std::function<DeliveryChoice(const Arrival&)>;

// alice+lists@example.org is an address of whoever has alice@example.org, unless it is somebody's address itself.
struct PlusAddresses {
  enum class Mailboxes : std::uint8_t {
    none,      // the message goes to INBOX
    existing,  // to the mailbox of that name (also in another case, if there is only one), else to INBOX
    create,    // the same, but the mailbox is made; anybody who can send mail can do that
  };
  char separator = '+';  // the first one in the address counts; '\0': there are no such addresses
  Mailboxes mailboxes = Mailboxes::none;
};

struct DeliveryRules {
  // Recipients of one message; RFC 5321 §4.5.3.1.8 asks for 100. Each takes some 200 octets until it is stored.
  std::size_t max_recipients = 1000;
  // What the sender of a message is told that does not fit.
  enum class OverQuota : std::uint8_t {
    now,       // to try again later (452 4.2.2): the user may make room
    for_good,  // that it can't be delivered (552 5.2.2)
  };
  OverQuota over_quota = OverQuota::now;
  // Whether an account that can't log in gets mail.
  enum class Disabled : std::uint8_t { accept, defer, refuse };
  Disabled disabled = Disabled::accept;
  PlusAddresses plus = {};
  DeliveryHook hook = {};
};

}  // namespace postfach
