// Section lookup: the packed tree of offsets that the parser wrote, read without unpacking it into objects.
// Damaged or foreign input yields "no such section", never a read out of bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

enum class PartKind : std::uint8_t { leaf, multipart, message };  // message: message/rfc822 and message/global
enum class TransferEncoding : std::uint8_t { identity, base64, quoted_printable, unknown };

struct Range {
  std::uint64_t offset = 0;  // from the first octet of the message
  std::uint64_t size = 0;
  bool operator==(const Range&) const = default;
};

// One node of the tree. For the root, and for the message inside a message/rfc822 part, header is a message header;
// for any other part it is its MIME header. Both include the empty line that ends them.
struct Part {
  PartKind kind = PartKind::leaf;
  TransferEncoding encoding = TransferEncoding::identity;
  bool is_text = false;  // text/*
  bool is_html = false;  // text/html
  Range header;
  Range body;
  std::uint64_t lines = 0;  // of the body
  std::string charset;      // as written, lower case; empty if none
  // The IMAP number: "" for the root, else "1", "2.1", …; an enclosed message that is multipart has that of the part
  // around it.
  std::string section;
};

// What FETCH BODY[…] asks for (RFC 9051 §6.4.5.1).
enum class SectionPart : std::uint8_t {
  all,     // BODY[] or BODY[1.2]
  header,  // HEADER, and the block that HEADER.FIELDS and HEADER.FIELDS.NOT filter
  text,    // TEXT
  mime,    // MIME; needs a number
};

class Sections {
 public:
  // packed must outlive the object.
  explicit Sections(std::string_view packed) noexcept : packed_(packed) {}

  // The octets of a section, or nothing if the message has no such section (then FETCH answers NIL or an empty string
  // as RFC 9051 §7.5.2 says). An empty path with all or text or header means the message itself.
  std::optional<Range> find(std::span<const std::uint32_t> path, SectionPart part) const;
  // The node itself, for BINARY and search.
  std::optional<Part> part(std::span<const std::uint32_t> path) const;
  // Every leaf, and every message that a message/rfc822 part encloses (a leaf itself if it is not multipart), in the
  // order of the message; for SEARCH BODY and PREVIEW.
  std::vector<Part> parts() const;
  // Every node in the order of the message: those, and the multiparts and message/rfc822 parts around them. Their
  // section is that of the part, also for a message inside. For SEARCH TEXT, which looks into every header.
  std::vector<Part> nodes() const;

 private:
  std::vector<Part> list(bool with_containers) const;
  std::string_view packed_;
};

}  // namespace postfach::message
