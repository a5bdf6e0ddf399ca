// The server's side of SASL (RFC 4422) for PLAIN (RFC 4616) and LOGIN (draft-murchison-sasl-login), as pure state
// machines: lines in, challenges and credentials out. Whether a mechanism may be used on this connection (TLS) is the
// protocol's business, and so is what becomes of the credentials.
//
// Invariants: no response longer than max_response is decoded; a login and a password that come out are non-empty
// UTF-8 without NUL; what is not handed out is wiped.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "postfach/auth.h"

namespace postfach::protocol {

// In order of preference, for capability lists.
inline constexpr std::array<std::string_view, 2> sasl_mechanisms = {"PLAIN", "LOGIN"};

class SaslExchange {
 public:
  // In base64. RFC 4616 asks for three times 255 octets at least (1,024); tokens used as passwords are longer.
  static constexpr std::size_t max_response = 4096;

  enum class Step : unsigned char {
    challenge,     // send challenge() and call respond() with the line that comes back
    credentials,   // done: take_credentials()
    aborted,       // the client sent "*": BAD in IMAP (RFC 9051 §6.2.2), -ERR in POP3 (RFC 5034 §4)
    bad_encoding,  // not base64, or too long: BAD, -ERR
    rejected,      // not a message of the mechanism (no login, NUL, not UTF-8): as a wrong password
  };

  // Nothing if there is no such mechanism. Names are compared without regard to case.
  static std::optional<SaslExchange> begin(std::string_view mechanism);

  SaslExchange(SaslExchange&&) noexcept = default;
  SaslExchange& operator=(SaslExchange&&) noexcept = default;
  ~SaslExchange();

  // First of all: with the initial response of the command, if it has one ("=" is an empty one).
  Step start(std::optional<std::string_view> initial_response = {});
  // With each line after a challenge, without its end.
  Step respond(std::string_view line);

  // In base64, possibly empty, without "+ ".
  std::string_view challenge() const noexcept;

  // Without `remote`. Once, after Step::credentials.
  Credentials take_credentials() noexcept;

 private:
  enum class State : unsigned char { plain, login_name, login_password, over };

  explicit SaslExchange(State state) noexcept : state_(state) {}
  Step decode(std::string_view base64);
  Step accept(std::string_view message);
  Step accept_plain(std::string_view message);

  State state_;
  Credentials credentials_;
};

}  // namespace postfach::protocol
