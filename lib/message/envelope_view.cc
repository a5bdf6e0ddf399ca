#include "envelope_view.h"

#include <algorithm>

#include "base/ascii.h"

namespace postfach::message {
namespace {

// The string or NIL at the beginning of a text; empty if there is none.
std::string_view take_token(std::string_view text) noexcept {
  if (text.starts_with('"')) {
    for (std::size_t at = text.find('"', 1); at != std::string_view::npos; at = text.find('"', at + 1)) {
      std::size_t backslashes = 0;
      while (text[at - 1 - backslashes] == '\\') ++backslashes;
      if (backslashes % 2 == 0) return text.substr(0, at + 1);
    }
    return {};
  }
  if (text.starts_with('{')) {
    const std::size_t brace = text.find("}\r\n");
    if (brace == std::string_view::npos) return {};
    const std::size_t begin = brace + 3;
    const auto size = base::parse_number(text.substr(1, brace - 1), text.size() - begin);
    return size ? text.substr(0, begin + static_cast<std::size_t>(*size)) : std::string_view();
  }
  return text.starts_with("NIL") ? text.substr(0, 3) : std::string_view();
}

// The address list at the beginning of a text; empty if it does not end.
std::string_view take_list(std::string_view text) noexcept {
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '(' || c == ')' || c == ' ') {
      ++at;
      if (c == '(') ++depth;
      if (c == ')' && --depth == 0) return text.substr(0, at);
      continue;
    }
    const std::size_t size = take_token(text.substr(at)).size();
    if (size == 0) return {};
    at += size;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> read_nstring(std::string_view token, std::string& scratch) {
  if (token.starts_with('{')) return token.substr(token.find('\n') + 1);
  if (!token.starts_with('"') || token.size() < 2) return std::nullopt;
  token = token.substr(1, token.size() - 2);
  if (token.find('\\') == std::string_view::npos) return token;
  scratch.clear();
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] == '\\' && at + 1 < token.size()) ++at;
    scratch.push_back(token[at]);
  }
  return scratch;
}

std::string_view quoted_subject(std::string_view envelope) noexcept {
  // A quote ends a string unless a backslash stands before it; where one does, it may be quoted itself.
  const auto end_of = [envelope](std::size_t begin) {
    const std::size_t end = envelope.find('"', begin);
    return end != std::string_view::npos && envelope[end - 1] == '\\' ? std::string_view::npos : end;
  };
  constexpr std::string_view kBegin = "(\"";
  constexpr std::string_view kBetween = "\" \"";
  if (!envelope.starts_with(kBegin)) return {};
  const std::size_t date_end = end_of(kBegin.size());
  if (date_end == std::string_view::npos || !envelope.substr(date_end).starts_with(kBetween)) return {};
  const std::size_t begin = date_end + kBetween.size();
  const std::size_t end = end_of(begin);
  return end == std::string_view::npos ? std::string_view() : std::string_view(envelope.data() + begin, end - begin);
}

std::string_view EnvelopeView::field(EnvelopeField field) {
  const auto wanted = static_cast<std::size_t>(field);
  while (known_ <= wanted) {
    const std::string_view rest = text_.substr(std::min(at_, text_.size()));
    const std::string_view found = rest.starts_with('(') ? take_list(rest) : take_token(rest);
    // A space follows, or the end; behind what can't be read all fields are empty.
    at_ = found.empty() ? text_.size() : at_ + found.size() + 1;
    fields_[known_++] = found;
  }
  return fields_[wanted];
}

std::optional<std::string_view> EnvelopeView::text(EnvelopeField field, std::string& scratch) {
  return read_nstring(this->field(field), scratch);
}

std::optional<AddressTokens> EnvelopeView::first_address(EnvelopeField field) {
  std::string_view list = this->field(field);
  if (!list.starts_with("((")) return std::nullopt;
  list.remove_prefix(2);
  AddressTokens address;
  for (std::string_view* token : {&address.name, &address.route, &address.mailbox, &address.host}) {
    *token = take_token(list);
    list.remove_prefix(std::min(list.size(), token->size() + 1));
  }
  return address;
}

}  // namespace postfach::message
