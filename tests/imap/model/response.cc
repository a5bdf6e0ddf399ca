#include "imap/model/response.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace postfach::imap::model {
namespace {

std::string capitals(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return result;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

class Reader {
 public:
  explicit Reader(std::string_view octets) : octets_(octets) {}

  bool at_end() const { return at_ == octets_.size(); }
  bool skip(std::string_view what) {
    if (octets_.substr(at_, what.size()) != what) return false;
    at_ += what.size();
    return true;
  }
  std::string_view until(std::string_view stops) {
    const std::size_t begin = at_;
    while (!at_end() && stops.find(octets_[at_]) == std::string_view::npos) ++at_;
    return octets_.substr(begin, at_ - begin);
  }
  std::string_view since(std::size_t begin) const { return octets_.substr(begin, at_ - begin); }
  std::size_t position() const { return at_; }

  bool token(Token& out) {
    if (skip("(")) {
      out.is_list = true;
      while (!skip(")")) {
        if (!out.list.empty()) skip(" ");
        if (at_end() || !token(out.list.emplace_back())) return false;
      }
      return true;
    }
    if (skip("\"")) {
      out.is_string = true;
      while (!skip("\"")) {
        skip("\\");
        if (at_end()) return false;
        out.text += octets_[at_++];
      }
      return true;
    }
    if (skip("~{") || skip("{")) {
      out.is_string = true;
      const auto size = number_of(until("}"));
      if (!size || !skip("}\r\n") || octets_.size() - at_ < *size) return false;
      out.text = octets_.substr(at_, *size);
      at_ += *size;
      return true;
    }
    // An atom; "BODY[HEADER.FIELDS (SUBJECT)]<0>" is one here.
    const std::size_t begin = at_;
    int brackets = 0;
    for (; !at_end(); ++at_) {
      const char c = octets_[at_];
      if (c == '[') ++brackets;
      if (c == ']' && --brackets < 0) break;
      if (c == '\r' || (brackets == 0 && (c == ' ' || c == ')' || c == '('))) break;
    }
    out.text = octets_.substr(begin, at_ - begin);
    return at_ > begin;
  }

 private:
  std::string_view octets_;
  std::size_t at_ = 0;
};

bool parse_response(Reader& in, Response& response) {
  const std::size_t begin = in.position();
  response.tag = in.until(" \r");
  if (response.tag == "+") {
    in.until("\r");
    response.line = in.since(begin);
    return in.skip("\r\n");
  }
  if (!in.skip(" ")) return false;
  std::string word = capitals(in.until(" \r"));
  if (response.tag == "*" && (response.number = number_of(word)).has_value()) {
    if (!in.skip(" ")) return false;
    word = capitals(in.until(" \r"));
  }
  response.name = word;
  const bool is_status = word == "OK" || word == "NO" || word == "BAD" || word == "BYE" || word == "PREAUTH";
  in.skip(" ");
  if (is_status) {
    if (in.skip("[")) {
      while (!in.skip("]")) {
        in.skip(" ");
        if (in.at_end() || !in.token(response.tokens.emplace_back())) return false;
      }
      in.skip(" ");
    }
    response.text = in.until("\r");
  } else {
    while (!in.skip("\r\n")) {
      if (in.at_end() || !in.token(response.tokens.emplace_back())) return false;
      in.skip(" ");
    }
    response.line = in.since(begin);
    return true;
  }
  response.line = in.since(begin);
  return in.skip("\r\n");
}

}  // namespace

std::optional<std::vector<Response>> parse_responses(std::string_view octets) {
  std::vector<Response> responses;
  Reader in(octets);
  while (!in.at_end()) {
    if (!parse_response(in, responses.emplace_back())) return std::nullopt;
  }
  return responses;
}

std::optional<Numbers> parse_set(std::string_view text) {
  Numbers numbers;
  while (!text.empty()) {
    const std::string_view range = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), range.size() + 1));
    const std::size_t colon = range.find(':');
    const auto first = number_of(range.substr(0, colon));
    const auto last = colon == std::string_view::npos ? first : number_of(range.substr(colon + 1));
    if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
    for (std::uint32_t number = *first; number <= *last; ++number) numbers.insert(number);
  }
  return numbers;
}

FlagNames parse_flags(const Token& list) {
  FlagNames flags;
  for (const Token& token : list.list) {
    std::string name = token.text;
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (name != "\\recent") flags.insert(std::move(name));
  }
  return flags;
}

const Token* value_of(const Token& pairs, std::string_view name) {
  for (std::size_t i = 0; i + 1 < pairs.list.size(); i += 2) {
    if (pairs.list[i].text == name) return &pairs.list[i + 1];
  }
  return nullptr;
}

}  // namespace postfach::imap::model
