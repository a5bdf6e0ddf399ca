// Modified UTF-7, the encoding of mailbox names in IMAP4rev1 (RFC 3501 §5.1.3).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

// To UTF-8. Strict: only the one encoding that utf7_encode() makes, so that two names on the wire are never one name in
// the store. Nothing for 8-bit or control octets, base64 where plain ASCII would do, "-&" within a run, an unterminated
// "&", padding bits that are not zero, an unpaired surrogate or a NUL.
std::optional<std::string> utf7_decode(std::string_view text);

// From UTF-8. Octets that are not UTF-8 become U+FFFD.
std::string utf7_encode(std::string_view utf8);

}  // namespace postfach::base
