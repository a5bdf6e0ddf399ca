#include "sasl_name.h"

namespace postfach::protocol {

std::optional<std::string> parse_sasl_name(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::string name;
  while (!text.empty()) {
    const bool is_escaped = text.front() == '=';
    const std::string_view taken = text.substr(0, is_escaped ? 3 : 1);
    if (is_escaped && taken != "=2C" && taken != "=3D") return std::nullopt;
    name += taken == "=2C" ? ',' : taken == "=3D" ? '=' : taken.front();
    text.remove_prefix(taken.size());
  }
  return name;
}

}  // namespace postfach::protocol
