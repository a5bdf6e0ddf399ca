// Where a decoder stood in the part of a message that was read last.
//
// A client that reads an attachment in chunks, BINARY.PEEK[2]<o.n>, names offsets into decoded octets, which can be
// found only by decoding all that stands before them. From here the next chunk goes on where the last one ended.
#pragma once

#include <cstdint>

#include "message/sections.h"
#include "message/transfer_decoder.h"

namespace postfach::imap {

struct DecodePoint {
  explicit DecodePoint(message::TransferEncoding encoding) noexcept : decoder(encoding) {}

  std::uint64_t position = 0;  // octets of the part that the decoder has seen
  std::uint64_t decoded = 0;   // what it made of them
  message::TransferDecoder decoder;
};

struct LastDecoded {
  std::int64_t body_id = 0;
  message::Range part;
  DecodePoint point;
};

}  // namespace postfach::imap
