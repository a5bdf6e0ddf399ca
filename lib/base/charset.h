// Charsets to UTF-8, by iconv; the common ones without it.
//
// Names are read as mail uses them, not as registered: iso-8859-1 means windows-1252, ks_c_5601-1987 its
// superset CP949, gb2312 its superset GB18030, and us-ascii, unknown-8bit or no name at all mean UTF-8 if the
// octets are that and windows-1252 if not. A name that is not a plain word (an iconv option, a NUL) is
// unknown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

// Nothing if the charset is unknown. Octets that the charset does not define become U+FFFD; the result is
// always valid UTF-8.
std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset);
bool is_known_charset(std::string_view charset);

}  // namespace postfach::base
