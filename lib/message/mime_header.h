// What the parser wants to know of one header block: the MIME fields of a part and, of a message, its ENVELOPE.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "envelope.h"
#include "parameters.h"
#include "sections.h"

namespace postfach::message {

struct MimeHeader {
  Parametrized content_type;                   // the default type if there is none
  std::optional<std::string> id, description;  // unfolded
  std::string encoding = "7bit";               // as written
  std::optional<std::string> md5, location;    // unfolded
  std::optional<Parametrized> disposition;
  std::vector<std::string> languages;
  EnvelopeFields envelope;  // views of the block

  bool is_type(std::string_view type) const noexcept;
  bool is_type(std::string_view type, std::string_view subtype) const noexcept;
  // message/rfc822 or its successor of RFC 6532.
  bool is_message() const noexcept;
  TransferEncoding transfer_encoding() const noexcept;
  // The value of a parameter of Content-Type, or nothing.
  std::optional<std::string_view> parameter(std::string_view name) const noexcept;
};

// in_digest: the default type is message/rfc822 (RFC 2046 §5.1.5). At most `parameters` per list. block must outlive
// the result.
MimeHeader parse_mime_header(std::string_view block, bool in_digest, std::size_t parameters);

}  // namespace postfach::message
