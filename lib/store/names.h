// What may be the name of an account, a mailbox, a keyword or a UIDL.
#pragma once

#include <string>
#include <string_view>

#include "postfach/quota.h"
#include "postfach/result.h"

namespace postfach::store {

inline constexpr std::string_view kInbox = "INBOX";

// The form in which a mailbox name is kept: NFC, "INBOX" in capitals. Errors: invalid_argument.
Result<std::string> canonical_name(std::string_view name);

// Without a '/' at its end (RFC 9051 §6.3.4: the client means to create names below it).
std::string_view without_trailing_separator(std::string_view name) noexcept;

// The name one level up; empty at the first level.
std::string_view parent_of(std::string_view name) noexcept;
// Whether a name can lie below this one, which is canonical: it would not be too long or too deep.
bool may_have_children(std::string_view name) noexcept;
// Whether name lies below ancestor.
bool is_below(std::string_view name, std::string_view ancestor) noexcept;

// An account's name, login or address: 1..255 octets of UTF-8 without control characters. Errors: invalid_argument.
Result<void> check_identity(std::string_view name);
// RFC 9051 §9 flag-keyword: an atom. Errors: invalid_argument.
Result<void> check_keyword(std::string_view keyword);
// RFC 1939 §7: 1..70 octets of 0x21..0x7E. Errors: invalid_argument.
Result<void> check_uidl(std::string_view uidl);
// A limit is an INTEGER of SQL. Errors: invalid_argument.
Result<void> check_limits(const Quota& quota);

}  // namespace postfach::store
