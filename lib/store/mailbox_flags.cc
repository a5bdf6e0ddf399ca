// Mailbox::store: flags of many messages, block by block.
#include <algorithm>
#include <cstdint>
#include <utility>

#include "names.h"
#include "postfach/mailbox.h"
#include "sqlite/expunge_log.h"
#include "sqlite/keywords.h"
#include "store_impl.h"

namespace postfach {
namespace {

// What becomes of the flags of a message: (old & keep) | put.
struct FlagMasks {
  std::uint32_t keep = 0;
  std::uint32_t put = 0;
  KeywordMask keep_keywords = 0;
  KeywordMask put_keywords = 0;
};

constexpr std::uint32_t kAllBits = ~std::uint32_t{0};

FlagMasks masks_of(FlagChange change, Flags flags, KeywordMask keywords) noexcept {
  switch (change) {
    case FlagChange::set:
      return {sqlite::kNoFlags, flags.bits(), 0, keywords};
    case FlagChange::add:
      return {kAllBits, flags.bits(), ~KeywordMask{0}, keywords};
    case FlagChange::remove:
      break;
  }
  return {kAllBits & ~std::uint32_t{flags.bits()}, 0, ~keywords, 0};
}

// RFC 7162 §3.1.3: UNCHANGEDSINCE 0 fails "if the metadata item exists". Every system flag exists always, a keyword
// where it is set: so the first of many clients can put $MDNSent on a message.
struct Condition {
  ModSeq unchanged_since = 0;
  bool or_absent = false;    // it is enough that a message has none of
  KeywordMask keywords = 0;  // these

  bool holds(const sqlite::MessageRow& message) const noexcept {
    return message.modseq <= unchanged_since || (or_absent && (message.keywords & keywords) == 0);
  }
};

// What the caller knows, and wants to.
struct Known {
  ModSeq upto = 0;
  ModSeq own = 0;  // from here on the changes are of the same transaction
  bool wants_flags = false;

  bool is_of_others(ModSeq modseq) const noexcept { return modseq > upto && modseq < own; }
};

Result<void> change_flags(store::Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids,
                          const FlagMasks& masks, const Condition& condition, const Known& known, Stored& stored) {
  const auto tell = [&](const sqlite::MessageRow& row) {
    if (known.wants_flags) stored.messages.push_back({row.uid, row.flags(), row.keywords, row.modseq});
  };
  sqlite::MessageEditor messages(change.db, mailbox.id, uids);
  while (messages.next()) {
    const sqlite::MessageRow& old = messages.row();
    if (known.is_of_others(old.modseq)) stored.changed_by_others.add(old.uid);
    if (!condition.holds(old)) {
      stored.failed.add(old.uid);
      tell(old);
      continue;
    }
    const std::uint32_t flag_bits = (old.flag_bits & masks.keep) | masks.put;
    const KeywordMask keywords = (old.keywords & masks.keep_keywords) | masks.put_keywords;
    if (flag_bits == old.flag_bits && keywords == old.keywords) {
      tell(old);
      continue;
    }
    if (stored.changed.empty()) {
      auto modseq = change.take_modseq();
      if (!modseq) return modseq.error();
      stored.modseq = *modseq;
    }
    messages.replace_flags(flag_bits, keywords, stored.modseq);
    stored.changed.add(old.uid);
    store::count_again(mailbox, old, sqlite::flags_of(flag_bits));
    if (known.wants_flags) stored.messages.push_back({old.uid, sqlite::flags_of(flag_bits), keywords, stored.modseq});
  }
  if (!messages.ok()) return messages.error();
  return {};
}

// The mailbox is not saved.
Result<void> store_flags(store::Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names, const UidSet& uids,
                         const Mailbox::FlagUpdate& update, ModSeq own, Stored& stored) {
  auto keywords = update.change == FlagChange::remove
                      ? Result<KeywordMask>(sqlite::known_keywords(names, update.keywords))
                      : sqlite::make_keywords(change.db, mailbox.id, names, update.keywords);
  if (!keywords) return keywords.error();
  const FlagMasks masks = masks_of(update.change, update.flags, *keywords);
  // Without a condition every MODSEQ will do; it is an INTEGER of SQL.
  constexpr ModSeq kAny = INT64_MAX;
  Condition condition{.unchanged_since = std::min(update.unchanged_since.value_or(kAny), kAny)};
  condition.or_absent = condition.unchanged_since == 0 && update.change != FlagChange::set && update.flags.empty() &&
                        !update.keywords.empty();
  condition.keywords = *keywords;
  const Known known{.upto = update.known_modseq, .own = own, .wants_flags = update.wants_flags};
  if (auto done = change_flags(change, mailbox, uids, masks, condition, known, stored); !done) return done;
  if (mailbox.expunge_modseq > update.known_modseq) {
    auto expunged = sqlite::expunged_since(change.db, mailbox.id, update.known_modseq);
    if (!expunged) return expunged.error();
    stored.missing = uids.intersection(*expunged);
  }
  stored.before = mailbox.highest_modseq;
  if (stored.changed.empty()) return {};
  change.mark_flags_changed(mailbox, stored.changed);
  return {};
}

bool makes_keywords(const Mailbox::FlagUpdate& update) noexcept {
  return update.change != FlagChange::remove && !update.keywords.empty();
}

// All of them, each with its outcome. The first error if none succeeds, so that nothing is committed.
Result<void> store_each(store::Change& change, MailboxId id, std::span<const Mailbox::FlagRequest> requests,
                        std::vector<Result<Stored>>& results) {
  auto mailbox = change.selectable(id);
  if (!mailbox) return mailbox.error();
  auto names = change.keywords(id);
  if (!names) return names.error();
  std::shared_ptr<const KeywordNames> told_names;
  const ModSeq own = change.account.highest_modseq + 1;
  const Error* failure = nullptr;
  bool succeeds = false;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const Mailbox::FlagUpdate& update = requests[i].update;
    if (results[i]) {
      const sqlite::MailboxRow mailbox_before = *mailbox;
      const KeywordNames names_before = makes_keywords(update) ? *names : KeywordNames();
      Stored stored;
      Result<void> outcome;
      auto done = change.run_part(
          makes_keywords(update) && requests.size() > 1,
          [&] { return store_flags(change, *mailbox, *names, requests[i].uids, update, own, stored); }, outcome);
      if (!done) return done;
      if (outcome) {
        if (update.wants_flags) {
          if (!told_names || *told_names != *names) told_names = std::make_shared<const KeywordNames>(*names);
          stored.keyword_names = told_names;
        }
        results[i] = std::move(stored);
        succeeds = true;
        continue;
      }
      *mailbox = mailbox_before;
      if (makes_keywords(update)) *names = names_before;
      results[i] = std::move(outcome).error();
    }
    if (failure == nullptr) failure = &results[i].error();
  }
  if (!succeeds && failure != nullptr) return *failure;
  if (change.account.highest_modseq < own) return {};
  return change.save_and_leave(*mailbox, *names);
}

}  // namespace

std::vector<Result<Stored>> Mailbox::store(std::span<const FlagRequest> requests) const {
  std::vector<Result<Stored>> results;
  results.reserve(requests.size());
  bool is_any_valid = false;
  for (const FlagRequest& request : requests) {
    results.emplace_back(Stored{});
    for (const std::string& keyword : request.update.keywords) {
      auto checked = store::check_keyword(keyword);
      if (!checked && results.back()) results.back() = std::move(checked).error();
    }
    is_any_valid = is_any_valid || results.back().has_value();
  }
  if (!is_any_valid) return results;
  auto done =
      impl_->account->change([&](store::Change& change) { return store_each(change, impl_->id, requests, results); });
  if (done) return results;
  for (Result<Stored>& result : results) {
    if (result) result = done.error();
  }
  return results;
}

Result<Stored> Mailbox::store(const UidSet& uids, const FlagUpdate& update) const {
  const FlagRequest request{uids, update};
  return std::move(store(std::span(&request, 1)).front());
}

}  // namespace postfach
