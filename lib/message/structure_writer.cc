#include "structure_writer.h"

#include <string_view>

#include "base/ascii.h"
#include "imap_string.h"

namespace postfach::message {
namespace {

constexpr std::string_view kEmptyText = R"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL))";
constexpr std::string_view kEmptyEnvelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";

void append_parameters(std::string& out, const std::vector<Parameter>& parameters, std::string_view more = {}) {
  char before = '(';
  for (const Parameter& parameter : parameters) {
    out.push_back(before);
    append_string(out, parameter.name);
    out.push_back(' ');
    append_string(out, parameter.value);
    before = ' ';
  }
  if (!more.empty()) {
    out.push_back(before);
    out.append(more);
    before = ' ';
  }
  out.append(before == '(' ? "NIL" : ")");
}

// RFC 2045 §5.2: the charset of a text that names none.
std::string_view default_parameter(const MimeHeader& header) noexcept {
  const bool needed = header.is_type("text") && !header.parameter("charset");
  return needed ? R"("charset" "us-ascii")" : "";
}

// RFC 9051 §9: body-fld-dsp, body-fld-lang, body-fld-loc, each with a space before it.
void append_extension(std::string& out, const MimeHeader& header) {
  if (header.disposition) {
    out.append(" (");
    append_string(out, header.disposition->type);
    out.push_back(' ');
    append_parameters(out, header.disposition->parameters);
    out.push_back(')');
  } else {
    out.append(" NIL");
  }
  if (header.languages.empty()) {
    out.append(" NIL");
  } else {
    char before = '(';
    out.push_back(' ');
    for (const std::string& language : header.languages) {
      out.push_back(before);
      append_string(out, language);
      before = ' ';
    }
    out.push_back(')');
  }
  out.push_back(' ');
  append_nstring(out, header.location);
}

// body-ext-1part, and the end of the part.
void append_leaf_rest(std::string& out, const MimeHeader& header) {
  out.push_back(' ');
  append_nstring(out, header.md5);
  append_extension(out, header);
  out.push_back(')');
}

}  // namespace

StructureWriter::Number StructureWriter::open_number() {
  out_.push_back(' ');
  numbers_.push_back({out_.size(), 0});
  return numbers_.size() - 1;
}

void StructureWriter::basic_fields(const MimeHeader& header, std::string_view type, std::string_view subtype) {
  out_.push_back('(');
  append_string(out_, type);
  out_.push_back(' ');
  append_string(out_, subtype);
  out_.push_back(' ');
  append_parameters(out_, header.content_type.parameters, default_parameter(header));
  out_.push_back(' ');
  append_nstring(out_, header.id);
  out_.push_back(' ');
  append_nstring(out_, header.description);
  out_.push_back(' ');
  append_string(out_, header.encoding);
}

StructureWriter::Leaf StructureWriter::leaf(const MimeHeader& header) {
  basic_fields(header, header.content_type.type, header.content_type.subtype);
  Leaf leaf;
  leaf.size = open_number();
  if (header.is_type("text")) leaf.lines = open_number();
  append_leaf_rest(out_, header);
  return leaf;
}

StructureWriter::Leaf StructureWriter::opaque(const MimeHeader& header) {
  basic_fields(header, "application", "octet-stream");
  Leaf leaf;
  leaf.size = open_number();
  append_leaf_rest(out_, header);
  return leaf;
}

StructureWriter::Leaf StructureWriter::encoded_message(const MimeHeader& header) {
  basic_fields(header, header.content_type.type, header.content_type.subtype);
  Leaf leaf;
  leaf.size = open_number();
  out_.push_back(' ');
  out_.append(kEmptyEnvelope);
  out_.push_back(' ');
  out_.append(kEmptyText);
  leaf.lines = open_number();
  append_leaf_rest(out_, header);
  return leaf;
}

void StructureWriter::begin_multipart() { out_.push_back('('); }

std::string StructureWriter::multipart_rest(const MimeHeader& header) {
  std::string rest = " ";
  append_string(rest, header.content_type.subtype);
  rest.push_back(' ');
  append_parameters(rest, header.content_type.parameters);
  append_extension(rest, header);
  rest.push_back(')');
  return rest;
}

void StructureWriter::end_multipart(bool has_children, const std::string& rest) {
  if (!has_children) out_.append(kEmptyText);  // RFC 9051 §9: 1*body
  out_.append(rest);
}

StructureWriter::Message StructureWriter::begin_message(const MimeHeader& header) {
  basic_fields(header, header.content_type.type, header.content_type.subtype);
  Message message;
  message.size = open_number();
  out_.push_back(' ');
  append_leaf_rest(message.rest, header);
  return message;
}

void StructureWriter::envelope(const EnvelopeFields& fields, std::size_t per_field, std::size_t& total) {
  append_envelope(out_, fields, per_field, total);
  out_.push_back(' ');
}

void StructureWriter::end_message(const Message& message, std::uint64_t size, std::uint64_t lines) {
  numbers_[message.size].value = size;
  numbers_[open_number()].value = lines;
  out_.append(message.rest);
}

void StructureWriter::end_leaf(const Leaf& leaf, std::uint64_t size, std::uint64_t lines) {
  numbers_[leaf.size].value = size;
  if (leaf.lines) numbers_[*leaf.lines].value = lines;
}

std::string StructureWriter::finish() const {
  std::string text;
  text.reserve(out_.size() + numbers_.size() * 8);
  std::size_t from = 0;
  for (const OpenNumber& number : numbers_) {
    text.append(out_, from, number.at - from);
    base::append_number(text, number.value);
    from = number.at;
  }
  text.append(out_, from);
  return text;
}

}  // namespace postfach::message
