#include "protocol/secret.h"

namespace postfach::protocol {

void wipe(std::string& secret) noexcept {
  volatile char* octets = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) octets[i] = 0;
  secret.clear();
}

void wipe(Credentials& credentials) noexcept {
  wipe(credentials.login);
  wipe(credentials.password);
  wipe(credentials.authorize_as);
  wipe(credentials.token);
}

}  // namespace postfach::protocol
