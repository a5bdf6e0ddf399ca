// The consistency of a mail.db: every counter against the rows that it counts.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "connection.h"

namespace postfach::sqlite {

struct Verification {
  std::uint64_t messages = 0;                                // looked at
  std::vector<std::string> problems;                         // one sentence each
  std::vector<std::pair<std::string, std::uint64_t>> files;  // large files that must exist, and their sizes
};

// Reads everything, within the transaction that the caller has begun.
Result<Verification> verify_mail(Connection& db);

}  // namespace postfach::sqlite
