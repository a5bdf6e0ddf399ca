// saslname (RFC 5801 §4, RFC 5802 §7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::protocol {

// The name with "," and "=" for "=2C" and "=3D". Nothing if it is empty or has any other "=".
std::optional<std::string> parse_sasl_name(std::string_view text);

}  // namespace postfach::protocol
