// Packs the tree that Sections reads.
//
// One octet of version, then the root. A node is
//   varint size      of what follows, children included: a sibling is reached without reading the node
//   varint flags     see kKindMask and so on
//   varint distance  of its header from the body of its parent (of the root: from the start of the message)
//   varint header, body  sizes in octets; the body follows the header
//   varint lines     of the body
//   varint size, text    of the charset, if flags say so
//   nodes            the children: the parts of a multipart, or the one message of a message/rfc822
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sections.h"

namespace postfach::message {

inline constexpr char kSectionsVersion = 1;
inline constexpr std::uint64_t kKindMask = 3;
inline constexpr unsigned kEncodingShift = 2;
inline constexpr std::uint64_t kEncodingMask = 3;
inline constexpr std::uint64_t kTextFlag = 16;
inline constexpr std::uint64_t kHtmlFlag = 32;
inline constexpr std::uint64_t kCharsetFlag = 64;
inline constexpr std::uint64_t kAllFlags = 127;

struct SectionNode {
  std::size_t parent = 0;  // index; of the root: itself
  PartKind kind = PartKind::leaf;
  TransferEncoding encoding = TransferEncoding::identity;
  bool is_text = false;
  bool is_html = false;
  Range header;
  Range body;
  std::uint64_t lines = 0;
  std::string charset;
};

// nodes: in the order of the message, parents before children. Linear time.
std::string pack_sections(const std::vector<SectionNode>& nodes);

}  // namespace postfach::message
