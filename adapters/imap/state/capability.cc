#include "capability.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.h"

namespace postfach::imap {
namespace {

// When a capability is told. One that a client can use only after it has logged in is not told before: that keeps the
// greeting short.
enum class When : std::uint8_t { always, before_login, after_login };

bool always(const Context&) noexcept { return true; }
template <protocol::Mechanism mechanism>
bool may_use(const Context& context) {
  return context.may_log_in() && context.mechanisms().contains(mechanism);
}
// RFC 5255 §4.3: the higher level stands for both.
bool has_no_comparators(const Context& context) noexcept { return !offers(context, "I18NLEVEL=2"); }
bool can_compress(const Context& context) noexcept { return !context.compressed; }
bool may_not_log_in(const Context& context) noexcept { return !context.may_log_in(); }
bool has_quota(const Context& context) noexcept { return offers(context, "QUOTA"); }
bool can_enable(const Context& context) noexcept { return offers(context, "ENABLE"); }

// RFC 7889 §2: the same for all mailboxes.
std::string append_limit(const Context& context) {
  const std::uint64_t largest = context.store.options().max_message_size;
  const Result<Quota> quota = context.account ? context.account->quota() : Result<Quota>(Quota());
  return std::to_string(std::min(largest, quota ? quota->message_size.value_or(largest) : largest));
}

struct Capability {
  std::string_view name;
  When when = When::after_login;
  bool is_default = true;  // false: the host has to switch it on
  bool (*applies)(const Context&) = always;
  // What stands behind "NAME=", for a capability that tells a number.
  std::string (*value)(const Context&) = nullptr;
};

// Every capability there is: the README's table, with the RFC of each and the test that proves it.
constexpr std::array kCapabilities = {
    Capability{"IMAP4rev1", When::always},
    Capability{"IMAP4rev2", When::always, true, can_enable},
    Capability{"LITERAL+", When::always},
    Capability{"ID", When::always},
    Capability{"ENABLE", When::always},
    Capability{"SASL-IR", When::before_login},
    Capability{"STARTTLS", When::before_login, true, can_start_tls},
    // RFC 9051 §7.2.2: as "AUTH=" names, in the order of protocol::kMechanisms.
    Capability{"AUTH=PLAIN", When::before_login, true, may_use<protocol::Mechanism::plain>},
    Capability{"AUTH=LOGIN", When::before_login, true, may_use<protocol::Mechanism::login>},
    Capability{"AUTH=XOAUTH2", When::before_login, true, may_use<protocol::Mechanism::xoauth2>},
    Capability{"AUTH=OAUTHBEARER", When::before_login, true, may_use<protocol::Mechanism::oauthbearer>},
    Capability{"AUTH=SCRAM-SHA-256", When::before_login, true, may_use<protocol::Mechanism::scram_sha_256>},
    Capability{"AUTH=SCRAM-SHA-256-PLUS", When::before_login, true, may_use<protocol::Mechanism::scram_sha_256_plus>},
    Capability{"LOGINDISABLED", When::before_login, true, may_not_log_in},
    Capability{"IDLE"},
    Capability{"NAMESPACE"},
    Capability{"UIDPLUS"},
    Capability{"CHILDREN"},
    Capability{"UNSELECT"},
    Capability{"MOVE"},
    Capability{"SPECIAL-USE"},
    Capability{"CREATE-SPECIAL-USE"},
    Capability{"LIST-EXTENDED"},
    Capability{"LIST-STATUS"},
    Capability{"STATUS=SIZE"},
    Capability{"XLIST"},
    Capability{"SORT"},
    Capability{"SORT=DISPLAY"},
    Capability{"ESORT"},
    Capability{"THREAD=ORDEREDSUBJECT"},
    Capability{"THREAD=REFERENCES"},
    Capability{"ESEARCH"},
    Capability{"SEARCHRES"},
    Capability{"WITHIN"},
    Capability{"PARTIAL"},
    Capability{"CONTEXT=SEARCH"},
    Capability{"SEARCH=FUZZY"},
    Capability{"I18NLEVEL=1", When::after_login, true, has_no_comparators},
    Capability{"I18NLEVEL=2"},
    Capability{"OBJECTID"},
    Capability{"INPROGRESS"},
    Capability{"CONDSTORE"},
    Capability{"QRESYNC", When::after_login, true, can_enable},
    Capability{"UTF8=ACCEPT", When::after_login, true, can_enable},
    // A program enables it and then sends sequence numbers all the same.
    Capability{"UIDONLY", When::after_login, false, can_enable},
    // APPEND of literal8 as well as FETCH.
    Capability{"BINARY"},
    Capability{"PREVIEW"},
    Capability{"SAVEDATE"},
    Capability{"MULTIAPPEND"},
    Capability{"CATENATE"},
    Capability{"REPLACE"},
    Capability{"APPENDLIMIT", When::after_login, true, always, append_limit},
    // RFC 9208, and RFC 2087 by the name of the first.
    Capability{"QUOTA"},
    Capability{"QUOTA=RES-STORAGE", When::after_login, true, has_quota},
    Capability{"QUOTA=RES-MESSAGE", When::after_login, true, has_quota},
    Capability{"QUOTA=RES-MAILBOX", When::after_login, true, has_quota},
    // RFC 8437. Behind a proxy that lets go of a connection once it is logged in, switch it off (§8).
    Capability{"UNAUTHENTICATE"},
    // Costs up to 80 KiB for each connection, and under TLS the length of what is sent tells more of it.
    Capability{"COMPRESS=DEFLATE", When::after_login, false, can_compress},
};

bool contains(const std::vector<std::string>& names, std::string_view name) noexcept {
  return std::any_of(names.begin(), names.end(),
                     [name](const std::string& other) { return base::equals_ignoring_case(other, name); });
}

// The account's mask counts before the server's.
bool is_on(const Context& context, const Capability& row) noexcept {
  if (row.name == "IMAP4rev1") return true;  // what all the rest is built on
  for (const CapabilityMask* mask : {&context.account_mask, &context.options->capabilities}) {
    if (contains(mask->off, row.name)) return false;
    if (contains(mask->on, row.name)) return true;
  }
  return row.is_default;
}

}  // namespace

bool can_start_tls(const Context& context) noexcept {
  return context.peer.can_start_tls && !context.peer.tls && !context.account;
}

std::vector<std::string> capabilities(const Context& context) {
  std::vector<std::string> result;
  const When other = context.account ? When::before_login : When::after_login;
  for (const Capability& row : kCapabilities) {
    if (row.when == other || !row.applies(context) || !is_on(context, row)) continue;
    std::string& name = result.emplace_back(row.name);
    if (row.value != nullptr) (name += '=') += row.value(context);
  }
  return result;
}

protocol::MechanismSet offered_mechanisms(const Context& context) {
  protocol::MechanismSet set;
  for (const protocol::Mechanism mechanism : protocol::kMechanisms) {
    const bool is_possible = context.mechanisms().contains(mechanism);
    if (is_possible && offers(context, "AUTH=" + std::string(protocol::name_of(mechanism)))) set.add(mechanism);
  }
  return set;
}

bool offers(const Context& context, std::string_view name) noexcept {
  const auto* row =
      std::find_if(kCapabilities.begin(), kCapabilities.end(), [name](const Capability& r) { return r.name == name; });
  if (row == kCapabilities.end() || !is_on(context, *row)) return false;
  return row->applies != can_enable || can_enable(context);
}

bool offers_saved_result(const Context& context) noexcept {
  return context.enabled.rev2 || offers(context, "SEARCHRES");
}

bool offers_uid_codes(const Context& context) noexcept { return context.enabled.rev2 || offers(context, "UIDPLUS"); }

}  // namespace postfach::imap
