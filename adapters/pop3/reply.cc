#include "reply.h"

#include "base/ascii.h"

namespace postfach::pop3 {

void append_ok(std::string& out, std::string_view text) {
  out += "+OK ";
  out += text;
  out += "\r\n";
}

void append_error(std::string& out, std::string_view text) {
  out += "-ERR ";
  out += text;
  out += "\r\n";
}

void append_end(std::string& out) { out += ".\r\n"; }

std::string describe(std::uint32_t messages, std::uint64_t octets) {
  std::string text;
  base::append_number(text, messages);
  text += messages == 1 ? " message (" : " messages (";
  base::append_number(text, octets);
  text += octets == 1 ? " octet)" : " octets)";
  return text;
}

std::string_view words_for(Errc code) noexcept {
  switch (code) {
    case Errc::auth_failed:
      return "[AUTH] Wrong name or password";
    case Errc::not_permitted:
      return "[SYS/PERM] This account may not log in";
    case Errc::in_use:
      return "[SYS/TEMP] The mailbox is busy, please try again";
    case Errc::unavailable:
      return "[SYS/TEMP] The mailbox is not available, please try again later";
    case Errc::not_found:
      return "[SYS/PERM] There is no such mailbox any more";
    case Errc::corrupt:
    case Errc::newer_schema:
      return "[SYS/PERM] The mailbox can't be read, please call the operator";
    case Errc::over_quota:
      return "[SYS/PERM] The mailbox for deleted messages is full, nothing was changed";
    case Errc::invalid_argument:
    case Errc::already_exists:
    case Errc::limit:
    case Errc::internal:
      break;
  }
  return "[SYS/TEMP] Internal error, please try again later";
}

}  // namespace postfach::pop3
