// The MIME parser: octets in, as they arrive from a socket or a file; the message's structure out.
//
// Invariants of the room:
// - Linear time and memory bounded by Limits, whatever the octets are. Every input parses: there is no error.
// - Nothing is decoded or rewritten. A part is a pair of offsets into the message as stored.
// - The text of a body is never kept: a message of any size streams through a parser of a few KiB.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postfach::message {

// What a message may cost us. Beyond a limit the structure is truncated; the octets are always kept.
struct Limits {
  std::size_t depth = 100;                      // nested multiparts and message/rfc822; deeper parts are opaque leaves
  std::size_t parts = 10'000;                   // further parts belong to the last one's body
  std::size_t header_block = 1024 * 1024;       // octets of one header block that are looked at
  std::size_t headers_total = 8 * 1024 * 1024;  // octets of all header blocks that are looked at
  std::size_t addresses = 10'000;               // per address field
  std::size_t addresses_total = 50'000;         // of all address fields; an address may be sent back 30 times its size
  std::size_t parameters = 200;                 // per Content-Type or Content-Disposition
  std::size_t boundary = 1000;                  // octets of a boundary; RFC 2046 §5.1.1 permits 70
};

// What is kept of a message beside its octets. The strings are written once and stored as they are.
struct Parsed {
  std::string envelope;           // "(…)": RFC 9051 §7.5.2 ENVELOPE, ready to send
  std::string body_structure;     // "(…)": BODYSTRUCTURE with extension data; BODY is derived (body_structure.h)
  std::string sections;           // packed tree of offsets, read by Sections (sections.h)
  std::string thread_refs;        // packed identifiers, of the message and those it refers to (message_ids.h)
  std::uint64_t size = 0;         // octets of the message
  std::uint64_t header_size = 0;  // octets of its header, with the empty line
  bool ends_with_crlf = false;
};

class Parser {
 public:
  explicit Parser(Limits limits = {});
  ~Parser();
  Parser(Parser&&) noexcept;
  Parser& operator=(Parser&&) noexcept;

  // May be cut anywhere; the result depends on the octets alone.
  void feed(std::string_view octets);
  // Once, after the last feed.
  Parsed finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A whole message at once.
Parsed parse(std::string_view octets, Limits limits = {});

}  // namespace postfach::message
