// Password hashes, by crypt(3) of libxcrypt.
#pragma once

#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach::auth {

// The string form that crypt(3) reads: "$y$j9T$…". cost is yescrypt's, 1..11; 0 takes the library's default
// (5). Takes as long as a check does: some 20 to 60 ms and 16 MiB at the default. A password with a NUL octet
// or of more than 511 octets is Errc::invalid_argument: crypt(3) can't read it.
Result<std::string> hash_password(std::string_view password, unsigned cost = 0);

// Whether hash is a whole hash of a format that this machine's libxcrypt can check ($y$, $gy$, $7$, $2b$,
// $6$, $5$, $1$, …). False for plain text and for a hash that was cut off.
bool is_password_hash(std::string_view hash);

// True if password matches hash. Compared in constant time. Whatever the hash is, and with an empty hash (an
// unknown user), a failure costs at least one check of today's format at the given cost, so that time tells
// nothing about the account: give the cost that new hashes are made with. Thread safe.
bool check_password(std::string_view password, std::string_view hash, unsigned cost = 0);

// True if a new hash should be made at the next successful login, because this one is weaker than what
// hash_password(…, cost) makes.
bool needs_rehash(std::string_view hash, unsigned cost = 0);

}  // namespace postfach::auth
