// LANG: the language of what replies say to people (RFC 6856 §3).
#include <string>
#include <string_view>

#include "base/ascii.h"
#include "handlers.h"
#include "reply.h"

namespace postfach::pop3 {
namespace {

constexpr std::string_view language = "en";

// RFC 4647 §3.3.1: a basic language range matches a tag that it is, or is the front of at a hyphen.
bool matches(std::string_view range) noexcept { return range == "*" || base::equals_ignoring_case(range, language); }

}  // namespace

// All there is to say is said in English; a client is told so.
Outcome handle_lang(Context&, const Command& command, std::string& out) {
  if (command.text.empty()) {
    append_ok(out, "Languages follow");
    out += language;
    out += " English\r\n";
    append_end(out);
  } else if (matches(command.text)) {
    append_ok(out, std::string(language) + " English it is");
  } else {
    append_error(out, "No such language");
  }
  return Outcome::good;
}

}  // namespace postfach::pop3
