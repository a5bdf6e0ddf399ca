// MD5 (RFC 1321), for POP3's APOP and nothing else: it is broken.
#pragma once

#include <string>
#include <string_view>

namespace postfach::auth {

// 32 digits in lower case. What it keeps of the octets while it runs is overwritten.
std::string md5_hex(std::string_view octets);

}  // namespace postfach::auth
