#include "sections.h"

#include <utility>

#include "base/ascii.h"
#include "section_writer.h"
#include "varint.h"

namespace postfach::message {
namespace {

// No message that we pack is deeper; damaged data might claim to be.
constexpr std::size_t kDeepest = 1000;

struct Node {
  Part part;
  std::string_view children;  // packed
  Range bounds;               // of the children: the part's body

  bool is_multipart() const noexcept { return part.kind == PartKind::multipart; }
};

bool fits(std::uint64_t offset, std::uint64_t size, const Range& bounds) noexcept {
  return offset >= bounds.offset && offset - bounds.offset <= bounds.size &&
         size <= bounds.size - (offset - bounds.offset);
}

// Takes the packed form of one node off the front of nodes.
std::optional<std::string_view> take_packed(std::string_view& nodes) noexcept {
  const auto size = take_varint(nodes);
  if (!size || *size > nodes.size()) return std::nullopt;
  const std::string_view packed = nodes.substr(0, static_cast<std::size_t>(*size));
  nodes.remove_prefix(packed.size());
  return packed;
}

// bounds: what a node of this place may cover.
std::optional<Node> unpack(std::string_view packed, const Range& bounds) {
  const auto flags = take_varint(packed);
  const auto distance = take_varint(packed);
  const auto header = take_varint(packed);
  const auto body = take_varint(packed);
  const auto lines = take_varint(packed);
  if (!flags || !distance || !header || !body || !lines) return std::nullopt;
  if (*flags > kAllFlags || (*flags & kKindMask) > static_cast<std::uint64_t>(PartKind::message)) return std::nullopt;
  if (*distance > bounds.size) return std::nullopt;
  Node node;
  Part& part = node.part;
  part.kind = static_cast<PartKind>(*flags & kKindMask);
  part.encoding = static_cast<TransferEncoding>(*flags >> kEncodingShift & kEncodingMask);
  part.is_text = (*flags & kTextFlag) != 0;
  part.is_html = (*flags & kHtmlFlag) != 0;
  part.header = {bounds.offset + *distance, *header};
  if (!fits(part.header.offset, part.header.size, bounds)) return std::nullopt;
  part.body = {part.header.offset + part.header.size, *body};
  if (!fits(part.body.offset, part.body.size, bounds)) return std::nullopt;
  part.lines = *lines;
  if ((*flags & kCharsetFlag) != 0) {
    const auto size = take_varint(packed);
    if (!size || *size > packed.size()) return std::nullopt;
    part.charset = packed.substr(0, static_cast<std::size_t>(*size));
    packed.remove_prefix(static_cast<std::size_t>(*size));
  }
  node.children = packed;
  node.bounds = part.body;
  return node;
}

std::optional<Node> unpack_root(std::string_view packed) {
  if (packed.empty() || packed.front() != kSectionsVersion) return std::nullopt;
  packed.remove_prefix(1);
  const auto root = take_packed(packed);
  if (!root) return std::nullopt;
  std::optional<Node> node = unpack(*root, {0, UINT64_MAX});
  if (node && node->part.header.offset != 0) return std::nullopt;
  return node;
}

// number counts from 1.
std::optional<Node> child(const Node& node, std::uint32_t number) {
  std::string_view nodes = node.children;
  while (!nodes.empty() && number > 0) {
    const auto packed = take_packed(nodes);
    if (!packed) return std::nullopt;
    if (--number == 0) return unpack(*packed, node.bounds);
  }
  return std::nullopt;
}

void append_path(std::string& section, std::uint32_t number) {
  if (!section.empty()) section.push_back('.');
  base::append_number(section, number);
}

// RFC 9051 §6.4.5.1. A number picks a part of a multipart; in a message that is not multipart, 1 is its body; in a
// message/rfc822 part it picks from the message inside.
std::optional<Node> resolve(std::string_view packed, std::span<const std::uint32_t> path) {
  std::optional<Node> node = unpack_root(packed);
  bool is_message = true;  // node is a whole message, not yet one of its parts
  std::string section;
  for (const std::uint32_t number : path) {
    if (!node) return std::nullopt;
    if (!is_message && node->part.kind == PartKind::message) {
      node = child(*node, 1);
      if (!node) return std::nullopt;
      is_message = true;
    }
    if (node->is_multipart()) {
      node = child(*node, number);
    } else if (!is_message || number != 1) {
      return std::nullopt;
    }
    is_message = false;
    append_path(section, number);
  }
  if (node) node->part.section = std::move(section);
  return node;
}

}  // namespace

std::optional<Range> Sections::find(std::span<const std::uint32_t> path, SectionPart part) const {
  std::optional<Node> node = resolve(packed_, path);
  if (!node) return std::nullopt;
  if (part == SectionPart::mime) {
    if (path.empty()) return std::nullopt;
    return node->part.header;
  }
  if (part == SectionPart::all) {
    if (!path.empty()) return node->part.body;
    return Range{0, node->part.header.size + node->part.body.size};
  }
  if (!path.empty()) {  // HEADER and TEXT are those of the message inside
    if (node->part.kind != PartKind::message) return std::nullopt;
    node = child(*node, 1);
    if (!node) return std::nullopt;
  }
  return part == SectionPart::header ? node->part.header : node->part.body;
}

std::optional<Part> Sections::part(std::span<const std::uint32_t> path) const {
  std::optional<Node> node = resolve(packed_, path);
  if (!node) return std::nullopt;
  return std::move(node->part);
}

std::vector<Part> Sections::parts() const { return list(false); }

std::vector<Part> Sections::nodes() const { return list(true); }

std::vector<Part> Sections::list(bool with_containers) const {
  struct Level {
    std::string_view rest;  // packed siblings still to come
    Range bounds;
    std::string section;  // before the number of a part
    bool in_multipart;
    std::uint32_t number = 0;
  };
  std::vector<Part> parts;
  std::vector<Level> levels;
  const auto enter = [&](const Node& node, bool is_message, std::string section) {
    if (with_containers || node.part.kind == PartKind::leaf || (is_message && !levels.empty())) {
      parts.push_back(node.part);
      parts.back().section = section;
    }
    if (node.part.kind == PartKind::leaf || levels.size() >= kDeepest) return;
    // The root of a message that encloses another one is its part 1.
    if (levels.empty() && !node.is_multipart()) section = "1";
    levels.push_back({node.children, node.bounds, std::move(section), node.is_multipart()});
  };

  if (std::optional<Node> root = unpack_root(packed_)) enter(*root, true, "");
  while (!levels.empty()) {
    Level& level = levels.back();
    const auto packed = take_packed(level.rest);
    std::optional<Node> node;
    if (packed) node = unpack(*packed, level.bounds);
    if (!node) {
      levels.pop_back();
      continue;
    }
    const bool is_message = !level.in_multipart;
    std::string section = level.section;
    // A message that is multipart has no number of its own: that of the part around it stands for it.
    if (!is_message || !node->is_multipart()) append_path(section, is_message ? 1 : ++level.number);
    enter(*node, is_message, std::move(section));
  }
  return parts;
}

}  // namespace postfach::message
