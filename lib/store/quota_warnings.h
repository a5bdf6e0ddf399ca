// Thresholds of usage, which are passed and come back from with hysteresis.
#pragma once

#include <optional>

#include "postfach/quota.h"
#include "sqlite/account_row.h"

namespace postfach::store {

// What there is to warn of after a change; the account's row remembers. The account's name is not set.
std::optional<QuotaWarning> pass_thresholds(const QuotaWarnings& options, sqlite::AccountRow& account) noexcept;

}  // namespace postfach::store
