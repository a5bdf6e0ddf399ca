#include "parser.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "decode.h"
#include "message_ids.h"
#include "mime_header.h"
#include "section_writer.h"
#include "structure_writer.h"

namespace postfach::message {
namespace {

// A place between two octets of the message.
struct Place {
  std::uint64_t offset = 0;
  std::uint64_t lines = 0;  // line ends before it
};

// A part that has begun and not yet ended. The innermost one is the last of the stack.
struct OpenEntity {
  std::size_t node = 0;     // in the list of section nodes
  bool is_message = false;  // the whole message, or the one inside a message/rfc822
  bool in_digest = false;
  PartKind kind = PartKind::leaf;
  Place body;  // where it begins
  bool is_digest = false;
  bool has_children = false;
  StructureWriter::Leaf leaf;
  StructureWriter::Message message;
  std::string multipart_rest;
};

// A multipart whose end has not been seen.
struct OpenMultipart {
  std::string boundary;
  std::size_t entity = 0;  // index
};

std::string charset_of(const MimeHeader& header) {
  const std::optional<std::string_view> charset = header.parameter("charset");
  if (!charset || charset->size() > kLongestCharset) return {};
  return base::to_lower(*charset);
}

}  // namespace

// Lines are looked at in two ways: in a header each one is kept, up to the limits; in a body all that counts is how
// many there are and whether one of them starts with "--" and a boundary.
struct Parser::State {
  explicit State(Limits limits) : limits_(limits) { begin_entity(true, false); }

  void feed(std::string_view octets);
  Parsed finish();

 private:
  struct Delimiter {
    std::size_t entity;  // index of the multipart
    bool closes;
  };

  // Octets.
  bool hold_delimiter(std::string_view& octets);
  std::size_t take_header(std::string_view octets);
  std::size_t take_body(std::string_view octets);
  std::size_t take_delimiter_line(std::string_view octets);
  void take_text(std::string_view octets);
  void advance(std::string_view octets) noexcept;
  void keep_header(std::string_view octets);
  Place here() const noexcept { return {offset_, lines_}; }
  Place before_line_end() const noexcept;

  // Structure.
  std::optional<Delimiter> match(std::string_view line) const noexcept;
  void begin_entity(bool is_message, bool in_digest);
  void end_header(Place end);
  void begin_leaf(OpenEntity& entity, const MimeHeader& header, bool has_structure);
  void close_down_to(std::size_t depth, Place end);
  void close_last(Place end);
  void at_delimiter(Delimiter delimiter);
  void measure_delimiters() noexcept;

  Limits limits_;
  Parsed parsed_;
  StructureWriter structure_;
  std::vector<SectionNode> nodes_;
  std::vector<OpenEntity> entities_;
  std::vector<OpenMultipart> multiparts_;  // ascending
  std::size_t nested_ = 0;                 // multiparts and message/rfc822 among them
  std::size_t addresses_left_ = limits_.addresses_total;
  std::size_t headers_left_ = limits_.headers_total;

  std::uint64_t offset_ = 0;  // octets taken
  std::uint64_t lines_ = 0;   // line ends among them
  char last_ = '\0';          // the last two octets taken
  char before_last_ = '\0';
  bool in_header_ = true;           // of the innermost entity
  bool in_delimiter_line_ = false;  // behind a boundary
  bool begins_part_ = false;        // when that line ends
  std::size_t line_size_ = 0;       // octets of the current line that were taken
  std::size_t delimiter_size_ = 0;  // octets of a line that tell whether it is a delimiter; 0: nothing to look for
  std::string held_;                // fewer than that, at the start of a line, not yet taken
  std::string header_;              // of the innermost entity, as far as it counts
};

void Parser::State::feed(std::string_view octets) {
  bool checked = false;  // the line at hand is no delimiter
  while (!octets.empty()) {
    std::size_t taken = 0;
    if (in_delimiter_line_) {
      taken = take_delimiter_line(octets);
    } else if (!checked && delimiter_size_ > 0 && line_size_ == 0 && (octets.front() == '-' || !held_.empty())) {
      checked = hold_delimiter(octets);
      continue;
    } else {
      taken = in_header_ ? take_header(octets) : take_body(octets);
    }
    octets.remove_prefix(taken);
    checked = false;
  }
}

// Decides on a line that starts with "-", or holds its start until more of it is there. True if the octets at hand are
// known to start a line of text.
bool Parser::State::hold_delimiter(std::string_view& octets) {
  const std::size_t newline = octets.substr(0, delimiter_size_ - held_.size()).find('\n');
  const std::size_t size =
      newline == std::string_view::npos ? std::min(delimiter_size_ - held_.size(), octets.size()) : newline + 1;
  const bool decided = newline != std::string_view::npos || held_.size() + size == delimiter_size_;
  if (held_.empty() && decided) {
    const std::optional<Delimiter> delimiter = match(octets.substr(0, size));
    if (delimiter) at_delimiter(*delimiter);
    return !delimiter;
  }
  held_.append(octets.substr(0, size));
  octets.remove_prefix(size);
  if (decided) {
    const std::string line = std::exchange(held_, {});
    if (const std::optional<Delimiter> delimiter = match(line)) at_delimiter(*delimiter);
    take_text(line);
  }
  return false;
}

// Octets of one line that need no more looking for a delimiter.
void Parser::State::take_text(std::string_view octets) {
  while (!octets.empty()) {
    octets.remove_prefix(in_delimiter_line_ ? take_delimiter_line(octets)
                         : in_header_       ? take_header(octets)
                                            : take_body(octets));
  }
}

void Parser::State::advance(std::string_view octets) noexcept {
  if (octets.empty()) return;
  before_last_ = octets.size() > 1 ? octets[octets.size() - 2] : last_;
  last_ = octets.back();
  offset_ += octets.size();
}

std::size_t Parser::State::take_delimiter_line(std::string_view octets) {
  const std::size_t newline = octets.find('\n');
  const std::size_t size = newline == std::string_view::npos ? octets.size() : newline + 1;
  advance(octets.substr(0, size));
  if (newline == std::string_view::npos) return size;
  ++lines_;
  line_size_ = 0;
  in_delimiter_line_ = false;
  if (begins_part_) begin_entity(false, entities_.back().is_digest);
  return size;
}

void Parser::State::keep_header(std::string_view octets) {
  const std::size_t room =
      std::min(limits_.header_block - std::min(limits_.header_block, header_.size()), headers_left_);
  octets = octets.substr(0, room);
  headers_left_ -= octets.size();
  header_.append(octets);
}

// Up to the end of one line.
std::size_t Parser::State::take_header(std::string_view octets) {
  const std::size_t newline = octets.find('\n');
  const std::string_view piece = octets.substr(0, newline == std::string_view::npos ? newline : newline + 1);
  advance(piece);
  line_size_ += piece.size();
  if (newline == std::string_view::npos) {
    keep_header(piece);
    return piece.size();
  }
  ++lines_;
  const bool is_empty = line_size_ == 1 || (line_size_ == 2 && before_last_ == '\r');
  line_size_ = 0;
  if (is_empty) {
    end_header(here());
  } else {
    keep_header(piece);
  }
  return piece.size();
}

// Up to a line that might be a delimiter, or all.
std::size_t Parser::State::take_body(std::string_view octets) {
  const char* at = octets.data();
  const char* const end = at + octets.size();
  while (at != end) {
    const auto* newline = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (newline == nullptr) {
      line_size_ += static_cast<std::size_t>(end - at);
      at = end;
      break;
    }
    ++lines_;
    line_size_ = 0;
    at = newline + 1;
    if (delimiter_size_ > 0 && at != end && *at == '-') break;
  }
  const auto taken = static_cast<std::size_t>(at - octets.data());
  advance(octets.substr(0, taken));
  return taken;
}

// RFC 2046 §5.1.1: the line end before a delimiter belongs to the delimiter.
Place Parser::State::before_line_end() const noexcept {
  if (offset_ == 0) return here();
  return {offset_ - (before_last_ == '\r' ? 2U : 1U), lines_ - 1};
}

// RFC 2046 §5.1.1: a line that starts with "--" and the boundary is a delimiter whatever follows, and §5.1.2: those of
// outer multiparts count as well. If boundaries are prefixes of each other the longest one is meant.
std::optional<Parser::State::Delimiter> Parser::State::match(std::string_view line) const noexcept {
  if (!line.starts_with("--")) return std::nullopt;
  line.remove_prefix(2);
  std::optional<Delimiter> best;
  std::size_t best_size = 0;
  for (std::size_t i = multiparts_.size(); i-- > 0;) {
    const std::string& boundary = multiparts_[i].boundary;
    if (boundary.size() <= best_size || !line.starts_with(boundary)) continue;
    best_size = boundary.size();
    best = Delimiter{multiparts_[i].entity, line.substr(best_size).starts_with("--")};
  }
  if (best && !best->closes && nodes_.size() >= limits_.parts) return std::nullopt;
  return best;
}

void Parser::State::measure_delimiters() noexcept {
  delimiter_size_ = 0;
  for (const OpenMultipart& multipart : multiparts_) {
    // "--", the boundary, "--"
    delimiter_size_ = std::max(delimiter_size_, multipart.boundary.size() + 4);
  }
}

void Parser::State::at_delimiter(Delimiter delimiter) {
  close_down_to(delimiter.entity + 1, before_line_end());
  in_header_ = false;
  in_delimiter_line_ = true;
  begins_part_ = !delimiter.closes;
  if (delimiter.closes) multiparts_.pop_back();
  measure_delimiters();
}

void Parser::State::begin_entity(bool is_message, bool in_digest) {
  SectionNode node;
  node.parent = entities_.empty() ? 0 : entities_.back().node;
  node.header.offset = offset_;
  if (!entities_.empty()) entities_.back().has_children = true;
  nodes_.push_back(std::move(node));
  OpenEntity entity;
  entity.node = nodes_.size() - 1;
  entity.is_message = is_message;
  entity.in_digest = in_digest;
  entities_.push_back(std::move(entity));
  header_.clear();
  in_header_ = true;
}

void Parser::State::end_header(Place end) {
  in_header_ = false;
  OpenEntity& entity = entities_.back();
  SectionNode& node = nodes_[entity.node];
  end.offset = std::max(end.offset, node.header.offset);
  node.header.size = end.offset - node.header.offset;
  node.body.offset = end.offset;
  entity.body = end;

  const MimeHeader fields = parse_mime_header(header_, entity.in_digest, limits_.parameters);
  if (entities_.size() == 1) {
    append_envelope(parsed_.envelope, fields.envelope, limits_.addresses, addresses_left_);
    parsed_.thread_refs =
        pack(thread_references(fields.envelope.message_id, fields.envelope.in_reply_to, fields.envelope.references));
    parsed_.header_size = node.header.size;
  } else if (entity.is_message) {
    structure_.envelope(fields.envelope, limits_.addresses, addresses_left_);
  }

  const bool has_room = nested_ < limits_.depth && nodes_.size() < limits_.parts;
  if (fields.is_type("multipart")) {
    // RFC 2046 §5.1.1: a boundary does not end with a space.
    std::string_view boundary = *fields.parameter("boundary");
    while (boundary.ends_with(' ')) boundary.remove_suffix(1);
    if (!has_room || boundary.size() > limits_.boundary) return begin_leaf(entity, fields, true);
    node.kind = entity.kind = PartKind::multipart;
    multiparts_.push_back({std::string(boundary), entities_.size() - 1});
    entity.is_digest = fields.is_type("multipart", "digest");
    entity.multipart_rest = StructureWriter::multipart_rest(fields);
    structure_.begin_multipart();
    ++nested_;
    measure_delimiters();
  } else if (fields.is_message() && fields.transfer_encoding() == TransferEncoding::identity) {
    if (!has_room) return begin_leaf(entity, fields, true);
    node.kind = entity.kind = PartKind::message;
    entity.message = structure_.begin_message(fields);
    ++nested_;
    const std::uint64_t message_start = end.offset;
    begin_entity(true, false);
    nodes_.back().header.offset = message_start;
  } else {
    begin_leaf(entity, fields, false);
  }
}

// has_structure: one that we don't look into.
void Parser::State::begin_leaf(OpenEntity& entity, const MimeHeader& fields, bool has_structure) {
  SectionNode& node = nodes_[entity.node];
  node.encoding = fields.transfer_encoding();
  if (has_structure) {
    entity.leaf = structure_.opaque(fields);
    return;
  }
  if (fields.is_message()) {
    entity.leaf = structure_.encoded_message(fields);
    return;
  }
  node.is_text = fields.is_type("text");
  node.is_html = fields.is_type("text", "html");
  if (node.is_text) node.charset = charset_of(fields);
  entity.leaf = structure_.leaf(fields);
}

// Ends the innermost entities until so many are left. The header of one may still be going on, and it may turn out to
// enclose another message, without an octet.
void Parser::State::close_down_to(std::size_t depth, Place end) {
  while (entities_.size() > depth) {
    if (in_header_) {
      end_header(end);
    } else {
      close_last(end);
    }
  }
}

void Parser::State::close_last(Place end) {
  const OpenEntity& entity = entities_.back();
  SectionNode& node = nodes_[entity.node];
  if (end.offset < entity.body.offset) {
    // The empty line behind the header, or the line end before it, belongs to the delimiter that follows at once.
    node.header.offset = std::min(node.header.offset, end.offset);
    node.header.size = end.offset - node.header.offset;
    node.body.offset = end.offset;
  } else {
    node.body.size = end.offset - entity.body.offset;
    node.lines = end.lines - entity.body.lines;
  }
  switch (entity.kind) {
    case PartKind::leaf:
      structure_.end_leaf(entity.leaf, node.body.size, node.lines);
      break;
    case PartKind::multipart:
      structure_.end_multipart(entity.has_children, entity.multipart_rest);
      break;
    case PartKind::message:
      structure_.end_message(entity.message, node.body.size, node.lines);
      break;
  }
  if (entity.kind != PartKind::leaf) --nested_;
  entities_.pop_back();
  if (!multiparts_.empty() && multiparts_.back().entity == entities_.size()) multiparts_.pop_back();
}

Parsed Parser::State::finish() {
  if (!held_.empty()) {
    const std::string line = std::exchange(held_, {});
    if (const std::optional<Delimiter> delimiter = match(line)) at_delimiter(*delimiter);
    take_text(line);
  }
  close_down_to(0, here());
  parsed_.size = offset_;
  parsed_.ends_with_crlf = before_last_ == '\r' && last_ == '\n';
  parsed_.body_structure = structure_.finish();
  parsed_.sections = pack_sections(nodes_);
  return std::move(parsed_);
}

Parser::Parser(Limits limits) : state_(std::make_unique<State>(limits)) {}
Parser::~Parser() = default;
Parser::Parser(Parser&&) noexcept = default;
Parser& Parser::operator=(Parser&&) noexcept = default;

void Parser::feed(std::string_view octets) { state_->feed(octets); }
Parsed Parser::finish() { return state_->finish(); }

Parsed parse(std::string_view octets, Limits limits) {
  Parser parser(limits);
  parser.feed(octets);
  return parser.finish();
}

}  // namespace postfach::message
