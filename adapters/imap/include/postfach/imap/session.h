// An IMAP session without a socket: octets in, octets out (postfach/protocol/session.h says how to drive it).
//
// IMAP4rev1 (RFC 3501) and, for a client that enables it, IMAP4rev2 (RFC 9051), with the extensions that README.md lists;
// CapabilityMask switches them on and off. imap::Server (server.h) drives sessions over TCP and TLS; a program with a
// loop of its own can do so too.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "postfach/auth.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::imap {

// Changes what CAPABILITY offers; names as there ("UIDONLY"), in any case. What is not offered can't be used either, but
// for two things: IMAP4rev1 can't be switched off, and QRESYNC brings what CONDSTORE does (RFC 7162 §3.2.3). Without
// ENABLE there is no IMAP4rev2, QRESYNC, UTF8=ACCEPT and UIDONLY.
struct CapabilityMask {
  // Those that are off by default: UIDONLY (RFC 9586), because a widespread program enables it and then sends message
  // numbers all the same.
  std::vector<std::string> on = {};
  std::vector<std::string> off = {};  // counts before on
};

struct SessionOptions {
  // The text of the greeting.
  std::string greeting = "IMAP4rev1 server ready";
  // What ID (RFC 2971) says of the server: pairs of field and value. Empty: NIL.
  std::vector<std::pair<std::string, std::string>> id = {{"name", "postfach"}};
  // Who may log in. None: the store's accounts and passwords, checked inside produce().
  Authenticator authenticator = {};
  // Who has which SCRAM keys. None: the store's accounts, and nobody if there is an authenticator.
  ScramLookup scram_lookup = {};
  // Whether SCRAM is offered.
  ScramOffer scram = ScramOffer::when_all_have_keys;
  // Whether the authenticator takes OAuth tokens. None by default.
  BearerTokens tokens = {};
  // For all clients of the server.
  CapabilityMask capabilities = {};
  // For one account, asked once at each login, on the session's thread; counts before the server's mask. None: no
  // account is an exception.
  std::function<CapabilityMask(const Account&)> account_capabilities = {};

  // From the greeting to a login, whatever happens in between.
  std::chrono::seconds login_timeout{60};
  // Without a command after login; RFC 9051 §5.4 asks for half an hour at least. Does not apply to IDLE.
  std::chrono::seconds autologout{30 * 60};
  // A client that is in the middle of a command and sends nothing more.
  std::chrono::seconds stalled_command{5 * 60};
  // "* OK Still here" while IDLE has nothing to say: it keeps the connection alive in the routers on its way, and dead
  // ones are noticed. 0: never.
  std::chrono::seconds heartbeat{2 * 60};
  // The same for clients that keep their connection alive themselves and are woken up by it, which costs a telephone's
  // battery: those that say by ID (RFC 2971) that their name begins like one of these, in any case, and those that
  // answer to two beats in a row by ending IDLE within 5 s. RFC 2177 has clients begin anew after 29 minutes.
  std::chrono::seconds quiet_heartbeat{29 * 60};
  std::vector<std::string> quiet_clients = {"FairEmail", "K-9 Mail", "Thunderbird for Android", "Delta Chat"};
  // INPROGRESS (RFC 9585): after so long without an answer to SEARCH and the like the client is told how far it is, and
  // again as often. 0: never.
  std::chrono::seconds progress_interval{10};

  // The first wrong password is answered after this time, each further one after twice the time before.
  std::chrono::milliseconds login_delay{2000};
  // So many wrong passwords close the connection.
  unsigned login_attempts = 3;
  // So many commands that were no IMAP close the connection.
  unsigned bad_commands_before_login = 3;
  unsigned bad_commands = 20;
};

// The ring must be thread safe and may be called after the session is gone.
std::unique_ptr<protocol::Session> make_session(postfach::Store store, SessionOptions options, protocol::Peer peer,
                                                protocol::Ring ring);
// The same for many sessions that share their options.
std::unique_ptr<protocol::Session> make_session(postfach::Store store, std::shared_ptr<const SessionOptions> options,
                                                protocol::Peer peer, protocol::Ring ring);

}  // namespace postfach::imap
