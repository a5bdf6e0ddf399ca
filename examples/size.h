// Sizes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace examples {

// "500M", "5G", "1024": digits and perhaps one of K, M, G, T (powers of 1024, either case, "B" or "iB" may
// follow). Nothing if it is something else or too large.
std::optional<std::uint64_t> parse_size(std::string_view text);

// "4.2 GiB", "512 B".
std::string format_size(std::uint64_t octets);

}  // namespace examples
