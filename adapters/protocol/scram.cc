#include "protocol/scram.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "auth/scram.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/random.h"
#include "base/utf8.h"
#include "sasl_name.h"

namespace postfach::protocol {
namespace {

constexpr std::string_view kBindingType = "tls-exporter";
constexpr std::size_t kNonceOctets = 18;  // 144 bits, 24 characters

// Up to the next comma, which is taken away as well.
std::string_view take_field(std::string_view& text) {
  const std::size_t end = std::min(text.find(','), text.size());
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return field;
}

// value = 1*value-char, of UTF-8 without NUL; the comma has been split at.
bool is_attribute(std::string_view field) { return field.size() > 2 && base::is_alpha(field[0]) && field[1] == '='; }

std::optional<std::string_view> value_of(std::string_view field, char name) {
  if (!is_attribute(field) || field[0] != name) return std::nullopt;
  return field.substr(2);
}

// extensions = attr-val *("," attr-val): optional ones are ignored. "m" is not optional, wherever it stands (§5.1).
bool are_extensions(std::string_view text) {
  while (!text.empty()) {
    const bool is_last = text.find(',') == std::string_view::npos;
    const std::string_view field = take_field(text);
    if (!is_attribute(field) || field[0] == 'm' || (text.empty() && !is_last)) return false;
  }
  return true;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7F' && c != ','; });
}

bool is_text(std::string_view text) { return text.find('\0') == std::string_view::npos && base::is_utf8(text); }

}  // namespace

ScramServer::ScramServer(ScramBinding binding, std::string nonce)
    : binding_(std::move(binding)), nonce_(std::move(nonce)) {}

std::string ScramServer::make_nonce() { return base::base64_encode(base::random_octets(kNonceOctets)); }

// gs2-header = gs2-cbind-flag "," [ authzid ] ","
bool ScramServer::receive_header(std::string_view& message) {
  const std::string_view whole = message;
  const std::string_view flag = take_field(message);
  const bool is_bound = flag.starts_with("p=");
  if (!is_bound && flag != "n" && flag != "y") return fail("no channel binding flag");
  if (is_bound != binding_.plus) return fail("the channel binding flag does not fit the mechanism");
  if (is_bound && binding_.exporter.empty()) return fail("the connection can't be bound");
  if (is_bound && flag.substr(2) != kBindingType) return fail("an unknown channel binding type");
  // RFC 5802 §6: somebody between us took the -PLUS mechanism out of the list.
  if (flag == "y" && binding_.plus_offered) return fail("channel binding was downgraded");

  if (message.find(',') == std::string_view::npos) return fail("no whole GS2 header");
  const std::string_view identity = take_field(message);
  if (!identity.empty()) {
    const auto name = value_of(identity, 'a');
    auto parsed = name ? parse_sasl_name(*name) : std::nullopt;
    if (!parsed) return fail("a malformed authorization identity");
    authorize_as_ = *std::move(parsed);
  }
  header_ = whole.substr(0, whole.size() - message.size());
  return true;
}

// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
bool ScramServer::receive_first(std::string_view message) {
  if (!is_text(message)) return fail("no UTF-8");
  if (!receive_header(message)) return false;
  auth_message_ = message;
  const bool ends_well = !message.ends_with(',');
  const auto name = value_of(take_field(message), 'n');  // "m=" fails here
  const auto nonce = value_of(take_field(message), 'r');
  if (!name || !nonce || !ends_well) return fail("a malformed first message");
  auto parsed = parse_sasl_name(*name);
  if (!parsed) return fail("a malformed name");
  if (!is_printable(*nonce)) return fail("a malformed nonce");
  if (!are_extensions(message)) return fail("an extension that is unknown and mandatory, or malformed");
  login_ = *std::move(parsed);
  nonce_ = std::string(*nonce) + nonce_;
  return true;
}

std::string ScramServer::send_first(const ScramKeys& keys) {
  keys_ = keys;
  std::string message = "r=" + nonce_ + ",s=" + base::base64_encode(keys.salt) + ",i=";
  base::append_number(message, keys.iterations);
  auth_message_ += ',';
  auth_message_ += message;
  return message;
}

// client-final-message = channel-binding "," nonce ["," extensions] "," proof
bool ScramServer::receive_final(std::string_view message) {
  if (!is_text(message)) return fail("no UTF-8");
  const std::size_t end = message.rfind(",p=");
  if (end == std::string_view::npos) return fail("no proof");
  const auto proof = base::base64_decode(message.substr(end + 3));
  const std::string_view without_proof = message.substr(0, end);
  std::string_view rest = without_proof;
  const auto binding = value_of(take_field(rest), 'c');
  const auto nonce = value_of(take_field(rest), 'r');
  if (!proof || !binding || !nonce || without_proof.ends_with(',') || !are_extensions(rest)) {
    return fail("a malformed final message");
  }
  if (!base::equals_in_constant_time(*nonce, nonce_)) return fail("another nonce");
  // cbind-input = gs2-header [ cbind-data ]; with "n" and "y" there is none.
  std::string expected = header_;
  if (binding_.plus) expected += binding_.exporter;
  if (!base::equals_in_constant_time(*binding, base::base64_encode(expected))) return fail("bound to something else");
  auth_message_ += ',';
  auth_message_ += without_proof;
  if (!auth::check_scram_proof(keys_, auth_message_, *proof)) return fail("wrong name or password");
  return true;
}

std::string ScramServer::send_final() const {
  return "v=" + base::base64_encode(auth::scram_server_signature(keys_, auth_message_));
}

}  // namespace postfach::protocol
