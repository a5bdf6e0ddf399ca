#include "fetch_items.h"

#include "base/ascii.h"
#include "imap/wire/writer.h"
#include "message/body_structure.h"

namespace postfach::imap {
namespace {

void append_section(std::string& out, const Section& section) {
  bool first = true;
  for (const std::uint32_t number : section.path) {
    if (!first) out += '.';
    first = false;
    base::append_number(out, number);
  }
  if (section.text == Section::Text::all) return;
  if (!first) out += '.';
  switch (section.text) {
    case Section::Text::all:
      break;
    case Section::Text::header:
      out += "HEADER";
      break;
    case Section::Text::header_fields:
      out += "HEADER.FIELDS";
      break;
    case Section::Text::header_fields_not:
      out += "HEADER.FIELDS.NOT";
      break;
    case Section::Text::text:
      out += "TEXT";
      break;
    case Section::Text::mime:
      out += "MIME";
      break;
  }
  if (section.fields.empty()) return;
  char separator = '(';
  out += ' ';
  for (const std::string& field : section.fields) {
    out += separator;
    separator = ' ';
    append_astring(out, field);
  }
  out += ')';
}

}  // namespace

void append_label(std::string& out, const BodyItem& item) {
  switch (item.label) {
    case BodyItem::Label::rfc822:
      out += "RFC822";
      return;
    case BodyItem::Label::rfc822_header:
      out += "RFC822.HEADER";
      return;
    case BodyItem::Label::rfc822_text:
      out += "RFC822.TEXT";
      return;
    case BodyItem::Label::body:
      out += "BODY[";
      break;
    case BodyItem::Label::binary:
      out += "BINARY[";
      break;
    case BodyItem::Label::binary_size:
      out += "BINARY.SIZE[";
      break;
  }
  append_section(out, item.section);
  out += ']';
  if (item.partial) {
    out += '<';
    base::append_number(out, item.partial->offset);
    out += '>';
  }
}

Field fields_for(const FetchItems& items) noexcept {
  Field fields = Field::none;
  if (items.envelope) fields = fields | Field::envelope;
  if (items.body || items.body_structure) fields = fields | Field::body_structure;
  if (items.preview) fields = fields | Field::preview;
  if (!items.sections.empty()) fields = fields | Field::sections;
  if (items.email_id) fields = fields | Field::email_id;
  if (items.thread_id) fields = fields | Field::thread_id;
  return fields;
}

FetchResponse::FetchResponse(std::string& out, std::uint32_t sequence) : out_(&out) {
  out += "* ";
  base::append_number(out, sequence);
  out += " FETCH (";
}

FetchResponse FetchResponse::by_uid(std::string& out, Uid uid) {
  out += "* ";
  base::append_number(out, uid);
  out += " UIDFETCH (";
  return FetchResponse(out);
}

void FetchResponse::separate() {
  if (!first_) *out_ += ' ';
  first_ = false;
}

void FetchResponse::row(const FetchItems& items, const MessageView& message, bool recent) {
  if (items.uid) uid(message.uid);
  if (items.flags) flags(message.flags, message.keywords, *message.keyword_names, recent);
  if (items.internal_date) {
    separate();
    *out_ += "INTERNALDATE ";
    append_date_time(*out_, message.internal_date);
  }
  if (items.size) {
    separate();
    *out_ += "RFC822.SIZE ";
    base::append_number(*out_, message.size);
  }
  if (items.envelope) {
    separate();
    *out_ += "ENVELOPE ";
    *out_ += message.envelope;
  }
  if (items.body) {
    separate();
    *out_ += "BODY ";
    *out_ += message::body_from_body_structure(message.body_structure);
  }
  if (items.body_structure) {
    separate();
    *out_ += "BODYSTRUCTURE ";
    *out_ += message.body_structure;
  }
  if (items.save_date) {
    separate();
    *out_ += "SAVEDATE ";
    if (message.saved) {
      append_date_time(*out_, {*message.saved, 0});
    } else {
      *out_ += "NIL";
    }
  }
  if (items.preview) {
    separate();
    *out_ += "PREVIEW ";
    append_string(*out_, message.preview);
  }
  if (items.email_id) object_id("EMAILID", message.email_id);
  if (items.thread_id) object_id("THREADID", message.thread_id);
  if (items.modseq) modseq(message.modseq);
}

void FetchResponse::uid(Uid uid) {
  separate();
  *out_ += "UID ";
  base::append_number(*out_, uid);
}

void FetchResponse::flags(Flags flags, KeywordMask keywords, const KeywordNames& names, bool recent) {
  separate();
  *out_ += "FLAGS ";
  append_flags(*out_, flags, keywords, names, recent);
}

void FetchResponse::modseq(ModSeq modseq) {
  separate();
  *out_ += "MODSEQ (";
  base::append_number(*out_, modseq);
  *out_ += ')';
}

void FetchResponse::object_id(std::string_view item, std::string_view id) {
  separate();
  *out_ += item;
  if (id.empty()) {
    *out_ += " NIL";
    return;
  }
  *out_ += " (";
  *out_ += id;
  *out_ += ')';
}

void FetchResponse::octets(const BodyItem& item, std::uint64_t size, bool has_nul) {
  separate();
  append_label(*out_, item);
  *out_ += has_nul ? " ~" : " ";
  append_literal_header(*out_, size);
}

void FetchResponse::size(const BodyItem& item, std::uint64_t size) {
  separate();
  append_label(*out_, item);
  *out_ += ' ';
  base::append_number(*out_, size);
}

void FetchResponse::text(const BodyItem& item, std::string_view octets_of_item) {
  octets(item, octets_of_item.size());
  *out_ += octets_of_item;
}

void FetchResponse::nil(const BodyItem& item) {
  separate();
  append_label(*out_, item);
  *out_ += " NIL";
}

void FetchResponse::end() { *out_ += ")\r\n"; }

}  // namespace postfach::imap
