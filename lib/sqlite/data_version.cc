#include "data_version.h"

#include <atomic>

namespace postfach::sqlite {
namespace {

// SQLite's "WAL-mode File Format", §2.1, in 32-bit words of this machine.
constexpr std::uint32_t kFormat = 3'007'000;
constexpr std::size_t kFormatAt = 0;
constexpr std::size_t kChangeAt = 2;  // how many transactions were committed
constexpr std::size_t kStateAt = 3;   // of which the first octet is not 0 in an index that is in use

}  // namespace

std::optional<DataVersion> DataVersion::of(const volatile void* index, std::uint64_t generation) noexcept {
  if (index == nullptr) return std::nullopt;
  // Atomic, because others write there; nobody here does.
  auto* const words = static_cast<std::uint32_t*>(const_cast<void*>(index));
  const auto word = [&](std::size_t at) { return std::atomic_ref(words[at]).load(std::memory_order_acquire); };
  DataVersion version;
  version.generation_ = generation;
  for (std::size_t i = 0; i < kWords; ++i) version.words_[i] = word(i);
  // Whoever commits writes the copy first: where both are the same, neither is half of an old one and half of a new one.
  for (std::size_t i = 0; i < kWords; ++i) {
    if (word(kWords + i) != version.words_[i]) return std::nullopt;
  }
  if (version.words_[kFormatAt] != kFormat) return std::nullopt;
  const std::uint32_t state = version.words_[kStateAt];
  if (*reinterpret_cast<const unsigned char*>(&state) == 0) return std::nullopt;
  return version;
}

DataVersion DataVersion::before_commit(std::uint64_t number) const noexcept {
  DataVersion version = *this;
  version.uncommitted_ = number;
  return version;
}

bool DataVersion::is_next_of(const DataVersion& before) const noexcept {
  return generation_ == before.generation_ && words_[kChangeAt] == before.words_[kChangeAt] + 1;
}

}  // namespace postfach::sqlite
