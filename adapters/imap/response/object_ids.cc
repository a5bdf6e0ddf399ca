#include "object_ids.h"

#include <charconv>
#include <cstdint>

namespace postfach::imap {

void append_mailbox_id(std::string& out, MailboxId id, UidValidity uid_validity) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += 'F';
  // All eight digits, so that the rest can't run into them.
  for (int shift = 28; shift >= 0; shift -= 4) out += kHex[uid_validity >> static_cast<unsigned>(shift) & 15U];
  char digits[16];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), static_cast<std::uint64_t>(id), 16).ptr;
  out.append(digits, end);
}

std::string code_mailbox_id(MailboxId id, UidValidity uid_validity) {
  std::string code = "MAILBOXID (";
  append_mailbox_id(code, id, uid_validity);
  code += ')';
  return code;
}

}  // namespace postfach::imap
