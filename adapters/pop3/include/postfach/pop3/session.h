// A POP3 session (RFC 1939 with RFC 2449, 2595, 3206, 5034, 6856), without a socket: see postfach/protocol/session.h for how
// to drive it. pop3::Server does that over Asio and TLS.
//
// - The maildrop is what the account's policy says (postfach/maildrop_policy.h): INBOX, if nobody said anything. A session
//   sees what it held at login; IMAP sessions go on as they like. One POP3 session at a time has an account's maildrop;
//   the lease ends with the session.
// - What becomes of messages that were marked or retrieved is done at QUIT, as the policy says, in one transaction, before
//   the client gets its +OK. A session that ends in any other way changes nothing.
// - A password is taken in clear only if the host vouches for the connection (Peer::trusted_cleartext); else TLS comes
//   first.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "postfach/apop.h"
#include "postfach/auth.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::pop3 {

// What a client gets that asks for a message with UTF-8 in its header (RFC 6532) and did not say UTF8 before.
enum class Utf8Headers : unsigned char {
  // The octets as they are: what mail programs know how to read, what a signature was made of, and what other servers do.
  as_they_are,
  // -ERR [UTF8], as RFC 6856 §2.1 has it. Most programs in use never say UTF8, and never get that message then.
  refused,
};

struct SessionOptions {
  // The text of the greeting; printable ASCII that does not begin with "[", at most 400 octets.
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

  // APOP, with a timestamp in the greeting (RFC 1939 §7). None: there is no APOP.
  ApopLookup apop_lookup = {};
  Utf8Headers utf8_headers = Utf8Headers::as_they_are;

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
