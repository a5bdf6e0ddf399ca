// All of a session that a handler may touch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "maildrop.h"
#include "multi_line.h"
#include "postfach/pop3/session.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"
#include "protocol/login.h"
#include "protocol/login_delay.h"
#include "protocol/mechanisms.h"

namespace postfach::pop3 {

// RFC 1939 §3. UPDATE has no commands: QUIT passes through it.
enum class State : unsigned char { authorization, transaction };

struct Context {
  Context(Store the_store, SessionOptions the_options, protocol::Peer the_peer, protocol::Ring the_ring)
      : store(std::move(the_store)),
        options(std::move(the_options)),
        peer(std::move(the_peer)),
        ring(std::move(the_ring)),
        login_delay(options.login_attempts, options.login_delay) {}

  const Store store;
  const SessionOptions options;
  protocol::Peer peer;
  const protocol::Ring ring;
  protocol::Clock::time_point now = {};

  State state = State::authorization;
  bool closing = false;       // nothing is read any more
  bool starting_tls = false;  // STLS was answered

  bool utf8 = false;  // UTF8 was said (RFC 6856 §2.1)

  // AUTHORIZATION
  std::string timestamp;  // of the greeting, for APOP; empty: there is none
  std::string user;       // of USER; empty: none
  protocol::LoginDelay login_delay;
  std::unique_ptr<protocol::Login> login;  // under way
  bool login_due = false;                  // it is to be stepped
  bool login_needs_line = false;           // the next line is a response to its challenge

  // TRANSACTION
  std::string account;  // its name
  MaildropPolicy policy;
  std::optional<MaildropLease> lease;
  std::optional<Maildrop> drop;
  std::unique_ptr<MultiLine> rest;  // of the reply that is being written; refers to drop

  std::optional<protocol::MechanismSet> known_mechanisms;

  protocol::LoginRules login_rules() const noexcept {
    return {store, options.authenticator, options.scram_lookup, options.tokens, options.scram, false};
  }
  // Those that the client may see and use; the same until TLS starts (see possible_mechanisms).
  const protocol::MechanismSet& mechanisms();
  void begin_login() {
    login = std::make_unique<protocol::Login>(login_rules(), login_delay, peer.address, ring);
    login_due = true;
    login_needs_line = false;
  }
  void end_login() noexcept {
    login.reset();
    login_due = false;
    login_needs_line = false;
  }
  // After a ring or a deadline.
  void look_at_login() noexcept {
    if (login && !login_needs_line) login_due = true;
  }

  // RFC 2595 §2.3, RFC 8314: no password in clear.
  bool may_log_in() const noexcept { return peer.tls.has_value() || peer.trusted_cleartext; }

  void log(Severity severity, std::string_view event, std::string_view detail = {}) const {
    if (const Observer& observer = store.options().observer) {
      observer({.severity = severity,
                .event = event,
                .account = state == State::transaction ? account
                           : login                     ? login->name()
                                                       : std::string(),
                .remote = peer.address,
                .detail = detail});
    }
  }
};

}  // namespace postfach::pop3
