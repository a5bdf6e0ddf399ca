// POP3's APOP (RFC 1939 §7), for hosts that still need it: the client proves with MD5 that it knows a secret, which
// the server has to keep in clear. The store keeps no such secrets; without an ApopLookup there is no APOP.
#pragma once

#include <functional>
#include <string>

#include "postfach/account.h"
#include "postfach/auth.h"
#include "postfach/result.h"

namespace postfach {

struct ApopLogin {
  // Shared with the client, in UTF-8, in clear; prepared with SASLprep before it is used (RFC 6856 §2.2). Wiped afterwards.
  // Not the password of anything else: who watches the connection can guess it at leisure.
  std::string secret;
  Account account;  // who the client becomes
  // False: it may not log in, which the client is told only after the right proof.
  bool is_enabled = true;
};

// Called once with the secret, or with not_found (the client is answered as after a wrong proof) or unavailable. From any
// thread.
using ApopReply = std::function<void(Result<ApopLogin>)>;

// Finds the secret for Credentials::login (no password is set; mechanism is "APOP"): starts the search and returns; calls
// reply now or later. Should take as long for a name that does not exist.
using ApopLookup = std::function<void(const Credentials&, ApopReply reply)>;

}  // namespace postfach
