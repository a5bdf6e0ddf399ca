// ENVELOPE (RFC 9051 §7.5.2).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postfach::message {

// The fields of one message header, still folded. Of a text field that is there twice the first counts; addresses add
// up (RFC 7103 §7.5.1).
struct EnvelopeFields {
  std::optional<std::string_view> date, subject, in_reply_to, message_id;
  std::optional<std::string_view> references;  // not in ENVELOPE; threads are made of it
  std::vector<std::string_view> from, sender, reply_to, to, cc, bcc;
};

// Writes at most per_field rows of each field, and takes what it writes off total.
void append_envelope(std::string& out, const EnvelopeFields& fields, std::size_t per_field, std::size_t& total);

}  // namespace postfach::message
