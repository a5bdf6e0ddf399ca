// Tag and name of a command, and the commands that have no arguments.
//
// The room's rule: one command is one plain struct and one pure parser. A parser gets a Scanner that stands
// behind the command's name and returns the struct, or nothing; then the scanner's error() is the sentence
// for BAD.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imap/wire/scanner.h"

namespace postfach::imap {

struct Head {
  std::string_view tag;  // a view of the command's text
  std::string name;      // in capitals; "UID FETCH" for the commands under UID
};

// command = tag SP name; the scanner then stands behind the name. Also for names that nobody knows.
std::optional<Head> parse_head(Scanner& in);

// The tag at the front of any text, also of a line that is no command; empty if there is none. For the answer
// to a line that could not be framed.
std::string_view tag_of(std::string_view text) noexcept;

// CAPABILITY, NOOP, LOGOUT, STARTTLS, CHECK, CLOSE, UNSELECT, EXPUNGE, IDLE, NAMESPACE: nothing follows the
// name.
bool parse_no_arguments(Scanner& in);

}  // namespace postfach::imap
