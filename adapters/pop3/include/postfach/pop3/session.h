// A POP3 session (RFC 1939 with RFC 2449, 2595, 3206, 5034), without a socket: see postfach/protocol/session.h for how
// to drive it. pop3::Server does that over Asio and TLS.
//
// - Maildrop and INBOX are the same. A session sees what INBOX held at login; IMAP sessions go on as they like. One
//   POP3 session at a time has an account's maildrop; the lease ends with the session.
// - Messages are removed by QUIT, all of the marked ones in one transaction, before the client gets its +OK. A session
//   that ends in any other way removes nothing. RETR does not set \Seen.
// - A password is taken in clear only if the host vouches for the connection (Peer::trusted_cleartext); else TLS comes
//   first.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "postfach/auth.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::pop3 {

struct SessionOptions {
  // The text of the greeting; printable ASCII that does not begin with "[", at most 500 octets.
  std::string greeting = "POP3 server ready";
  // What CAPA says of the server (RFC 2449 §6.9), without blanks. Empty: nothing.
  std::string implementation = "postfach";
  // Who may log in. None: the store's accounts and passwords, checked inside produce().
  Authenticator authenticator = {};
  // Who has which SCRAM keys. None: the store's accounts, and nobody if there is an authenticator.
  ScramLookup scram_lookup = {};
  // Whether SCRAM is offered.
  ScramOffer scram = ScramOffer::when_all_have_keys;
  // Whether the authenticator takes OAuth tokens. None by default.
  BearerTokens tokens = {};
  // SASL mechanisms that are not offered, whatever else is said. By default the one that mutt 2.2 with GSASL takes first,
  // can't do, and over POP3 never recovers from: it leaves the -ERR (RFC 5034 §4) unread.
  std::vector<std::string> mechanisms_off = {"SCRAM-SHA-256-PLUS"};

  // From the greeting to a login, whatever happens in between.
  std::chrono::seconds login_timeout{60};
  // Without a command after login. RFC 1939 §3 asks for ten minutes; less is taken for ten minutes.
  std::chrono::seconds autologout{10 * 60};

  // The first wrong password is answered after this time, each further one after twice the time before.
  std::chrono::milliseconds login_delay{2000};
  // So many wrong passwords close the connection.
  unsigned login_attempts = 3;
  // So many bad commands in a row close the connection.
  unsigned bad_commands_before_login = 3;
  unsigned bad_commands = 20;
};

// The ring must be thread safe and may be called after the session is gone.
std::unique_ptr<protocol::Session> make_session(Store store, SessionOptions options, protocol::Peer peer,
                                                protocol::Ring ring);

}  // namespace postfach::pop3
