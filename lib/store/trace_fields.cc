#include "trace_fields.h"

#include "base/time.h"

namespace postfach::store {
namespace {

// TCP-info of RFC 5321 §4.4: an address literal (§4.1.3).
std::string literal(std::string_view address) {
  std::string out = " ([";
  if (address.find(':') != std::string_view::npos) out += "IPv6:";
  out += address;
  return out += "])";
}

bool is_address(std::string_view remote) noexcept {
  return !remote.empty() && remote.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos &&
         remote.find_first_of(".:") != std::string_view::npos;
}

std::string received(const Envelope& envelope, std::string_view id, const std::vector<std::string_view>& addresses,
                     std::int64_t now) {
  std::string out = "Received:";
  if (!envelope.client.empty()) {
    out += " from ";
    out += envelope.client;
    if (is_address(envelope.remote)) out += literal(envelope.remote);
    out += "\r\n\t";
  } else {
    out += ' ';
  }
  out += "by ";
  out += envelope.server;
  if (!envelope.protocol.empty()) {
    out += " with ";
    out += envelope.protocol;
  }
  out += " id ";
  out += id;
  // RFC 5321 §7.2: several names would tell each who else got it, which may be nobody's business.
  if (addresses.size() == 1) {
    out += "\r\n\tfor <";
    out += addresses.front();
    out += '>';
  }
  out += ";\r\n\t";
  out += base::format_rfc5322_date({now, 0});
  return out += "\r\n";
}

}  // namespace

std::string trace_fields(const Envelope& envelope, std::string_view id, const std::vector<std::string_view>& addresses,
                         std::int64_t now) {
  std::string out = "Return-Path: <" + envelope.sender + ">\r\n";
  for (const std::string_view address : addresses) {
    out += "Delivered-To: ";
    out += address;
    out += "\r\n";
  }
  if (!envelope.server.empty()) out += received(envelope, id, addresses, now);
  return out;
}

}  // namespace postfach::store
