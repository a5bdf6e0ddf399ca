// Reads a stored ENVELOPE where it stands (RFC 9051 §7.5.2), for whoever looks at many of them: nothing is copied but
// what a backslash quotes. An envelope that is not as the parser wrote it has empty fields from there on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace postfach::message {

// The number of a field in its order.
enum class EnvelopeField : std::uint8_t { date, subject, from, sender, reply_to, to, cc, bcc, in_reply_to, message_id };

// A string as the parser wrote it: quoted, a literal or NIL. scratch holds what had to be unquoted. Nothing for NIL.
std::optional<std::string_view> read_nstring(std::string_view token, std::string& scratch);

// One row of an address list; its strings are tokens for read_nstring.
struct AddressTokens {
  std::string_view name, route, mailbox, host;
};

// The subject as it stands between its quotes in an envelope, with a backslash before each quote and backslash of its
// own. Null: it is NIL or a literal, or what stands before it has to be read first, which is rare.
std::string_view quoted_subject(std::string_view envelope) noexcept;

class EnvelopeView {
 public:
  // envelope must outlive the view. Fields may be asked for in any order; those before the furthest one are looked at
  // once.
  explicit EnvelopeView(std::string_view envelope) noexcept : text_(envelope) {}

  // Of a text field.
  std::optional<std::string_view> text(EnvelopeField field, std::string& scratch);
  // Of a list; nothing if it is NIL.
  std::optional<AddressTokens> first_address(EnvelopeField field);

 private:
  std::string_view field(EnvelopeField field);

  std::string_view text_;
  std::array<std::string_view, 10> fields_;
  std::size_t known_ = 0;  // of them
  std::size_t at_ = 1;     // behind those, within text_
};

}  // namespace postfach::message
