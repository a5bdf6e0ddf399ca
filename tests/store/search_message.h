// Messages and criteria for the tests of search.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "message/parser.h"
#include "postfach/search.h"
#include "store/search_matcher.h"

namespace postfach::test {

using store::Match;
using store::SearchMatcher;
using store::SearchRow;

// A message in memory, and what was read of it.
class MemorySource final : public store::SearchSource {
 public:
  explicit MemorySource(std::string octets) : octets_(std::move(octets)), parsed_(message::parse(octets_)) {}

  Result<std::string_view> envelope() override {
    ++envelopes;
    return std::string_view(parsed_.envelope);
  }
  Result<std::string_view> sections() override { return std::string_view(parsed_.sections); }
  // So little that it ends anywhere in a header.
  Result<std::string_view> front() override { return read(0, std::min<std::uint64_t>(octets_.size(), front_size)); }
  Result<std::string_view> header() override { return read(0, std::min(parsed_.header_size, store::kSearchedHeader)); }
  Result<std::string_view> read(std::uint64_t offset, std::uint64_t size) override {
    bytes_read += size;
    largest_read = std::max(largest_read, size);
    return std::string_view(octets_).substr(offset, size);
  }

  std::uint64_t front_size = 64;
  std::uint64_t envelopes = 0;
  std::uint64_t bytes_read = 0;
  std::uint64_t largest_read = 0;

 private:
  std::string octets_;
  message::Parsed parsed_;
};

// LF to CRLF.
std::string crlf(std::string_view text);
// UTF-8 in another charset.
std::string encode(std::string_view text, const std::string& charset);
// With lines of at most 76 characters.
std::string base64_lines(std::string_view octets);
std::string quoted_printable(std::string_view octets);

SearchKey text_key(SearchKey::Kind kind, std::string text);
SearchKey header_key(std::string name, std::string text);
SearchKey number_key(SearchKey::Kind kind, std::int64_t number);
SearchKey group(SearchKey::Kind kind, std::vector<SearchKey> keys);

// Whether the key matches a message that has this row and these octets.
bool matches(const SearchKey& key, const std::string& message, const SearchRow& row = {},
             const KeywordNames& names = {});

}  // namespace postfach::test
