#include "address.h"

#include <utility>

#include "lexer.h"

namespace postfach::message {
namespace {

// Everything that is part of a word outside quotes: RFC 5322 §3.2.3 atext, and whatever else has no meaning in an
// address list.
bool is_word_octet(char c) noexcept {
  switch (c) {
    case '(':
    case ')':
    case '<':
    case '>':
    case ':':
    case ';':
    case '@':
    case ',':
    case '.':
    case '"':
      return false;
    default:
      return !is_white(c);
  }
}

// Words as they come, until it is clear what they are: a display name, a local part or the name of a group.
struct Words {
  std::string text;           // all of them, a space where there was white space
  std::string local;          // the last run of words joined by dots, without white space: a local part if "@" follows
  std::size_t name_size = 0;  // of text before that run
  std::size_t runs = 0;
  bool quoted = false;  // one of them was a quoted string
  bool joined = false;  // the last one was a dot

  void add(std::string_view word, bool white_before, bool dot = false) {
    if (runs == 0 || !(joined || dot || !white_before)) {
      name_size = text.size();
      local.clear();
      ++runs;
    }
    if (white_before && !text.empty()) text.push_back(' ');
    text.append(word);
    local.append(word);
    joined = dot;
  }
};

class ListReader {
 public:
  ListReader(std::string_view value, std::size_t most) : lexer_(value), most_(most) {}

  std::vector<Address> read() {
    while (!lexer_.done() && has_room()) step();
    finish_address();
    end_group();
    return std::move(rows_);
  }

 private:
  void step() {
    white_ |= lexer_.skip_white();
    if (lexer_.done()) return;
    switch (const char c = lexer_.peek()) {
      case '(': {
        std::string text;
        if (lexer_.comment(&text)) {
          comment_ = std::move(text);  // the last one counts: "a@b (work) (Ann)"
          white_ = true;
        } else {
          lexer_.advance();
        }
        return;
      }
      case ',':
        lexer_.advance();
        finish_address();
        return;
      case ';':
        lexer_.advance();
        finish_address();
        end_group();
        return;
      case ':':
        lexer_.advance();
        begin_group();
        return;
      case '<':
        lexer_.advance();
        read_angle();
        return;
      case '@':
        if (words_.runs == 0 && !complete_) {  // "@a:b@c", a route without its brackets
          read_angle();
          return;
        }
        lexer_.advance();
        read_bare_domain();
        return;
      case '>':
      case ')':
        lexer_.advance();
        return;
      default:
        read_word(c);
    }
  }

  void read_word(char c) {
    std::string quoted;
    if (c == '"' && !lexer_.quoted_string(quoted)) {
      lexer_.advance();
      return;
    }
    if (complete_) {  // "a@b c@d", "<a@b> c": a comma is missing, or this is nothing
      finish_address();
      after_address_ = true;
    }
    add_word(words_, c, quoted);
  }

  void add_word(Words& words, char c, std::string_view quoted) {
    if (c == '"') {
      words.add(quoted, white_);
      words.quoted = true;
    } else if (c == '.') {
      lexer_.advance();
      words.add(".", white_, true);
    } else {
      words.add(lexer_.take_while(is_word_octet), white_);
    }
    white_ = false;
  }

  // local@domain without angle brackets. More than one run of words before it: all but the last are a name.
  void read_bare_domain() {
    if (complete_) {  // "a@b@c"
      read_domain();
      return;
    }
    bare_text_ = words_.text;
    Address address;
    address.mailbox = std::move(words_.local);
    if (words_.name_size > 0) address.name = words_.text.substr(0, words_.name_size);
    address.host = read_domain();
    bare_text_.push_back('@');
    bare_text_.append(*address.host);
    address_ = std::move(address);
    complete_ = true;
    words_ = {};
  }

  // RFC 5322 §4.4 obs-domain or §3.4.1 domain-literal.
  std::string read_domain() {
    std::string domain;
    read_white_and_comments();
    if (lexer_.peek() == '[') {
      domain = lexer_.take_while([](char c) { return c != ']' && c != '>' && c != ',' && !is_white(c); });
      if (lexer_.accept(']')) domain.push_back(']');
      return domain;
    }
    bool joined = true;
    while (!lexer_.done()) {
      if (lexer_.accept('.')) {
        domain.push_back('.');
        joined = true;
      } else if (joined && is_word_octet(lexer_.peek())) {
        domain.append(lexer_.take_while(is_word_octet));
        joined = false;
      } else {
        break;
      }
      read_white_and_comments();
    }
    return domain;
  }

  void read_white_and_comments() {
    for (;;) {
      white_ |= lexer_.skip_white();
      std::string text;
      if (lexer_.peek() != '(' || !lexer_.comment(&text)) return;
      comment_ = std::move(text);
      white_ = true;
    }
  }

  void read_angle() {
    Address address;
    if (complete_ && !angle_) {  // "x@y <z@w>": the first one was meant as the name
      address.name = std::move(bare_text_);
    } else {
      if (complete_) finish_address();  // "<a@b> <c@d>"
      if (!words_.text.empty()) address.name = std::move(words_.text);
    }
    words_ = {};
    read_angle_address(address);
    address_ = std::move(address);
    complete_ = angle_ = true;
  }

  // What follows "<", up to ">" or what must be the end of it if there is no ">".
  void read_angle_address(Address& address) {
    Words local;
    std::string route;
    std::string host;
    bool has_host = false;
    white_ = false;
    while (!lexer_.done()) {
      white_ |= lexer_.skip_white();
      const char c = lexer_.peek();
      if (lexer_.done() || c == ';' || c == '<' || (c == ',' && (!has_host || local.runs > 0))) break;
      if (c == '"') {
        std::string quoted;
        if (lexer_.quoted_string(quoted)) {
          add_word(local, c, quoted);
        } else {
          lexer_.advance();
        }
      } else if (c == '(') {
        read_white_and_comments();
        if (lexer_.peek() == '(') lexer_.advance();
      } else if (c == '@') {
        lexer_.advance();
        std::string domain = read_domain();
        if (local.runs == 0 && !domain.empty()) {  // a hop of a route: "@a,@b:local@host"
          if (!route.empty()) route.push_back(',');
          route.push_back('@');
          route.append(domain);
        }
        host = std::move(domain);
        has_host = true;
      } else if (c == ':') {  // the end of a route, or of a scheme that does not belong here ("mailto:")
        lexer_.advance();
        if (!route.empty()) address.route = std::move(route);
        route.clear();
        host.clear();
        has_host = false;
        local = {};
      } else if (c == '.' || is_word_octet(c)) {
        add_word(local, c, {});
      } else {
        lexer_.advance();
        if (c == '>') break;
      }
    }
    address.mailbox = std::move(local.runs > 1 ? local.text : local.local);
    address.host = std::move(host);
  }

  void finish_address() {
    if (complete_) {
      if (!address_.name && !comment_.empty()) address_.name = std::move(comment_);
      push(std::move(address_));
    } else if (!words_.text.empty() && !after_address_) {
      // No "@" anywhere: one word is a mailbox of unknown host, more are a name.
      Address address;
      address.mailbox.emplace();
      address.host.emplace();
      if (words_.runs == 1 && !words_.quoted) {
        address.mailbox = std::move(words_.text);
        if (!comment_.empty()) address.name = std::move(comment_);
      } else {
        address.name = std::move(words_.text);
      }
      push(std::move(address));
    }
    address_ = {};
    words_ = {};
    comment_.clear();
    complete_ = angle_ = after_address_ = white_ = false;
  }

  void begin_group() {
    if (complete_) {  // "a@b:", where a name can't be
      finish_address();
      return;
    }
    Address start;
    start.mailbox = std::move(words_.text);
    words_ = {};
    finish_address();
    if (in_group_ || rows_.size() + 2 > most_) return;  // groups don't nest; room for the end as well
    rows_.push_back(std::move(start));
    in_group_ = true;
  }

  void end_group() {
    if (in_group_) rows_.emplace_back();
    in_group_ = false;
  }

  bool has_room() const noexcept { return rows_.size() + (in_group_ ? 1 : 0) < most_; }
  void push(Address&& address) {
    if (has_room()) rows_.push_back(std::move(address));
  }

  Lexer lexer_;
  std::size_t most_;
  std::vector<Address> rows_;
  Words words_;
  Address address_;        // read, and waiting for a comment that names it
  std::string bare_text_;  // address_ as text, if it had no angle brackets
  std::string comment_;
  bool complete_ = false;       // address_ holds one
  bool angle_ = false;          // it had angle brackets
  bool after_address_ = false;  // words since an address without a comma: "<a@b> rest"
  bool white_ = false;
  bool in_group_ = false;
};

}  // namespace

std::vector<Address> parse_addresses(std::string_view value, std::size_t most) {
  return ListReader(value, most).read();
}

}  // namespace postfach::message
