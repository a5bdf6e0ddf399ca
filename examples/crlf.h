// Line ends as mail has them.
#pragma once

#include <string>
#include <string_view>

namespace examples {

// The text with CRLF for each line end, whether it is LF or CRLF.
inline std::string with_crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\r') continue;
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

}  // namespace examples
