// FETCH and UID FETCH (RFC 9051 §6.4.5, RFC 3501 §6.4.5; MODSEQ and CHANGEDSINCE: RFC 7162 §3.1.4, VANISHED: §3.2.6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/command/partial_range.h"
#include "imap/wire/scanner.h"
#include "message/sections.h"

namespace postfach::imap {

// section-spec: which octets of a message.
struct Section {
  enum class Text : std::uint8_t { all, header, header_fields, header_fields_not, text, mime };

  std::vector<std::uint32_t> path = {};  // empty: the message itself
  Text text = Text::all;
  std::vector<std::string> fields = {};  // of HEADER.FIELDS and HEADER.FIELDS.NOT, as the client wrote them
  bool operator==(const Section&) const = default;

  // For message::Sections; the field variants filter what header finds.
  message::SectionPart part() const noexcept;
};

struct Partial {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;  // never 0
  bool operator==(const Partial&) const = default;
};

// One item that sends octets of the message.
struct BodyItem {
  // How the answer names it. Of binary and binary_size (RFC 9051 §6.4.5) the section is a path alone.
  enum class Label : std::uint8_t { body, rfc822, rfc822_header, rfc822_text, binary, binary_size };

  Label label = Label::body;
  bool peek = false;  // leaves \Seen alone
  Section section = {};
  std::optional<Partial> partial = {};
  bool operator==(const BodyItem&) const = default;
};

struct FetchItems {
  bool uid = false;
  bool flags = false;
  bool internal_date = false;
  bool size = false;
  bool envelope = false;
  bool body = false;  // BODY without a section
  bool body_structure = false;
  bool email_id = false;  // RFC 8474 §5.3
  bool thread_id = false;
  bool modseq = false;
  bool save_date = false;  // RFC 8514
  bool preview = false;    // RFC 8970; LAZY makes no difference: a preview takes no longer than an ENVELOPE
  std::vector<BodyItem> sections = {};  // distinct
  bool operator==(const FetchItems&) const = default;

  // BINARY, BINARY.PEEK or BINARY.SIZE.
  bool has_binary() const noexcept;
  // Whether the fetch sets \Seen.
  bool sets_seen() const noexcept;
};

// What is behind the items. What may stand together, and with which command, is the caller's business.
struct FetchModifiers {
  std::optional<ModSeq> changed_since = {};  // 0 too, which Apple's programs send
  bool vanished = false;
  std::optional<PartialRange> partial = {};  // RFC 9394 §3.3
  bool operator==(const FetchModifiers&) const = default;
};

struct Fetch {
  NumberSet messages;
  FetchItems items;
  FetchModifiers modifiers = {};
};
// The same for UID FETCH; that UID is always answered there is the caller's business.
std::optional<Fetch> parse_fetch(Scanner& in);

// section = "[" [section-spec] "]" and partial, for every command that takes one.
bool parse_section(Scanner& in, Section& section);
// section-binary: numbers alone.
bool parse_section_binary(Scanner& in, Section& section);
bool parse_partial(Scanner& in, Partial& partial);

}  // namespace postfach::imap
