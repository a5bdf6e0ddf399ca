// The date-time of RFC 5322 §3.3 with the obsolete forms of §4.3.
#pragma once

#include <optional>
#include <string_view>

#include "postfach/types.h"

namespace postfach::message {

// Tolerates comments, missing seconds, two-digit years, named zones and a missing day of the week. Nothing if there is
// no date in the text.
std::optional<DateTime> parse_date(std::string_view value);
// The same for sorting (RFC 5256 §2.2): a time that is not valid is 00:00:00 in UTC.
std::optional<DateTime> parse_sent_date(std::string_view value);

}  // namespace postfach::message
