// search-return-opts (RFC 4466 §2.6.1; RFC 9051 §6.4.4).
#include "base/ascii.h"
#include "search.h"

namespace postfach::imap {
namespace {

struct ReturnName {
  std::string_view name;
  bool ReturnOptions::*option;
};

constexpr ReturnName kReturnNames[] = {
    {"ALL", &ReturnOptions::all},   {"CONTEXT", &ReturnOptions::context}, {"COUNT", &ReturnOptions::count},
    {"MAX", &ReturnOptions::max},   {"MIN", &ReturnOptions::min},         {"RELEVANCY", &ReturnOptions::relevancy},
    {"SAVE", &ReturnOptions::save}, {"UPDATE", &ReturnOptions::update},
};

bool parse_option(Scanner& in, ReturnOptions& out) {
  std::string_view name;
  if (!in.atom(name)) return false;
  if (base::equals_ignoring_case(name, "PARTIAL")) {
    if (out.partial) return in.fail("PARTIAL may be given once");
    return in.sp() && parse_partial_range(in, out.partial.emplace());
  }
  for (const ReturnName& row : kReturnNames) {
    if (!base::equals_ignoring_case(name, row.name)) continue;
    out.*row.option = true;
    return true;
  }
  return in.fail("Unknown return option");
}

}  // namespace

// search-return-opts = "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"
bool parse_return_options(Scanner& in, ReturnOptions& out) {
  if (!in.word("RETURN")) return true;
  out.given = true;
  if (!in.sp() || !in.expect('(')) return false;
  if (!in.skip(')')) {
    do {
      if (!parse_option(in, out)) return false;
    } while (in.skip(' '));
    if (!in.expect(')')) return false;
  }
  // RFC 9394 §3.1
  if (out.partial && out.all) return in.fail("PARTIAL and ALL exclude each other");
  return in.sp();
}

}  // namespace postfach::imap
