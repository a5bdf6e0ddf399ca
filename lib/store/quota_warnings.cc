#include "quota_warnings.h"

#include <algorithm>

namespace postfach::store {
namespace {

// Whether so much of the limit is used, in percent.
bool reaches(std::uint64_t used, const std::optional<std::uint64_t>& most, unsigned percent) noexcept {
  if (!most) return false;
  // Without overflow; exact up to 2^52.
  return static_cast<double>(used) * 100.0 >= static_cast<double>(*most) * percent;
}

bool reaches(const sqlite::AccountRow& account, unsigned percent) noexcept {
  return reaches(account.bytes, account.quota_bytes, percent) ||
         reaches(account.messages, account.quota_messages, percent);
}

// The highest threshold that usage and so many percent more reach; 0: none.
unsigned highest(const QuotaWarnings& options, const sqlite::AccountRow& account, unsigned more) noexcept {
  unsigned found = 0;
  for (const unsigned threshold : options.thresholds) {
    if (reaches(account, threshold - std::min(more, threshold))) found = std::max(found, threshold);
  }
  return found;
}

}  // namespace

std::optional<QuotaWarning> pass_thresholds(const QuotaWarnings& options, sqlite::AccountRow& account) noexcept {
  if (options.thresholds.empty()) return std::nullopt;
  QuotaWarning warning;
  warning.usage = {account.bytes, account.messages};
  warning.quota = {.bytes = account.quota_bytes, .messages = account.quota_messages};
  if (const unsigned passed = highest(options, account, 0); passed > account.warned) {
    warning.percent = account.warned = passed;
    return warning;
  }
  if (const unsigned kept = highest(options, account, options.hysteresis); kept < account.warned) {
    warning.percent = account.warned;
    warning.is_over = false;
    account.warned = kept;
    return warning;
  }
  return std::nullopt;
}

}  // namespace postfach::store
