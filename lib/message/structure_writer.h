// Writes BODYSTRUCTURE front to back while the message streams by. Sizes and line counts stand before what is known
// only later (the structure of an enclosed message); they are left open and filled in at the end, so that nothing is
// ever moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime_header.h"

namespace postfach::message {

class StructureWriter {
 public:
  using Number = std::size_t;  // one that is still open

  struct Leaf {
    Number size = 0;
    std::optional<Number> lines;
  };
  struct Message {
    Number size = 0;
    std::string rest;  // extension data, to be written at the end
  };

  // text/* and everything else that has no structure of its own.
  Leaf leaf(const MimeHeader& header);
  // A part that has a structure we don't look into: application/octet-stream, or a client would expect the structure.
  Leaf opaque(const MimeHeader& header);
  // message/rfc822 that is encoded: RFC 9051 §9 body-type-msg wants an envelope and a body, so both are empty.
  Leaf encoded_message(const MimeHeader& header);

  // Between begin and end come the children. rest is what multipart_rest() returned.
  void begin_multipart();
  static std::string multipart_rest(const MimeHeader& header);
  void end_multipart(bool has_children, const std::string& rest);

  // Then the envelope and the body of the enclosed message follow.
  Message begin_message(const MimeHeader& header);
  void envelope(const EnvelopeFields& fields, std::size_t per_field, std::size_t& total);
  void end_message(const Message& message, std::uint64_t size, std::uint64_t lines);

  // Lines are written only where the type of the part has them.
  void end_leaf(const Leaf& leaf, std::uint64_t size, std::uint64_t lines);

  // The whole text; nothing may follow.
  std::string finish() const;

 private:
  struct OpenNumber {
    std::size_t at;
    std::uint64_t value;
  };

  Number open_number();
  void basic_fields(const MimeHeader& header, std::string_view type, std::string_view subtype);

  std::string out_;
  std::vector<OpenNumber> numbers_;  // ascending
};

}  // namespace postfach::message
