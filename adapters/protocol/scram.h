// The server's messages of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 5802 §5, §7; RFC 7677), as a pure state machine:
// octets in, octets out, no base64 around them.
//
// Invariants: what does not follow the grammar, has the mandatory extension "m=", or was bound to anything but this very
// connection fails; why is for the operator alone.
#pragma once

#include <string>
#include <string_view>

#include "postfach/auth.h"

namespace postfach::protocol {

// What the exchange is bound to.
struct ScramBinding {
  bool plus = false;          // the mechanism is the -PLUS one
  bool plus_offered = false;  // the client could have seen it in the list
  // tls-exporter of this connection (RFC 9266), from the TLS library and never from the client; with plus not empty.
  std::string exporter = {};
};

class ScramServer {
 public:
  // The nonce: printable ASCII without comma, unpredictable, new each time.
  explicit ScramServer(ScramBinding binding, std::string nonce = make_nonce());
  static std::string make_nonce();

  // client-first-message. False: the login has failed. Then problem() says why; else login() and authorize_as() are set.
  bool receive_first(std::string_view message);
  const std::string& login() const noexcept { return login_; }
  const std::string& authorize_as() const noexcept { return authorize_as_; }

  // server-first-message.
  std::string send_first(const ScramKeys& keys);
  // client-final-message: true if the client knows the password.
  bool receive_final(std::string_view message);
  // server-final-message.
  std::string send_final() const;

  std::string_view problem() const noexcept { return problem_; }

 private:
  bool fail(std::string_view problem) noexcept {
    problem_ = problem;
    return false;
  }
  bool receive_header(std::string_view& message);

  ScramBinding binding_;
  std::string nonce_;         // ours; the client's in front of it once it is known
  std::string header_;        // gs2-header, as sent
  std::string auth_message_;  // as far as it is known
  std::string login_;
  std::string authorize_as_;
  ScramKeys keys_;
  std::string_view problem_;
};

}  // namespace postfach::protocol
