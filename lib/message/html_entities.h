// Character references of HTML.
#pragma once

#include <string_view>

namespace postfach::message {

// The character that stands behind "&" and before ";": "amp", "#8364", "#x20AC". 0 if there is none. closed: the ";" is
// there; without it only the oldest names count, as in browsers.
char32_t html_entity(std::string_view name, bool closed) noexcept;

}  // namespace postfach::message
