#include "id.h"

namespace postfach::imap {

// id             = "ID" SP id-params-list
// id-params-list = "(" #(string SP nstring) ")" / nil
std::optional<Id> parse_id(Scanner& in) {
  Id id;
  if (!in.sp()) return std::nullopt;
  if (!in.word("NIL")) {
    if (!in.expect('(')) return std::nullopt;
    if (!in.skip(')')) {
      do {
        std::string name;
        std::string value;
        bool nil = false;
        if (!in.string(name) || !in.sp() || !in.nstring(value, nil)) return std::nullopt;
        if (id.fields.size() == Id::kMaxPairs) continue;
        if (name.size() > Id::kMaxName) name.resize(Id::kMaxName);
        if (value.size() > Id::kMaxValue) value.resize(Id::kMaxValue);
        id.fields.emplace_back(std::move(name), nil ? std::nullopt : std::optional(std::move(value)));
      } while (in.skip(' '));
      if (!in.expect(')')) return std::nullopt;
    }
  }
  if (!in.end()) return std::nullopt;
  return id;
}

}  // namespace postfach::imap
