// A check of credentials that may be answered later, from any thread: the host's authenticator, or the store's own
// passwords if there is none.
#pragma once

#include <memory>
#include <optional>

#include "postfach/auth.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::protocol {

class Authentication {
 public:
  // Begins the check. With an authenticator, ring says when take() is worth a look; an answer that comes twice, or
  // after this object is gone, is thrown away, and an authenticator that loses its AuthReply has answered unavailable.
  // Without one the check is done when the constructor returns, and blocks for the password hash.
  Authentication(const Store& store, const Authenticator& authenticator, const Credentials& credentials, Ring ring);

  // The answer, once.
  std::optional<Result<Account>> take();

 private:
  class Slot;
  std::shared_ptr<Slot> slot_;
};

}  // namespace postfach::protocol
