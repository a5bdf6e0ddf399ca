#include "thread.h"

namespace postfach::imap {
namespace {

// thread-alg = "ORDEREDSUBJECT" / "REFERENCES" / thread-alg-ext
bool parse_algorithm(Scanner& in, ThreadAlgorithm& out) {
  const bool is_references = in.word("REFERENCES");
  if (!is_references && !in.word("ORDEREDSUBJECT")) return in.fail("Unknown threading algorithm");
  out = is_references ? ThreadAlgorithm::references : ThreadAlgorithm::ordered_subject;
  return true;
}

}  // namespace

// thread = ["UID" SP] "THREAD" SP thread-alg SP search-criteria
std::optional<Thread> parse_thread(Scanner& in) {
  Thread thread;
  if (in.sp() && parse_algorithm(in, thread.algorithm) && in.sp() && in.charset(thread.search.charset) && in.sp() &&
      parse_search_keys(in, thread.search) && in.end()) {
    return thread;
  }
  return std::nullopt;
}

std::string_view capability_of(ThreadAlgorithm algorithm) noexcept {
  return algorithm == ThreadAlgorithm::references ? "THREAD=REFERENCES" : "THREAD=ORDEREDSUBJECT";
}

}  // namespace postfach::imap
