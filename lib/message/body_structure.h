// BODY from BODYSTRUCTURE: the same form without the extension data (RFC 9051 §7.5.2).
#pragma once

#include <string>
#include <string_view>

namespace postfach::message {

// body_structure is what the parser wrote. Linear time.
std::string body_from_body_structure(std::string_view body_structure);

}  // namespace postfach::message
