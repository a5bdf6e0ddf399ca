// SASLprep (RFC 4013): names and passwords that look the same to people become the same octets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

// The text prepared as a query (RFC 3454 §7: code points that Unicode 3.2 did not know yet pass). Nothing if it is not
// UTF-8, holds a prohibited character, mixes directions in a forbidden way, or is empty afterwards. What is printable
// ASCII comes back as it is.
std::optional<std::string> saslprep(std::string_view text);

}  // namespace postfach::base
