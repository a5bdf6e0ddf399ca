#include "protocol/oauth.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/utf8.h"
#include "sasl_name.h"

namespace postfach::protocol {
namespace {

constexpr char kSeparator = '\x01';

// "Bearer" 1*SP b64token (RFC 6750 §2.1); the scheme in any case.
std::optional<std::string_view> parse_bearer(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  if (!base::starts_with_ignoring_case(value, kScheme)) return std::nullopt;
  value.remove_prefix(kScheme.size());
  value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
  const std::string_view token = value.substr(0, value.find_last_not_of('=') + 1);
  const bool is_good = !token.empty() && std::all_of(token.begin(), token.end(), [](char c) {
    return base::is_alpha(c) || base::is_digit(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
  });
  if (!is_good) return std::nullopt;
  return value;
}

// value = *(VCHAR / SP / HTAB / CR / LF); UTF-8 too, as names have it.
bool is_value(std::string_view text) {
  return base::is_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
           return !base::is_ctl(c) || c == '\t' || c == '\r' || c == '\n';
         });
}

bool is_key(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), base::is_alpha); }

// *kvpair kvsep, where each pair ends with kvsep as well. Those that are not known are ignored; one that comes twice
// would have two meanings.
TokenProblem parse_pairs(std::string_view text, Credentials& credentials) {
  std::optional<std::string_view> auth;
  std::optional<std::string_view> host;
  std::optional<std::string_view> port;
  while (text != std::string_view(&kSeparator, 1)) {
    const std::size_t end = text.find(kSeparator);
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (end == std::string_view::npos || equals == std::string_view::npos) return TokenProblem::malformed;
    text.remove_prefix(end + 1);
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    if (!is_key(key) || !is_value(value)) return TokenProblem::malformed;
    std::optional<std::string_view>* const known = key == "auth"   ? &auth
                                                   : key == "host" ? &host
                                                   : key == "port" ? &port
                                                                   : nullptr;
    if (known == nullptr) continue;
    if (known->has_value()) return TokenProblem::malformed;
    *known = value;
  }
  if (!auth) return TokenProblem::malformed;
  if (port) {
    // A decimal positive integer without leading zeros (RFC 7628 §3.1).
    const auto number = base::parse_number(*port, UINT16_MAX);
    if (!number || *number == 0 || port->starts_with('0')) return TokenProblem::malformed;
    credentials.port = static_cast<std::uint16_t>(*number);
  }
  credentials.host = host.value_or("");
  if (auth->empty()) return TokenProblem::no_token;
  const auto token = parse_bearer(*auth);
  if (!token) return TokenProblem::malformed;
  credentials.token = *token;
  return TokenProblem::none;
}

std::optional<std::string> parse_name(std::string_view text) {
  std::optional<std::string> name = parse_sasl_name(text);
  if (name && (!base::is_utf8(*name) || std::any_of(name->begin(), name->end(), base::is_ctl))) name.reset();
  return name;
}

void append_json(std::string& out, std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (base::is_ctl(c)) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4U];
      out += kHex[static_cast<unsigned char>(c) & 15U];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += out.empty() ? '{' : ',';
  append_json(out, name);
  out += ':';
  append_json(out, value);
}

}  // namespace

// client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep, of which the second form is an answer to an error.
TokenProblem parse_oauthbearer(std::string_view message, Credentials& credentials) {
  const std::size_t end = message.find(kSeparator);
  if (end == std::string_view::npos) return TokenProblem::malformed;
  // gs2-header = ("n" / "y") "," [ "a=" saslname ] ",": there is no channel binding (RFC 7628 §3.1).
  std::string_view header = message.substr(0, end);
  if (!header.starts_with("n,") && !header.starts_with("y,")) return TokenProblem::malformed;
  header.remove_prefix(2);
  if (!header.ends_with(',')) return TokenProblem::malformed;
  header.remove_suffix(1);
  if (!header.empty()) {
    auto name = header.starts_with("a=") ? parse_name(header.substr(2)) : std::nullopt;
    if (!name || header.find(',') != std::string_view::npos) return TokenProblem::malformed;
    credentials.login = *name;
    credentials.authorize_as = *std::move(name);
  }
  return parse_pairs(message.substr(end + 1), credentials);
}

// "user=" name kvsep "auth=Bearer " token kvsep kvsep
TokenProblem parse_xoauth2(std::string_view message, Credentials& credentials) {
  constexpr std::string_view kUser = "user=";
  const std::size_t end = message.find(kSeparator);
  if (!message.starts_with(kUser) || end == std::string_view::npos) return TokenProblem::malformed;
  const std::string_view name = message.substr(kUser.size(), end - kUser.size());
  if (name.empty() || !base::is_utf8(name) || std::any_of(name.begin(), name.end(), base::is_ctl)) {
    return TokenProblem::malformed;
  }
  credentials.login = name;
  return parse_pairs(message.substr(end + 1), credentials);
}

std::string oauthbearer_error(std::string_view status, const BearerTokens& options) {
  std::string json;
  append_member(json, "status", status);
  append_member(json, "scope", options.scope);
  append_member(json, "openid-configuration", options.openid_configuration);
  return json + '}';
}

std::string xoauth2_error(const BearerTokens& options) {
  std::string json;
  append_member(json, "status", "400");
  append_member(json, "schemes", "Bearer");
  append_member(json, "scope", options.scope);
  return json + '}';
}

}  // namespace postfach::protocol
