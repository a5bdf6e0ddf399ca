// Replies: one status line each (RFC 1939 §3), with extended response codes (RFC 2449 §8, RFC 3206).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postfach/result.h"

namespace postfach::pop3 {

// text: printable ASCII, at most 500 octets.
void append_ok(std::string& out, std::string_view text);
void append_error(std::string& out, std::string_view text);
// The last line of a multi-line reply.
void append_end(std::string& out);

// "12 messages (3456 octets)"
std::string describe(std::uint32_t messages, std::uint64_t octets);

// What the client is told of an error of the store: the one place where an Errc becomes words. The code in
// brackets tells a client whether to ask for another password ([AUTH]), to try again later ([SYS/TEMP]) or to
// call for help
// ([SYS/PERM]).
std::string_view words_for(Errc code) noexcept;

}  // namespace postfach::pop3
