// THREAD and UID THREAD (RFC 5256 §3).
#pragma once

#include <optional>
#include <string_view>

#include "imap/command/search.h"
#include "imap/wire/scanner.h"
#include "postfach/thread.h"

namespace postfach::imap {

struct Thread {
  ThreadAlgorithm algorithm = ThreadAlgorithm::references;
  Search search = {};  // its charset is always given
};

std::optional<Thread> parse_thread(Scanner& in);

// "THREAD=REFERENCES"
std::string_view capability_of(ThreadAlgorithm algorithm) noexcept;

}  // namespace postfach::imap
