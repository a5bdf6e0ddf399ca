#include "envelope.h"

#include <algorithm>

#include "address.h"
#include "header.h"
#include "imap_string.h"

namespace postfach::message {
namespace {

void append_text(std::string& out, std::optional<std::string_view> value) {
  if (value) {
    append_string(out, unfold(*value));
  } else {
    out.append("NIL");
  }
}

void append_address(std::string& out, const Address& address) {
  out.push_back('(');
  append_nstring(out, address.name);
  out.push_back(' ');
  append_nstring(out, address.route);
  out.push_back(' ');
  append_nstring(out, address.mailbox);
  out.push_back(' ');
  append_nstring(out, address.host);
  out.push_back(')');
}

// "NIL" if there is no address.
std::string address_list(const std::vector<std::string_view>& fields, std::size_t per_field, std::size_t& total) {
  std::string out = "(";
  std::size_t room = std::min(per_field, total);
  for (const std::string_view field : fields) {
    if (room == 0) break;
    const std::vector<Address> addresses = parse_addresses(field, room);
    for (const Address& address : addresses) append_address(out, address);
    room -= addresses.size();
    total -= addresses.size();
  }
  if (out.size() == 1) return "NIL";
  out.push_back(')');
  return out;
}

}  // namespace

void append_envelope(std::string& out, const EnvelopeFields& fields, std::size_t per_field, std::size_t& total) {
  const auto append_list = [&](const std::vector<std::string_view>& list, std::string_view otherwise) {
    const std::string text = list.empty() ? "NIL" : address_list(list, per_field, total);
    out.push_back(' ');
    out.append(text == "NIL" ? otherwise : text);
  };
  out.push_back('(');
  append_text(out, fields.date);
  out.push_back(' ');
  append_text(out, fields.subject);
  const std::string from = address_list(fields.from, per_field, total);
  out.push_back(' ');
  out.append(from);
  append_list(fields.sender, from);
  append_list(fields.reply_to, from);
  append_list(fields.to, "NIL");
  append_list(fields.cc, "NIL");
  append_list(fields.bcc, "NIL");
  out.push_back(' ');
  append_text(out, fields.in_reply_to);
  out.push_back(' ');
  append_text(out, fields.message_id);
  out.push_back(')');
}

}  // namespace postfach::message
