// The arithmetic of SCRAM-SHA-256 (RFC 5802 §3). The exchange of messages is protocol/scram.h.
#pragma once

#include <string>
#include <string_view>

#include "postfach/scram.h"

namespace postfach::auth {

// Without SASLprep, with the salt as it is.
ScramKeys derive_scram_keys(std::string_view password, std::string_view salt, unsigned iterations);

// Whether a ClientProof shows the password that the keys were made of. In constant time.
bool check_scram_proof(const ScramKeys& keys, std::string_view auth_message, std::string_view proof);
// ServerSignature: what proves to the client that the server has the keys.
std::string scram_server_signature(const ScramKeys& keys, std::string_view auth_message);

// What an unknown name is answered with, so that it looks like any other: always the same salt for the same name and
// secret, and keys that no password fits.
ScramKeys fake_scram_keys(std::string_view secret, std::string_view name, unsigned iterations);

// Whether keys that came from outside can be used at all.
bool are_scram_keys(const ScramKeys& keys) noexcept;

// The password as it is hashed: prepared with SASLprep, or as it is where SASLprep does not allow it.
std::string prepare_password(std::string_view password);

}  // namespace postfach::auth
