#include "fetch.h"

#include <algorithm>

namespace postfach::imap {
namespace {

// Each section of a FETCH may send the whole message again.
constexpr std::size_t kMaxSections = 100;
// Field names in one HEADER.FIELDS; clients ask for some twenty.
constexpr std::size_t kMaxFields = 256;
// Numbers in a section; the MIME parser does not look deeper.
constexpr std::size_t kMaxPath = 100;

// section-part = nz-number *("." nz-number), if there is one. text_follows: section-text comes next.
bool parse_path(Scanner& in, Section& section, bool& text_follows) {
  const auto at_digit = [&in] { return !in.at_end() && in.rest().front() >= '0' && in.rest().front() <= '9'; };
  while (text_follows && at_digit()) {
    std::uint32_t number = 0;
    if (!in.nz_number(number)) return false;
    if (section.path.size() == kMaxPath) return in.fail("Section too deep");
    section.path.push_back(number);
    text_follows = in.skip('.');
  }
  return true;
}

// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
// section-text    = section-msgtext / "MIME"
bool parse_text(Scanner& in, Section& section) {
  if (in.word("HEADER")) {
    section.text = Section::Text::header;
    return true;
  }
  if (in.word("TEXT")) {
    section.text = Section::Text::text;
    return true;
  }
  if (in.word("MIME")) {
    section.text = Section::Text::mime;
    return !section.path.empty() || in.fail("MIME needs a part number");
  }
  if (in.word("HEADER.FIELDS")) {
    section.text = Section::Text::header_fields;
  } else if (in.word("HEADER.FIELDS.NOT")) {
    section.text = Section::Text::header_fields_not;
  } else {
    return in.fail("Unknown section");
  }
  // header-list = "(" header-fld-name *(SP header-fld-name) ")"
  if (!in.sp() || !in.expect('(')) return false;
  do {
    std::string name;
    if (!in.astring(name)) return false;
    // RFC 5322 §2.2: printable US-ASCII. Anything else can't match, and would come back in the answer.
    const bool printable = std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (name.empty() || !printable) return in.fail("Invalid header field name");
    if (section.fields.size() == kMaxFields) return in.fail("Too many header fields");
    section.fields.push_back(std::move(name));
  } while (in.skip(' '));
  return in.expect(')');
}

// A section and perhaps a range of it, behind the name.
bool parse_body_item(Scanner& in, FetchItems& items, BodyItem item) {
  const bool is_binary = item.label == BodyItem::Label::binary || item.label == BodyItem::Label::binary_size;
  if (is_binary ? !parse_section_binary(in, item.section) : !parse_section(in, item.section)) return false;
  if (in.at('<') && item.label != BodyItem::Label::binary_size) {
    Partial partial;
    if (!parse_partial(in, partial)) return false;
    item.partial = partial;
  }
  if (std::find(items.sections.begin(), items.sections.end(), item) != items.sections.end()) return true;
  if (items.sections.size() == kMaxSections) return in.fail("Too many sections");
  items.sections.push_back(std::move(item));
  return true;
}

// "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"], behind the name (RFC 8970 §6). Any other list there is that of
// the FETCH modifiers (RFC 4466 §2.4).
bool parse_preview(Scanner& in, FetchItems& items) {
  items.preview = true;
  if (!in.prefix(" (LAZY")) return true;
  while (in.skip(' ')) {
    if (!in.word("LAZY")) return in.fail("Unknown PREVIEW modifier");
  }
  return in.expect(')');
}

void add_once(FetchItems& items, BodyItem item) {
  if (std::find(items.sections.begin(), items.sections.end(), item) == items.sections.end()) {
    items.sections.push_back(std::move(item));
  }
}

// fetch-att
bool parse_item(Scanner& in, FetchItems& items) {
  if (in.word("UID")) return items.uid = true;
  if (in.word("FLAGS")) return items.flags = true;
  if (in.word("INTERNALDATE")) return items.internal_date = true;
  if (in.word("RFC822.SIZE")) return items.size = true;
  if (in.word("ENVELOPE")) return items.envelope = true;
  if (in.word("BODYSTRUCTURE")) return items.body_structure = true;
  if (in.word("EMAILID")) return items.email_id = true;
  if (in.word("THREADID")) return items.thread_id = true;
  if (in.word("MODSEQ")) return items.modseq = true;
  // "[" is an ATOM-CHAR, so the words end where no section follows.
  if (in.word("BODY")) return items.body = true;
  if (in.prefix("BODY.PEEK")) return parse_body_item(in, items, {.peek = true});
  if (in.prefix("BODY")) return parse_body_item(in, items, {});
  using Label = BodyItem::Label;
  if (in.prefix("BINARY.PEEK")) return parse_body_item(in, items, {.label = Label::binary, .peek = true});
  if (in.prefix("BINARY.SIZE")) return parse_body_item(in, items, {.label = Label::binary_size, .peek = true});
  if (in.prefix("BINARY")) return parse_body_item(in, items, {.label = Label::binary});
  if (in.word("SAVEDATE")) return items.save_date = true;
  if (in.word("PREVIEW")) return parse_preview(in, items);
  // RFC 3501 §6.4.5: other names for BODY[], BODY.PEEK[HEADER] and BODY[TEXT].
  if (in.word("RFC822")) {
    add_once(items, {.label = BodyItem::Label::rfc822});
    return true;
  }
  if (in.word("RFC822.HEADER")) {
    add_once(items,
             {.label = BodyItem::Label::rfc822_header, .peek = true, .section = {.text = Section::Text::header}});
    return true;
  }
  if (in.word("RFC822.TEXT")) {
    add_once(items, {.label = BodyItem::Label::rfc822_text, .section = {.text = Section::Text::text}});
    return true;
  }
  return in.fail("Unknown FETCH item");
}

bool parse_items(Scanner& in, FetchItems& items) {
  const bool all = in.word("ALL");
  const bool full = !all && in.word("FULL");
  if (all || full || in.word("FAST")) {
    items.flags = items.internal_date = items.size = true;
    items.envelope = all || full;
    items.body = full;
    return true;
  }
  if (!in.skip('(')) return parse_item(in, items);
  do {
    if (!parse_item(in, items)) return false;
  } while (in.skip(' '));
  return in.expect(')');
}

// fetch-modifiers = "(" fetch-modifier *(SP fetch-modifier) ")" (RFC 4466 §2.4)
bool parse_modifiers(Scanner& in, FetchModifiers& modifiers) {
  if (!in.expect('(')) return false;
  do {
    if (in.word("CHANGEDSINCE")) {
      if (modifiers.changed_since) return in.fail("CHANGEDSINCE is given twice");
      if (!in.sp() || !in.number64(modifiers.changed_since.emplace())) return false;
    } else if (in.word("VANISHED")) {
      modifiers.vanished = true;
    } else if (in.word("PARTIAL")) {
      if (modifiers.partial) return in.fail("PARTIAL is given twice");
      if (!in.sp() || !parse_partial_range(in, modifiers.partial.emplace())) return false;
    } else {
      return in.fail("Unknown FETCH modifier");
    }
  } while (in.skip(' '));
  return in.expect(')');
}

}  // namespace

message::SectionPart Section::part() const noexcept {
  switch (text) {
    case Text::all:
      return message::SectionPart::all;
    case Text::header:
    case Text::header_fields:
    case Text::header_fields_not:
      return message::SectionPart::header;
    case Text::text:
      return message::SectionPart::text;
    case Text::mime:
      return message::SectionPart::mime;
  }
  return message::SectionPart::all;
}

bool FetchItems::has_binary() const noexcept {
  return std::any_of(sections.begin(), sections.end(), [](const BodyItem& item) {
    return item.label == BodyItem::Label::binary || item.label == BodyItem::Label::binary_size;
  });
}

bool FetchItems::sets_seen() const noexcept {
  return std::any_of(sections.begin(), sections.end(), [](const BodyItem& item) { return !item.peek; });
}

// section      = "[" [section-spec] "]"
// section-spec = section-msgtext / (section-part ["." section-text])
bool parse_section(Scanner& in, Section& section) {
  if (!in.skip('[')) return in.fail("Section expected");
  if (in.skip(']')) return true;
  bool text_follows = true;
  if (!parse_path(in, section, text_follows)) return false;
  return (!text_follows || parse_text(in, section)) && in.expect(']');
}

// section-binary = "[" [section-part] "]"
bool parse_section_binary(Scanner& in, Section& section) {
  if (!in.skip('[')) return in.fail("Section expected");
  if (in.skip(']')) return true;
  bool text_follows = true;
  if (!parse_path(in, section, text_follows)) return false;
  return text_follows ? in.fail("Part number expected") : in.expect(']');
}

// partial = "<" number64 "." nz-number64 ">"
bool parse_partial(Scanner& in, Partial& partial) {
  if (!in.skip('<')) return in.fail("Partial range expected");
  if (!in.number64(partial.offset)) return false;
  if (!in.skip('.')) return in.fail("Invalid partial range");
  return in.nz_number64(partial.size) && in.expect('>');
}

// fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att)
// ")") [SP fetch-modifiers]
std::optional<Fetch> parse_fetch(Scanner& in) {
  Fetch fetch;
  if (!in.sp() || !in.sequence_set(fetch.messages) || !in.sp() || !parse_items(in, fetch.items)) return std::nullopt;
  if (in.skip(' ') && !in.at_end() && !parse_modifiers(in, fetch.modifiers)) return std::nullopt;
  if (!in.end()) return std::nullopt;
  return fetch;
}

}  // namespace postfach::imap
