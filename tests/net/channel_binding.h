// A client's end of tls-exporter (RFC 9266), over a real connection.
#pragma once

#include <openssl/ssl.h>

#include <string>

#include "net/client.h"

namespace postfach::test {

inline std::string exporter_of(const Client& client) {
  constexpr char kLabel[] = "EXPORTER-Channel-Binding";
  std::string octets(32, '\0');
  const std::uint8_t nothing = 0;
  const int done = SSL_export_keying_material(client.ssl(), reinterpret_cast<std::uint8_t*>(octets.data()),
                                              octets.size(), kLabel, sizeof kLabel - 1, &nothing, 0, 1);
  return done == 1 ? octets : std::string();
}

}  // namespace postfach::test
