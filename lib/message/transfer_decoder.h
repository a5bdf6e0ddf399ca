// A transfer encoding undone piece by piece, so that a part of any size passes through memory of a fixed one.
#pragma once

#include <string>
#include <string_view>

#include "base/base64.h"
#include "quoted_printable.h"
#include "sections.h"

namespace postfach::message {

// The pieces may be cut anywhere: the result depends on the octets alone. It is what decode_transfer() makes of the
// whole. Broken input decodes as far as it goes. A copy goes on from the same place.
class TransferDecoder {
 public:
  explicit TransferDecoder(TransferEncoding encoding) noexcept : encoding_(encoding) {}

  // What the octets mean; last: no piece follows. The view is valid as long as octets and scratch are: it is one of the
  // two. What scratch held is lost.
  std::string_view decode(std::string_view octets, bool last, std::string& scratch);

 private:
  TransferEncoding encoding_;
  base::Base64Decoder base64_;
  QuotedPrintableDecoder quoted_printable_;
};

}  // namespace postfach::message
