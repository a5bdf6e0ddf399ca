// Who may log in: credentials, the hooks through which a host answers from its own user database, and how guessing is
// slowed down.
//
// Without any hook the store's accounts and passwords are used, for PLAIN, LOGIN and SCRAM-SHA-256 alike. A host with an
// Authenticator of its own offers PLAIN and LOGIN; SCRAM too if it gives a ScramLookup, and bearer tokens if it says that
// its authenticator verifies them (BearerTokens).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "postfach/account.h"
#include "postfach/result.h"
#include "postfach/scram.h"

namespace postfach {

// What a client sent. Wiped by the session once it is answered.
struct Credentials {
  // Authentication identity, UTF-8, as sent. With OAUTHBEARER what the client wants to be, or empty: there the token
  // alone says who it is.
  std::string login = {};
  std::string password = {};      // empty with SCRAM and with tokens
  std::string authorize_as = {};  // SASL authorization identity; empty or equal to login unless a proxy asks
  std::string remote = {};        // the peer's address, for the host's policy

  // The SASL mechanism in capitals ("PLAIN", "OAUTHBEARER"); empty for IMAP's LOGIN and POP3's PASS.
  std::string mechanism = {};
  // The OAuth 2.0 bearer token (RFC 6750), as sent, with OAUTHBEARER and XOAUTH2.
  std::string token = {};
  // The name and port that the client says it is connected to (RFC 7628 §3.1); empty and 0 if it does not.
  std::string host = {};
  std::uint16_t port = 0;
};

// Called once with the account, or with auth_failed (wrong name, password or token: the client is told no more than
// that), not_permitted (disabled), unavailable (try again later). From any thread.
using AuthReply = std::function<void(Result<Account>)>;

// The host's authenticator: starts the check and returns; calls reply now or later. Without one, the store's own
// accounts and passwords are used (Store::authenticate).
using Authenticator = std::function<void(const Credentials&, AuthReply reply)>;

// What a SCRAM login needs to know of a name before the client has proved anything.
struct ScramLogin {
  ScramKeys keys;  // the same each time, as long as the password is the same
  // Who the client becomes once its proof was right; with Credentials::authorize_as, who that is for it.
  Account account;
  // False: it may not log in, which the client is told (as of a disabled account) only after the right proof.
  bool is_enabled = true;
};

// Called once with the keys, or with not_found (the client is then answered as if the name existed) or unavailable.
// From any thread.
using ScramReply = std::function<void(Result<ScramLogin>)>;

// Finds the SCRAM keys for Credentials::login (no password is set), which is prepared with SASLprep: starts the search and
// returns; calls reply now or later. Should take as long for a name that does not exist. Keys that are malformed count as
// unavailable.
//
// Called a second time when the client has proved that it knows the password, because it may have taken its time: who is
// disabled by then does not get in, and other keys mean that the password was changed. So the keys have to be kept, not
// made with a new salt for each call.
using ScramLookup = std::function<void(const Credentials&, ScramReply reply)>;

// When SCRAM-SHA-256 is offered, and SCRAM-SHA-256-PLUS with it where the connection can be bound (RFC 9266).
enum class ScramOffer : std::uint8_t {
  // Of the store's accounts: while each that has a password has keys, too. Passwords that came as a hash, or are older
  // than the keys, have none until the first login by PLAIN or LOGIN; a client that prefers SCRAM would be turned away
  // with the right password. With a ScramLookup: always.
  when_all_have_keys,
  always,  // accounts without keys are answered as a wrong password
  never,
};

// OAuth 2.0: OAUTHBEARER (RFC 7628) and XOAUTH2, as Google and Microsoft have it.
struct BearerTokens {
  // The host's Authenticator verifies Credentials::token when it is set. Without this, or without an Authenticator, the
  // mechanisms are not offered.
  bool accepted = false;
  // Told to a client whose token was refused, so that it can get a better one (RFC 7628 §3.2.2): the scope that is
  // needed, and the URL of the OpenID configuration. Empty: not told.
  std::string scope = {};
  std::string openid_configuration = {};
  // The server's own name: a client that says it wanted another is refused (RFC 7628 §3.2). Empty: any.
  std::string host = {};
};

// How logins are kept from being guessed and from taking all of the machine. One table for all sessions of a store, in
// memory, of a size that does not grow with what clients send.
//
// A wrong password counts for the address (IPv6: its /64) and for the name. Once either has more than it is forgiven, the
// next login that comes from there or is for that name waits before it is looked at: a right one, too, but it is never
// refused, so nobody can lock another out. No wait has a name that logged in from the same address within a month, unless
// that address has just guessed many wrong passwords for it. The same wrong password, sent again, counts once: that is a
// device that was not told of a new one.
struct LoginOptions {
  // Wrong passwords that an address and a name are forgiven.
  unsigned free_failures = 5;
  // The wait after the first one beyond; twice as long after each further one, up to the longest. The longest has to be
  // well below what clients wait for an answer, and below SessionOptions::login_timeout. 0: nobody waits.
  std::chrono::milliseconds first_wait = std::chrono::seconds(1);
  std::chrono::milliseconds longest_wait = std::chrono::seconds(15);
  // After this time half of the wrong passwords are forgotten.
  std::chrono::seconds half_life = std::chrono::minutes(15);
  // 127.0.0.0/8 and ::1 are webmail and proxies, not clients: wrong passwords count for the name alone.
  bool exempt_loopback = true;

  // Passwords that are checked at the same time; others wait their turn, those of an address that has many waiting last.
  // Each takes some 20 to 60 ms of CPU and 16 MiB. Fewer than the threads that sessions work on, so that a flood of
  // logins leaves one to everybody else. 0: one less than the machine has processors, at least 1.
  unsigned password_checks = 0;
  // For so long a password that was right is known again without that work, while the account's hash is the same. 0: never.
  std::chrono::seconds remember_passwords = std::chrono::hours(1);

  // Of the SCRAM keys that are made with each password. 0: none are made, and SCRAM is not offered for the store's
  // accounts: a stolen directory.db is then as costly to attack as yescrypt is. Else kLeastScramIterations to
  // kMostScramIterations.
  unsigned scram_iterations = kDefaultScramIterations;
};

}  // namespace postfach
