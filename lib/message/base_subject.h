// The base subject of RFC 5256 §2.1: what is left of a subject without "Re:", "Fwd:", "[list]" and the like.
#pragma once

#include <string>
#include <string_view>

namespace postfach::message {

struct BaseSubject {
  std::string_view text;  // UTF-8, in its case; part of the buffer
  // RFC 5256 §3: "re:", "fwd:", "(fwd)" or "[fwd: ]" was taken off.
  bool is_reply_or_forward = false;
};

// subject: unfolded, as in ENVELOPE; encoded words are decoded. buffer holds what the result is part of. Linear time.
BaseSubject base_subject(std::string_view subject, std::string& buffer);

}  // namespace postfach::message
