// Talking to callgrind from within; without valgrind's header, or outside of valgrind, nothing happens.
#pragma once

#if __has_include(<valgrind/callgrind.h>)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <valgrind/callgrind.h>
#pragma GCC diagnostic pop
#define POSTFACH_HAS_CALLGRIND 1
#else
#define POSTFACH_HAS_CALLGRIND 0
#endif

namespace bench {

inline constexpr bool kHasCallgrind = POSTFACH_HAS_CALLGRIND;

// Counting begins or ends here (--collect-atstart=no).
inline void toggle_collection() noexcept {
#if POSTFACH_HAS_CALLGRIND
  CALLGRIND_TOGGLE_COLLECT;
#endif
}

// Forgets what was counted so far.
inline void clear_collection() noexcept {
#if POSTFACH_HAS_CALLGRIND
  CALLGRIND_ZERO_STATS;
#endif
}

// Writes what was counted into a file of its own, under this name, and forgets it.
inline void write_collection([[maybe_unused]] const char* name) noexcept {
#if POSTFACH_HAS_CALLGRIND
  CALLGRIND_DUMP_STATS_AT(name);
#endif
}

}  // namespace bench
