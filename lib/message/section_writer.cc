#include "section_writer.h"

#include "varint.h"

namespace postfach::message {
namespace {

void append_fields(std::string& out, const SectionNode& node, std::uint64_t parent_body) {
  std::uint64_t flags = static_cast<std::uint64_t>(node.kind) | static_cast<std::uint64_t>(node.encoding)
                                                                    << kEncodingShift;
  if (node.is_text) flags |= kTextFlag;
  if (node.is_html) flags |= kHtmlFlag;
  if (!node.charset.empty()) flags |= kCharsetFlag;
  append_varint(out, flags);
  append_varint(out, node.header.offset - parent_body);
  append_varint(out, node.header.size);
  append_varint(out, node.body.size);
  append_varint(out, node.lines);
  if (!node.charset.empty()) {
    append_varint(out, node.charset.size());
    out.append(node.charset);
  }
}

}  // namespace

std::string pack_sections(const std::vector<SectionNode>& nodes) {
  // The fields of all nodes, and where each one's end.
  std::string fields;
  std::vector<std::size_t> ends(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    append_fields(fields, nodes[i], i == 0 ? 0 : nodes[nodes[i].parent].body.offset);
    ends[i] = fields.size();
  }
  const auto start_of = [&](std::size_t i) { return i == 0 ? 0 : ends[i - 1]; };

  // Children come after their parents: backwards, every size is complete when it is added to the parent's.
  std::vector<std::uint64_t> sizes(nodes.size(), 0);
  for (std::size_t i = nodes.size(); i-- > 0;) {
    sizes[i] += ends[i] - start_of(i);
    if (i > 0) sizes[nodes[i].parent] += varint_size(sizes[i]) + sizes[i];
  }

  std::string out(1, kSectionsVersion);
  out.reserve(fields.size() + nodes.size() * 3 + 1);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    append_varint(out, sizes[i]);
    out.append(fields, start_of(i), ends[i] - start_of(i));
  }
  return out;
}

}  // namespace postfach::message
