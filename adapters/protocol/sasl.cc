#include "protocol/sasl.h"

#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/utf8.h"
#include "protocol/oauth.h"
#include "protocol/secret.h"

namespace postfach::protocol {
namespace {

// 1*SAFE of RFC 4616 §2.
bool is_safe(std::string_view text) {
  return !text.empty() && text.find('\0') == std::string_view::npos && base::is_utf8(text);
}

}  // namespace

SaslExchange::SaslExchange(Mechanism mechanism, const BearerTokens& tokens, ScramBinding binding)
    : mechanism_(mechanism), tokens_(&tokens) {
  credentials_.mechanism = name_of(mechanism);
  if (mechanism == Mechanism::scram_sha_256 || mechanism == Mechanism::scram_sha_256_plus) {
    binding.plus = mechanism == Mechanism::scram_sha_256_plus;
    scram_.emplace(std::move(binding));
  }
}

SaslExchange::~SaslExchange() { wipe(credentials_); }

SaslExchange::Step SaslExchange::ask(std::string_view message, State next) {
  challenge_ = base::base64_encode(message);
  state_ = next;
  return Step::challenge;
}

SaslExchange::Step SaslExchange::start(std::optional<std::string_view> initial_response) {
  if (!initial_response) return ask(mechanism_ == Mechanism::login ? "Username:" : "", State::first);
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
    case State::first:
      return accept_first(message);
    case State::login_password:
      if (!is_safe(message)) return Step::rejected;
      credentials_.password = message;
      return Step::credentials;
    case State::scram_final:
      if (!scram_->receive_final(message)) return Step::rejected;
      return ask(scram_->send_final(), State::scram_end);
    case State::scram_end:
      // RFC 5802 §5: an empty response; there is nothing else it could be.
      return message.empty() ? Step::proven : Step::rejected;
    case State::scram_lookup:
    case State::token:
    case State::token_error:  // RFC 7628 §3.2.3: %x01, or with XOAUTH2 nothing; it fails whatever it is
    case State::over:
      break;
  }
  return Step::rejected;
}

SaslExchange::Step SaslExchange::accept_first(std::string_view message) {
  if (mechanism_ == Mechanism::plain) return accept_plain(message);
  if (is_token()) return accept_token(message);
  if (scram_) {
    if (!scram_->receive_first(message)) return Step::rejected;
    credentials_.login = scram_->login();
    credentials_.authorize_as = scram_->authorize_as();
    state_ = State::scram_lookup;
    return Step::lookup;
  }
  if (!is_safe(message)) return Step::rejected;
  credentials_.login = message;
  return ask("Password:", State::login_password);
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

SaslExchange::Step SaslExchange::accept_token(std::string_view message) {
  const bool is_bearer = mechanism_ == Mechanism::oauthbearer;
  const TokenProblem problem =
      is_bearer ? parse_oauthbearer(message, credentials_) : parse_xoauth2(message, credentials_);
  state_ = State::token;
  if (problem == TokenProblem::malformed) return refuse_token("invalid_request");
  if (problem == TokenProblem::no_token) return refuse_token("invalid_token");
  // RFC 7628 §3.2: what is known otherwise has to match.
  if (!tokens_->host.empty() && !credentials_.host.empty() &&
      !base::equals_ignoring_case(tokens_->host, credentials_.host)) {
    return refuse_token("invalid_request");
  }
  return Step::credentials;
}

SaslExchange::Step SaslExchange::provide(const ScramKeys& keys) {
  return ask(scram_->send_first(keys), State::scram_final);
}

SaslExchange::Step SaslExchange::refuse_token(std::string_view status) {
  return ask(mechanism_ == Mechanism::oauthbearer ? oauthbearer_error(status, *tokens_) : xoauth2_error(*tokens_),
             State::token_error);
}

std::string_view SaslExchange::problem() const noexcept {
  if (scram_ && !scram_->problem().empty()) return scram_->problem();
  return is_token() ? "no valid token" : "no message of the SASL mechanism";
}

}  // namespace postfach::protocol
