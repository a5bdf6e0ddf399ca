// A SCRAM-SHA-256 client (RFC 5802), for tests of the server.
#pragma once

#include <string>
#include <string_view>

#include "auth/scram.h"
#include "auth/sha256.h"
#include "base/ascii.h"
#include "base/base64.h"

namespace postfach::test {

struct ScramClient {
  std::string user = "user";
  std::string password = "pencil";
  std::string header = "n,,";  // gs2-header
  std::string binding = {};    // the channel binding data behind it
  std::string nonce = "rOprNGfwEbeRWgbNEkqO";
  std::string expected = {};  // server-final-message, once final() was called

  std::string bare() const { return "n=" + user + ",r=" + nonce; }
  std::string first() const { return header + bare(); }

  // client-final-message for the server-first-message.
  std::string final(std::string_view server_first) {
    const std::string server_nonce(attribute(server_first, 'r'));
    const std::string salt = base::base64_decode(attribute(server_first, 's')).value_or("");
    const auto iterations = static_cast<unsigned>(base::parse_number(attribute(server_first, 'i')).value_or(1));
    const std::string without_proof = "c=" + base::base64_encode(header + binding) + ",r=" + server_nonce;
    const std::string message = bare() + ',' + std::string(server_first) + ',' + without_proof;
    const std::string salted = auth::pbkdf2_sha256(password, salt, iterations);
    std::string proof = auth::hmac_sha256(salted, "Client Key");
    const std::string signature = auth::hmac_sha256(auth::sha256(proof), message);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    expected = "v=" + base::base64_encode(auth::hmac_sha256(auth::hmac_sha256(salted, "Server Key"), message));
    return without_proof + ",p=" + base::base64_encode(proof);
  }
  static std::string_view attribute(std::string_view message, char name) {
    while (!message.empty()) {
      const std::string_view field = message.substr(0, message.find(','));
      if (field.size() > 1 && field[0] == name && field[1] == '=') return field.substr(2);
      message.remove_prefix(std::min(field.size() + 1, message.size()));
    }
    return {};
  }
};

}  // namespace postfach::test
