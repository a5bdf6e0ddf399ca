// Replies of many lines, written piece by piece as the connection takes them.
//
// Invariant: between two steps nothing of the store is held but the Body of the message that is being sent,
// which pins its octets: once the first line of RETR is out, all of the message follows, even if it is
// expunged meanwhile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "maildrop.h"
#include "postfach/result.h"

namespace postfach::pop3 {

class MultiLine {
 public:
  virtual ~MultiLine() = default;

  // Appends the next piece: until out has about soft_limit octets, and always something. True when the reply
  // is complete. After an error the reply cannot be completed: the connection must be closed without the last
  // line, so that the client knows.
  virtual Result<bool> step(std::string& out, std::size_t soft_limit) = 0;
};

// The drop must outlive the reply.
std::unique_ptr<MultiLine> list_reply(const Maildrop& drop);
std::unique_ptr<MultiLine> uidl_reply(const Maildrop& drop);
// The whole message, or with top_lines its header and so many lines of its body. Errors: as of
// Maildrop::open; nothing has been written then.
Result<std::unique_ptr<MultiLine>> message_reply(const Maildrop& drop, Number number,
                                                 std::optional<std::uint64_t> top_lines = {});

// Whether its header holds text beyond ASCII that is UTF-8 (RFC 6532). Errors: as of Maildrop::open.
Result<bool> needs_utf8(const Maildrop& drop, Number number);

}  // namespace postfach::pop3
