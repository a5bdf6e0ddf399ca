// Unpredictable octets from the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace postfach::base {

std::uint64_t random_number() noexcept;
std::string random_hex(std::size_t digits);
std::string random_octets(std::size_t size);

}  // namespace postfach::base
