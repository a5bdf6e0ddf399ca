// The structured MIME fields: "value; name=value; …" of Content-Type and Content-Disposition (RFC 2045 §5.1, RFC 2183)
// with the continuations of RFC 2231, single tokens and lists of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

struct Parameter {
  std::string name;   // as written; a "*" at its end if the value is in the extended form (charset'language'%xx…)
  std::string value;  // unquoted; continuations joined (RFC 9051 §7.5.2), nothing decoded
  bool operator==(const Parameter&) const = default;
};

struct Parametrized {
  std::string type;     // "text" of text/plain, "attachment"; empty if the field can't be read
  std::string subtype;  // of Content-Type
  std::vector<Parameter> parameters;
};

// At most `most` parameters count. Tolerates comments, missing quotes, stray semicolons; linear time.
Parametrized parse_content_type(std::string_view value, std::size_t most);
Parametrized parse_content_disposition(std::string_view value, std::size_t most);
// The first parameter of that name (ASCII case ignored), or nullptr.
const Parameter* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) noexcept;

// Content-Transfer-Encoding (RFC 2045 §6.1); empty if there is no token.
std::string parse_token(std::string_view value);
// Content-Language (RFC 3282 §2).
std::vector<std::string> parse_token_list(std::string_view value, std::size_t most);

}  // namespace postfach::message
