// The fields that final delivery puts in front of a message (RFC 5321 §4.4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/delivery_rules.h"

namespace postfach::store {

// addresses: the recipients within one account. now: seconds since 1970.
std::string trace_fields(const Envelope& envelope, std::string_view id, const std::vector<std::string_view>& addresses,
                         std::int64_t now);

}  // namespace postfach::store
