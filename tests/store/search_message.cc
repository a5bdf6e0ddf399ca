#include "search_message.h"

#include <iconv.h>

#include <stdexcept>

#include "base/base64.h"

namespace postfach::test {

std::string crlf(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out.push_back('\r');
    out.push_back(c);
  }
  return out;
}

std::string encode(std::string_view text, const std::string& charset) {
  const iconv_t handle = ::iconv_open(charset.c_str(), "UTF-8");
  if (handle == reinterpret_cast<iconv_t>(-1)) throw std::runtime_error("no charset " + charset);
  std::string out(text.size() * 4 + 64, '\0');
  char* from = const_cast<char*>(text.data());
  std::size_t left = text.size();
  char* to = out.data();
  std::size_t room = out.size();
  const bool failed = ::iconv(handle, &from, &left, &to, &room) == static_cast<std::size_t>(-1);
  ::iconv(handle, nullptr, nullptr, &to, &room);
  ::iconv_close(handle);
  if (failed) throw std::runtime_error("text is not in " + charset);
  out.resize(out.size() - room);
  return out;
}

std::string base64_lines(std::string_view octets) {
  const std::string all = base::base64_encode(octets);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += 76) out += all.substr(at, 76) + "\r\n";
  return out;
}

std::string quoted_printable(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const char c = octets[i];
    if (octets.substr(i, 2) == "\r\n") {
      out += "\r\n";
      column = 0;
      ++i;
      continue;
    }
    if (column >= 72) {
      out += "=\r\n";
      column = 0;
    }
    const auto octet = static_cast<unsigned char>(c);
    if (octet > 32 && octet < 127 && c != '=') {
      out += c;
      ++column;
    } else {
      out += {'=', kDigits[octet / 16U], kDigits[octet % 16U]};
      column += 3;
    }
  }
  return out;
}

SearchKey text_key(SearchKey::Kind kind, std::string text) {
  SearchKey key;
  key.kind = kind;
  key.text = std::move(text);
  return key;
}

SearchKey header_key(std::string name, std::string text) {
  SearchKey key = text_key(SearchKey::Kind::header, std::move(text));
  key.name = std::move(name);
  return key;
}

SearchKey number_key(SearchKey::Kind kind, std::int64_t number) {
  SearchKey key;
  key.kind = kind;
  key.number = static_cast<std::uint64_t>(number);
  return key;
}

SearchKey group(SearchKey::Kind kind, std::vector<SearchKey> keys) {
  SearchKey key;
  key.kind = kind;
  key.keys = std::move(keys);
  return key;
}

bool matches(const SearchKey& key, const std::string& message, const SearchRow& row, const KeywordNames& names) {
  auto matcher = SearchMatcher::compile(key, names).value();
  const Match by_row = matcher.match(row);
  if (by_row != Match::unknown) return by_row == Match::yes;
  MemorySource source(message);
  return matcher.decide(source).value();
}

}  // namespace postfach::test
