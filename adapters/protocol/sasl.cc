#include "protocol/sasl.h"

#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "protocol/secret.h"

namespace postfach::protocol {
namespace {

// 1*SAFE of RFC 4616 §2.
bool is_safe(std::string_view text) {
  return !text.empty() && text.find('\0') == std::string_view::npos && base::is_utf8(text);
}

}  // namespace

std::optional<SaslExchange> SaslExchange::begin(std::string_view mechanism) {
  if (base::equals_ignoring_case(mechanism, "PLAIN")) return SaslExchange(State::plain);
  if (base::equals_ignoring_case(mechanism, "LOGIN")) return SaslExchange(State::login_name);
  return std::nullopt;
}

SaslExchange::~SaslExchange() { wipe(credentials_); }

SaslExchange::Step SaslExchange::start(std::optional<std::string_view> initial_response) {
  if (!initial_response) return Step::challenge;
  if (*initial_response == "=") return accept({});  // RFC 4959 §3, RFC 5034 §4
  // LOGIN has no initial response in its draft, but clients send the name as one, and every server takes it.
  return decode(*initial_response);
}

SaslExchange::Step SaslExchange::respond(std::string_view line) {
  if (line == "*") {
    state_ = State::over;
    return Step::aborted;
  }
  return decode(line);
}

SaslExchange::Step SaslExchange::decode(std::string_view base64) {
  std::optional<std::string> message;
  if (base64.size() <= max_response) message = base::base64_decode(base64);
  if (!message) {
    state_ = State::over;
    return Step::bad_encoding;
  }
  const Step step = accept(*message);
  wipe(*message);
  return step;
}

SaslExchange::Step SaslExchange::accept(std::string_view message) {
  switch (std::exchange(state_, State::over)) {
    case State::plain:
      return accept_plain(message);
    case State::login_name:
      if (!is_safe(message)) return Step::rejected;
      credentials_.login = message;
      state_ = State::login_password;
      return Step::challenge;
    case State::login_password:
      if (!is_safe(message)) return Step::rejected;
      credentials_.password = message;
      return Step::credentials;
    case State::over:
      break;
  }
  return Step::rejected;
}

// message = [authzid] NUL authcid NUL passwd (RFC 4616 §2)
SaslExchange::Step SaslExchange::accept_plain(std::string_view message) {
  const std::size_t first = message.find('\0');
  const std::size_t second = first == std::string_view::npos ? first : message.find('\0', first + 1);
  if (second == std::string_view::npos) return Step::rejected;
  const std::string_view authorize_as = message.substr(0, first);
  const std::string_view login = message.substr(first + 1, second - first - 1);
  const std::string_view password = message.substr(second + 1);
  if (!is_safe(login) || !is_safe(password)) return Step::rejected;
  if (!authorize_as.empty() && !is_safe(authorize_as)) return Step::rejected;
  credentials_.login = login;
  credentials_.password = password;
  credentials_.authorize_as = authorize_as;
  return Step::credentials;
}

std::string_view SaslExchange::challenge() const noexcept {
  switch (state_) {
    case State::login_name:
      return "VXNlcm5hbWU6";  // "Username:"
    case State::login_password:
      return "UGFzc3dvcmQ6";  // "Password:"
    case State::plain:
    case State::over:
      break;
  }
  return {};
}

Credentials SaslExchange::take_credentials() noexcept { return std::exchange(credentials_, {}); }

}  // namespace postfach::protocol
