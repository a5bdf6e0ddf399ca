// Account::append: messages of several APPENDs in one transaction.
#include <algorithm>
#include <list>
#include <span>
#include <utility>
#include <vector>

#include "append.h"
#include "postfach/account.h"
#include "spool.h"
#include "store_impl.h"

namespace postfach {
namespace {

// A mailbox that messages come into, as the transaction has left it so far.
struct Target {
  sqlite::MailboxRow mailbox;
  KeywordNames names;
  bool is_changed = false;
};

class Targets {
 public:
  explicit Targets(store::Change& change) noexcept : change_(change) {}

  // Errors: not_found.
  Result<Target*> find(MailboxId id) {
    for (Target& target : targets_) {
      if (target.mailbox.id == id) return &target;
    }
    auto mailbox = change_.selectable(id);
    if (!mailbox) return mailbox.error();
    auto names = change_.keywords(id);
    if (!names) return names.error();
    targets_.push_back({*std::move(mailbox), *std::move(names)});
    return &targets_.back();
  }

  Result<void> save() {
    for (const Target& target : targets_) {
      if (!target.is_changed) continue;
      if (auto saved = change_.save_and_leave(target.mailbox, target.names); !saved) return saved;
    }
    return {};
  }

 private:
  store::Change& change_;
  std::list<Target> targets_;  // one, as a rule
};

Result<Appended> append_one(store::Change& change, Targets& targets, const AppendRequest& request) {
  auto found = targets.find(request.target.id());
  if (!found) return found.error();
  Target& target = **found;
  const std::span<const NewMessage> message(&request.message, 1);
  if (auto fits = store::check_quotas(change, target.mailbox, message); !fits) return fits.error();
  Target before = target;
  auto appended = store::append_unsaved(change, target.mailbox, target.names, message);
  if (appended) {
    target.is_changed = true;
  } else {
    target = std::move(before);
  }
  return appended;
}

// Everything but these is checked before anything is written.
bool writes_before_failing(const NewMessage& message) noexcept {
  return !message.keywords.empty() || !message.uidl.empty();
}

// Those that have no error yet, each with its outcome. The first error if none succeeds, so that nothing is committed.
Result<void> append_each(store::Change& change, std::span<const AppendRequest> requests,
                         std::span<Result<Appended>> results) {
  Targets targets(change);
  const Error* failure = nullptr;
  bool succeeds = false;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (results[i]) {
      Result<void> outcome;
      auto done = change.run_part(
          requests.size() > 1 && writes_before_failing(requests[i].message),
          [&]() -> Result<void> {
            results[i] = append_one(change, targets, requests[i]);
            if (!results[i]) return results[i].error();
            return {};
          },
          outcome);
      if (!done) return done;
    }
    succeeds = succeeds || results[i];
    if (!results[i] && failure == nullptr) failure = &results[i].error();
  }
  if (!succeeds && failure != nullptr) return *failure;
  return targets.save();
}

void append_prepared(const Account::Impl& account, std::span<AppendRequest> requests,
                     std::span<Result<Appended>> results) {
  std::vector<bool> is_tried;
  for (const Result<Appended>& result : results) is_tried.push_back(result.has_value());
  bool is_job_done = false;
  auto done = account.change([&](store::Change& change) {
    auto each = append_each(change, requests, results);
    is_job_done = each.has_value();
    return each;
  });
  if (!done && is_job_done && done.error().code == Errc::over_quota && requests.size() > 1) {
    // All of them together are too much for a group of accounts, which is asked when all is done: some may fit.
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (!is_tried[i]) continue;
      results[i] = Appended{};
      append_prepared(account, requests.subspan(i, 1), results.subspan(i, 1));
    }
    return;
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!results[i]) continue;
    // After a COMMIT that failed nobody knows what a restart will find: the files stay, and a sweep decides.
    if (done || (is_job_done && done.error().code != Errc::over_quota)) {
      requests[i].message.content.impl().keep_file();
    }
    if (!done) results[i] = done.error();
  }
}

}  // namespace

std::vector<Result<Appended>> Account::append(std::vector<AppendRequest> requests) const {
  std::vector<Result<Appended>> results;
  results.reserve(requests.size());
  for (const AppendRequest& request : requests) {
    results.emplace_back(Appended{});
    const Account owner = request.target.account();
    if (owner.id() == id() && owner.impl_->store == impl_->store) continue;
    results.back() = Error{Errc::invalid_argument, "the mailbox is one of another account"};
  }
  store::prepare_each(requests, *impl_, results);
  const bool is_any_valid =
      std::any_of(results.begin(), results.end(), [](const auto& each) { return each.has_value(); });
  if (is_any_valid) append_prepared(*impl_, requests, results);
  return results;
}

}  // namespace postfach
