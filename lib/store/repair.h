// Account::check(): what can be put right while sessions go on.
#pragma once

#include <string>
#include <vector>

#include "postfach/account.h"

namespace postfach::store {

// Adds a sentence for everything that was put right.
Result<void> repair(const Account::Impl& account, std::vector<std::string>& repaired);

}  // namespace postfach::store
