// What the server offers, which depends on the state (RFC 9051 §7.2.2) and on what the host has switched on and off.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context.h"

namespace postfach::imap {

// Whether STARTTLS would be accepted now.
bool can_start_tls(const Context& context) noexcept;

// In the order in which CAPABILITY names them.
std::vector<std::string> capabilities(const Context& context);

// What is offered of protocol::possible_mechanisms(), as "AUTH=PLAIN" and so on.
protocol::MechanismSet offered_mechanisms(const Context& context);

// Whether the client may use a capability of the table once it is in the right state: it is there, and nobody has
// switched it off. What is not offered is answered as if it were unknown.
bool offers(const Context& context, std::string_view name) noexcept;

// The same for what two capabilities have in common, or IMAP4rev2 has too once it is enabled (RFC 9051 Appendix E):
bool offers_saved_result(const Context& context) noexcept;  // "$" and RETURN (SAVE)
bool offers_uid_codes(const Context& context) noexcept;     // APPENDUID and COPYUID

}  // namespace postfach::imap
