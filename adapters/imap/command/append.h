// APPEND (RFC 9051 §6.3.12) with several messages (RFC 3502), CATENATE (RFC 4469), BINARY (RFC 3516 §4.4) and UTF8
// (RFC 6855 §4), and REPLACE (RFC 8508), which has the same arguments behind its own.
//
// Messages and parts of messages never are part of a command's text: it reaches the parser in pieces, each of which ends
// with the announcement of a literal or with the end of the command.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "imap/wire/scanner.h"

namespace postfach::imap {

// What a literal belongs to, from the text of the command at its announcement.
enum class LiteralUse : std::uint8_t {
  argument,  // of any command, also the mailbox name of APPEND: keep it
  streamed,  // of APPEND or REPLACE behind the mailbox name: hand it over as it comes
};
LiteralUse literal_use(std::string_view text) noexcept;

// Up to the mailbox name; the scanner then stands behind it.
struct Append {
  std::string mailbox;
};
std::optional<Append> parse_append(Scanner& in);

struct Replace {
  NumberSet message;  // one number
  std::string mailbox;
};
std::optional<Replace> parse_replace(Scanner& in);

// The rest: 1*append-message.
class AppendParser {
 public:
  struct Syntax {
    bool multiappend = false;
    bool catenate = false;
    bool binary = false;
    bool utf8 = false;
    bool utf8_names = false;  // for the scanner
  };

  enum class Event : std::uint8_t {
    message,      // begins: flags() and internal_date()
    literal,      // of literal() octets: all of the message or a part of it
    url_literal,  // the same, but of a URL
    url,          // url()
    message_end,
    end,    // of the command
    error,  // error()
  };

  explicit AppendParser(const Syntax& syntax) noexcept : syntax_(syntax) {}

  // What the client sent up to the next announcement or the end. At first what stands behind the mailbox name, then
  // what follows the octets of a literal. The text must live until next() has returned literal, url_literal, end or
  // error: after those there is nothing more in it.
  void set_text(std::string_view text) noexcept { in_ = Scanner(text, syntax_.utf8_names); }
  Event next();

  struct Literal {
    std::uint64_t size = 0;   // UINT64_MAX also for anything larger
    bool is_binary = false;   // literal8: it may have NULs
    bool is_message = false;  // all of it, not a part
  };
  const Literal& literal() const noexcept { return literal_; }
  FlagList& flags() noexcept { return flags_; }
  const std::optional<DateTime>& internal_date() const noexcept { return internal_date_; }
  const std::string& url() const noexcept { return url_; }
  std::string_view error() const noexcept { return in_.error(); }

 private:
  enum class Place : std::uint8_t {
    options,  // before a message, or at the end of the command
    data,     // behind its options
    part,     // before a part of CATENATE
    behind_part,
    behind_utf8,  // at the parenthesis that closes UTF8 (…)
    behind_message,
  };

  bool message();
  bool data(Event& event);
  bool part(Event& event);
  bool announced(bool utf8);

  Syntax syntax_;
  Scanner in_{std::string_view()};
  Place place_ = Place::options;
  bool is_first_ = true;
  bool catenates_ = false;
  Literal literal_;
  FlagList flags_;
  std::optional<DateTime> internal_date_;
  std::string url_;
};

}  // namespace postfach::imap
