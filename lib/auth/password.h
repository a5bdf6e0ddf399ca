// Password hashes, by crypt(3) of libxcrypt.
#pragma once

#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach::auth {

// The string form that crypt(3) reads: "$y$j9T$…". cost is yescrypt's, 1..11; 0 takes the library's default (5).
// Takes as long as a check does: some 20 to 60 ms and 16 MiB at the default.
Result<std::string> hash_password(std::string_view password, unsigned cost = 0);

// Whether hash is of a format that this machine's libxcrypt can check ($y$, $gy$, $7$, $2b$, $6$, $5$, $1$, …).
bool is_password_hash(std::string_view hash);

// True if password matches hash. Compared in constant time. Whatever the hash is, and with an empty hash (an unknown
// user), a failure costs at least one check of the default format, so that time tells nothing about the account.
// Thread safe.
bool check_password(std::string_view password, std::string_view hash);

// True if a new hash should be made at the next successful login, because its format is weaker than today's default.
bool needs_rehash(std::string_view hash);

}  // namespace postfach::auth
