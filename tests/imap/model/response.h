// What a client reads of a server's octets, written apart from the server's own code.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::imap::model {

using Numbers = std::set<std::uint32_t>;
using FlagNames = std::set<std::string>;  // lower case, without \Recent

// A token of a response: an atom, a string or a parenthesised list.
struct Token {
  bool is_list = false;
  bool is_string = false;
  std::string text = {};
  std::vector<Token> list = {};
};

// One response, its literals read: "* 12 FETCH (...)", "a1 OK [...] text".
struct Response {
  std::string tag;  // "*", "+" or a tag
  std::optional<std::uint32_t> number;
  std::string name;           // in capitals
  std::vector<Token> tokens;  // what follows the name; of a status response the code alone
  std::string text;           // of a status response
  std::string line;           // as it came, for messages
};

// All of the octets; nothing if they are no sequence of whole responses.
std::optional<std::vector<Response>> parse_responses(std::string_view octets);

// "1:3,7"; nothing if it is none or has a "*".
std::optional<Numbers> parse_set(std::string_view text);
FlagNames parse_flags(const Token& list);
// The value behind a name in a list of pairs, as in FETCH and STATUS.
const Token* value_of(const Token& pairs, std::string_view name);

}  // namespace postfach::imap::model
