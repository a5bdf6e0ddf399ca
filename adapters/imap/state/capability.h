// What the server offers, which depends on the state: RFC 9051 §7.2.2.
#pragma once

#include <string_view>
#include <vector>

#include "context.h"

namespace postfach::imap {

// Whether STARTTLS would be accepted now.
bool can_start_tls(const Context& context) noexcept;

std::vector<std::string_view> capabilities(const Context& context);

}  // namespace postfach::imap
