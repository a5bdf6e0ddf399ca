// The algorithms of RFC 5256 §3 as they are written there, step by step, with no regard to speed.
#pragma once

#include <string>
#include <vector>

#include "postfach/thread.h"

namespace postfach::test {

struct ModelMessage {
  Uid uid = 0;
  std::int64_t sent = 0;
  std::string subject;  // base subject; "" for none
  bool is_reply_or_forward = false;
  std::string id;  // "" for none
  std::vector<std::string> references;
};

// "(2)(3 6 (4 23)(44 7 96))"; messages in ascending order of UIDs.
std::string model_threads(const std::vector<ModelMessage>& messages, ThreadAlgorithm algorithm);
// The same of a result.
std::string print_threads(const std::vector<ThreadNode>& nodes);

}  // namespace postfach::test
