// All of a session that a handler may touch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "login.h"
#include "maildrop.h"
#include "multi_line.h"
#include "postfach/pop3/session.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"
#include "protocol/sasl.h"

namespace postfach::pop3 {

// RFC 1939 §3. UPDATE has no commands: QUIT passes through it.
enum class State : unsigned char { authorization, transaction };

struct Context {
  Context(Store the_store, SessionOptions the_options, protocol::Peer the_peer, protocol::Ring ring)
      : store(std::move(the_store)),
        options(std::move(the_options)),
        peer(std::move(the_peer)),
        login(options, std::move(ring)) {}

  const Store store;
  const SessionOptions options;
  protocol::Peer peer;
  protocol::Clock::time_point now = {};

  State state = State::authorization;
  bool closing = false;       // nothing is read any more
  bool starting_tls = false;  // STLS was answered

  // AUTHORIZATION
  Login login;
  std::string user;                            // of USER; empty: none
  std::optional<protocol::SaslExchange> sasl;  // the next line is a response to its challenge

  // TRANSACTION
  std::string account;  // its name
  std::optional<MaildropLease> lease;
  std::optional<Maildrop> drop;
  std::unique_ptr<MultiLine> rest;  // of the reply that is being written; refers to drop

  // RFC 2595 §2.3, RFC 8314: no password in clear.
  bool may_log_in() const noexcept { return peer.tls.has_value() || peer.trusted_cleartext; }

  void log(Severity severity, std::string_view event, std::string_view detail = {}) const {
    if (const Observer& observer = store.options().observer) {
      observer({.severity = severity,
                .event = event,
                .account = state == State::transaction ? account : login.name(),
                .remote = peer.address,
                .detail = detail});
    }
  }
};

}  // namespace postfach::pop3
