// Limits and usage of an account and of its mailboxes, and warnings before a limit is reached. Limits that several
// accounts share are in quota_groups.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postfach {

// Enforced inside the transaction that stores a message: usage never exceeds a limit because of two writers at once.
// A limit below the present usage is allowed: it stops new mail and never removes any. none: unlimited.
struct Quota {
  std::optional<std::uint64_t> bytes = {};     // sum of message sizes over all mailboxes
  std::optional<std::uint64_t> messages = {};  // number of messages over all mailboxes
  // Of an account alone: mailboxes, instead of StoreOptions::max_mailboxes; octets of one message, at most
  // StoreOptions::max_message_size (RFC 7889).
  std::optional<std::uint64_t> mailboxes = {};
  std::optional<std::uint64_t> message_size = {};

  bool operator==(const Quota&) const = default;
};

struct Usage {
  std::uint64_t bytes = 0;  // each copy counts, as RFC 9208 §5.1 and every other server do
  std::uint64_t messages = 0;

  bool operator==(const Usage&) const = default;
};

// Limits of an account and what is used of them, from one transaction.
struct QuotaStatus {
  Quota quota;
  Usage usage;
  std::uint64_t mailboxes = 0;  // that there are, with the \Noselect names above them
};

// Usage has passed a threshold, or come back below it.
struct QuotaWarning {
  std::string account;   // its name
  unsigned percent = 0;  // the threshold
  bool is_over = true;   // false: usage is below it again
  Usage usage;
  Quota quota;
};

// Returns the octets of a message that tells the user ("Subject: Your mailbox is nearly full\r\n…"), which is put into
// INBOX whatever the limits say, or an empty string for none. Called after the change is durable, on the thread that made
// it and with no lock held; must be quick and must not throw.
using QuotaWarningHook = std::function<std::string(const QuotaWarning&)>;

struct QuotaWarnings {
  // In percent of the account's limits, 1..100; whichever of them is nearer counts. Empty: no warnings.
  std::vector<unsigned> thresholds = {};
  // Usage has to fall so far below a threshold before it can be passed again: who deletes one message and gets another
  // is not warned each time.
  unsigned hysteresis = 5;
  QuotaWarningHook hook = {};
};

}  // namespace postfach
