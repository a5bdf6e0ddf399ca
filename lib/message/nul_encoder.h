// Makes a message that has NULs fit for IMAP, where a NUL may stand in a literal8 and nowhere else (RFC 9051 §4.3.1).
//
// RFC 3516 §4.4 lets a server change the transfer encoding of what it was given, and §6 asks it to do so only where it
// must: parts whose body has a NUL become base64, every other octet stays as it is. Whoever decodes such a part has the
// octets that were sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/result.h"
#include "sections.h"

namespace postfach::message {

class NulEncoder {
 public:
  // Appends up to most octets of the message from offset on to out.
  using Read = std::function<Result<std::size_t>(std::uint64_t offset, std::size_t most, std::string& out)>;
  using Write = std::function<Result<void>(std::string_view octets)>;

  // sections: as the parser packed them. size: of the message.
  NulEncoder(std::string_view sections, std::uint64_t size);

  // Goes on for about so many octets. True: all is written. Errors: those of read and write; invalid_argument for a NUL
  // where no encoding helps: in a header, between the parts, or in a part that is encoded already.
  Result<bool> step(const Read& read, const Write& write, std::uint64_t most);

 private:
  enum class Phase : std::uint8_t { scan, before_body, body, rest, done };

  Result<void> scan(const Read& read);
  Result<void> copy(const Read& read, const Write& write, std::uint64_t end);
  Result<void> encode_header(const Read& read, const Write& write);
  Result<void> encode_body(const Read& read, const Write& write);
  Result<void> read_piece(const Read& read, std::uint64_t end, std::size_t most);
  void next_part() noexcept;

  std::vector<Part> leaves_;
  std::uint64_t size_;
  std::size_t leaf_ = 0;  // the current one
  Phase phase_ = Phase::rest;
  bool has_nul_ = false;       // the body of the current one
  std::uint64_t scanned_ = 0;  // the octets up to here were looked at,
  std::uint64_t at_ = 0;       // up to here they are written
  std::string piece_;
  std::string encoded_;
};

}  // namespace postfach::message
