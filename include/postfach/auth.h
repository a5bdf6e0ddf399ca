// Who may log in: credentials, and the hook through which a host answers from its own user database.
#pragma once

#include <functional>
#include <string>

#include "postfach/account.h"
#include "postfach/result.h"

namespace postfach {

// What a client sent. Wiped by the session once it is answered.
struct Credentials {
  std::string login = {};  // authentication identity, UTF-8, as sent
  std::string password = {};
  std::string authorize_as = {};  // SASL authorization identity; empty or equal to login unless a proxy asks
  std::string remote = {};        // the peer's address, for the host's policy
};

// Called once with the account, or with auth_failed (wrong name or password: the client is told no more than that),
// not_permitted (disabled), unavailable (try again later). From any thread.
using AuthReply = std::function<void(Result<Account>)>;

// The host's authenticator: starts the check and returns; calls reply now or later. Without one, the store's own
// accounts and passwords are used (Store::authenticate).
using Authenticator = std::function<void(const Credentials&, AuthReply reply)>;

}  // namespace postfach
