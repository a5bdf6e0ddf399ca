// Address lists of RFC 5322 §3.4, with the obsolete forms of §4.4 and everything that real mail does to them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

// One row of an ENVELOPE address list (RFC 9051 §7.5.2): a mailbox, or the start (mailbox set, host absent) or end
// (mailbox and host absent) of a group.
struct Address {
  std::optional<std::string> name;   // display name or, failing that, comment; encoded words stay encoded
  std::optional<std::string> route;  // obsolete at-domain-list
  std::optional<std::string> mailbox;
  std::optional<std::string> host;
  bool operator==(const Address&) const = default;
};

// At most `most` rows; linear time; never fails: what can't be read becomes as much of an address as it allows.
std::vector<Address> parse_addresses(std::string_view value, std::size_t most = 10'000);

}  // namespace postfach::message
