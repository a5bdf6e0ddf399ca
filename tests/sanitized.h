// Whether a sanitizer watches, which makes everything several times slower: tests that try every point of a long work try
// some of them then.
#pragma once

namespace postfach::test {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define POSTFACH_IS_SANITIZED true
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define POSTFACH_IS_SANITIZED true
#endif
#ifdef POSTFACH_IS_SANITIZED
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

// Of how many points one is tried.
inline constexpr unsigned kStride = kIsSanitized ? 5 : 1;

}  // namespace postfach::test
