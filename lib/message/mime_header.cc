#include "mime_header.h"

#include <utility>

#include "base/ascii.h"
#include "header.h"

namespace postfach::message {
namespace {

void keep_first(std::optional<std::string_view>& kept, std::string_view value) {
  if (!kept) kept = value;
}

// The fields of one block by name, still folded.
struct ContentFields {
  std::optional<std::string_view> type, id, description, encoding, md5, disposition, language, location;
};

// name is what follows "Content-".
void collect_content_field(ContentFields& fields, std::string_view name, std::string_view value) {
  const struct {
    std::string_view name;
    std::optional<std::string_view>& field;
  } known[] = {
      {"type", fields.type},
      {"transfer-encoding", fields.encoding},
      {"disposition", fields.disposition},
      {"id", fields.id},
      {"description", fields.description},
      {"md5", fields.md5},
      {"language", fields.language},
      {"location", fields.location},
  };
  for (const auto& each : known) {
    if (base::equals_ignoring_case(name, each.name)) return keep_first(each.field, value);
  }
}

void collect_envelope_field(EnvelopeFields& fields, std::string_view name, std::string_view value) {
  const struct {
    std::string_view name;
    std::optional<std::string_view>& field;
  } texts[] = {
      {"date", fields.date},
      {"subject", fields.subject},
      {"in-reply-to", fields.in_reply_to},
      {"message-id", fields.message_id},
      {"references", fields.references},
  };
  for (const auto& each : texts) {
    if (base::equals_ignoring_case(name, each.name)) return keep_first(each.field, value);
  }
  const struct {
    std::string_view name;
    std::vector<std::string_view>& field;
  } addresses[] = {
      {"from", fields.from}, {"sender", fields.sender}, {"reply-to", fields.reply_to},
      {"to", fields.to},     {"cc", fields.cc},         {"bcc", fields.bcc},
  };
  for (const auto& each : addresses) {
    if (base::equals_ignoring_case(name, each.name)) return each.field.push_back(value);
  }
}

std::optional<std::string> unfolded(std::optional<std::string_view> value) {
  if (!value) return std::nullopt;
  return unfold(*value);
}

// RFC 2045 §5.2 for a field that is absent or can't be read. A multipart without a boundary is such a field
// (RFC 2046 §5.1.1): as plain text its parts can at least be seen.
Parametrized content_type_or_default(std::optional<std::string_view> value, bool in_digest, std::size_t parameters) {
  Parametrized type;
  if (value) type = parse_content_type(*value, parameters);
  if (base::equals_ignoring_case(type.type, "multipart")) {
    const Parameter* boundary = find_parameter(type.parameters, "boundary");
    if (boundary == nullptr || base::trim(boundary->value).empty()) type = {};
  }
  if (type.type.empty()) {
    type.type = !value && in_digest ? "message" : "text";
    type.subtype = !value && in_digest ? "rfc822" : "plain";
    type.parameters.clear();
  }
  return type;
}

}  // namespace

bool MimeHeader::is_type(std::string_view type) const noexcept {
  return base::equals_ignoring_case(content_type.type, type);
}

bool MimeHeader::is_type(std::string_view type, std::string_view subtype) const noexcept {
  return is_type(type) && base::equals_ignoring_case(content_type.subtype, subtype);
}

bool MimeHeader::is_message() const noexcept { return is_type("message", "rfc822") || is_type("message", "global"); }

TransferEncoding MimeHeader::transfer_encoding() const noexcept {
  for (const std::string_view name : {"7bit", "8bit", "binary"}) {
    if (base::equals_ignoring_case(encoding, name)) return TransferEncoding::identity;
  }
  if (base::equals_ignoring_case(encoding, "base64")) return TransferEncoding::base64;
  if (base::equals_ignoring_case(encoding, "quoted-printable")) return TransferEncoding::quoted_printable;
  return TransferEncoding::unknown;
}

std::optional<std::string_view> MimeHeader::parameter(std::string_view name) const noexcept {
  const Parameter* found = find_parameter(content_type.parameters, name);
  if (found == nullptr) return std::nullopt;
  return found->value;
}

MimeHeader parse_mime_header(std::string_view block, bool in_digest, std::size_t parameters) {
  constexpr std::string_view kContent = "content-";
  MimeHeader header;
  ContentFields fields;
  for_each_field(block, [&](const HeaderField& field) {
    if (base::starts_with_ignoring_case(field.name, kContent)) {
      collect_content_field(fields, field.name.substr(kContent.size()), field.value);
    } else if (field.name.size() <= 11) {  // "In-Reply-To"
      collect_envelope_field(header.envelope, field.name, field.value);
    }
    return true;
  });
  header.content_type = content_type_or_default(fields.type, in_digest, parameters);
  header.id = unfolded(fields.id);
  header.description = unfolded(fields.description);
  header.md5 = unfolded(fields.md5);
  header.location = unfolded(fields.location);
  if (fields.encoding) {
    if (std::string encoding = parse_token(*fields.encoding); !encoding.empty()) header.encoding = std::move(encoding);
  }
  if (fields.disposition) {
    Parametrized disposition = parse_content_disposition(*fields.disposition, parameters);
    if (!disposition.type.empty()) header.disposition = std::move(disposition);
  }
  if (fields.language) header.languages = parse_token_list(*fields.language, parameters);
  return header;
}

}  // namespace postfach::message
