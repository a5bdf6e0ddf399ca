// What ends a case: a server that is gone, or that answers other than a correct one would.
#pragma once

#include <stdexcept>

namespace load {

struct Failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace load
