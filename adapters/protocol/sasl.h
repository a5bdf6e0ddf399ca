// The server's side of SASL (RFC 4422) for the mechanisms of mechanisms.h, as pure state machines: lines in, challenges
// and questions out. Whether a mechanism may be used on this connection is the protocol's business; who answers the
// questions is Login's (login.h).
//
// Invariants: no response longer than max_response is decoded; a login, a password and a token that come out are
// non-empty UTF-8 without NUL; what is not handed out is wiped.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "postfach/auth.h"
#include "protocol/mechanisms.h"
#include "protocol/scram.h"

namespace postfach::protocol {

class SaslExchange {
 public:
  // In base64. RFC 4616 asks for three times 255 octets at least (1,024); tokens are longer, and take up to a whole line
  // of IMAP or POP3.
  static constexpr std::size_t max_response = 8192;

  enum class Step : unsigned char {
    challenge,     // send challenge() and call respond() with the line that comes back
    credentials,   // a password or a token to be checked: credentials(). A token that is refused: refuse_token()
    lookup,        // SCRAM: find the keys for credentials() and call provide()
    proven,        // SCRAM: the client knows the password, and has seen that we do
    aborted,       // the client sent "*": BAD in IMAP (RFC 9051 §6.2.2), -ERR in POP3 (RFC 5034 §4)
    bad_encoding,  // not base64, or too long: BAD, -ERR
    rejected,      // not a message of the mechanism (no login, NUL, not UTF-8), or a wrong proof: as a wrong password
  };

  SaslExchange(Mechanism mechanism, const BearerTokens& tokens, ScramBinding binding = {});
  SaslExchange(SaslExchange&&) noexcept = default;
  SaslExchange& operator=(SaslExchange&&) = delete;
  ~SaslExchange();

  // First of all: with the initial response of the command, if it has one ("=" is an empty one).
  Step start(std::optional<std::string_view> initial_response = {});
  // With each line after a challenge, without its end.
  Step respond(std::string_view line);
  // After Step::lookup, with the keys or with those of a name that does not exist.
  Step provide(const ScramKeys& keys);
  // After Step::credentials with a token: the client is told why (RFC 7628 §3.2.2) before the login fails.
  Step refuse_token(std::string_view status);

  // In base64, possibly empty, without "+ ".
  const std::string& challenge() const noexcept { return challenge_; }
  // Without `remote`. Filled in by Step::credentials and Step::lookup.
  Credentials& credentials() noexcept { return credentials_; }
  // After Step::rejected, for operators.
  std::string_view problem() const noexcept;

 private:
  enum class State : unsigned char {
    first,           // the first message of the mechanism
    login_password,  // LOGIN has its name
    scram_lookup,
    scram_final,
    scram_end,    // our last message was sent; the client has nothing to say to it
    token,        // is being checked
    token_error,  // the client was told, and may send its dummy response
    over,
  };

  Step ask(std::string_view message, State next);
  Step decode(std::string_view base64);
  Step accept(std::string_view message);
  Step accept_first(std::string_view message);
  Step accept_plain(std::string_view message);
  Step accept_token(std::string_view message);
  bool is_token() const noexcept { return mechanism_ == Mechanism::oauthbearer || mechanism_ == Mechanism::xoauth2; }

  Mechanism mechanism_;
  State state_ = State::first;
  const BearerTokens* tokens_;
  Credentials credentials_;
  std::string challenge_;
  std::optional<ScramServer> scram_;
};

}  // namespace postfach::protocol
