// Mailbox::store: flags of many messages, block by block.
#include <algorithm>
#include <cstdint>

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

Result<void> change_flags(store::Change& change, sqlite::MailboxRow& mailbox, const UidSet& uids,
                          const FlagMasks& masks, const Condition& condition, ModSeq known_modseq, Stored& stored) {
  sqlite::MessageEditor messages(change.db, mailbox.id, uids);
  while (messages.next()) {
    const sqlite::MessageRow& old = messages.row();
    if (old.modseq > known_modseq) stored.changed_by_others.add(old.uid);
    if (!condition.holds(old)) {
      stored.failed.add(old.uid);
      continue;
    }
    sqlite::MessageRow changed = old;
    changed.flag_bits = (old.flag_bits & masks.keep) | masks.put;
    changed.keywords = (old.keywords & masks.keep_keywords) | masks.put_keywords;
    if (changed.flag_bits == old.flag_bits && changed.keywords == old.keywords) continue;
    auto modseq = change.take_modseq();
    if (!modseq) return modseq.error();
    changed.modseq = *modseq;
    messages.replace(changed);
    stored.modseq = *modseq;
    stored.changed.add(old.uid);
    store::count_out(mailbox, old);
    store::count_in(mailbox, changed);
  }
  if (!messages.ok()) return messages.error();
  return {};
}

}  // namespace

Result<Stored> Mailbox::store(const UidSet& uids, const FlagUpdate& update) const {
  for (const std::string& keyword : update.keywords) {
    if (auto checked = store::check_keyword(keyword); !checked) return checked.error();
  }
  Stored stored;
  auto done = impl_->account->change([&](store::Change& change) -> Result<void> {
    stored = {};
    auto mailbox = store::load_selectable(change.db, impl_->id);
    if (!mailbox) return mailbox.error();
    auto names = sqlite::load_keywords(change.db, impl_->id);
    if (!names) return names.error();
    auto keywords = update.change == FlagChange::remove
                        ? Result<KeywordMask>(sqlite::known_keywords(*names, update.keywords))
                        : sqlite::make_keywords(change.db, impl_->id, *names, update.keywords);
    if (!keywords) return keywords.error();
    const FlagMasks masks = masks_of(update.change, update.flags, *keywords);
    // Without a condition every MODSEQ will do; it is an INTEGER of SQL.
    constexpr ModSeq kAny = INT64_MAX;
    Condition condition{.unchanged_since = std::min(update.unchanged_since.value_or(kAny), kAny)};
    condition.or_absent = condition.unchanged_since == 0 && update.change != FlagChange::set && update.flags.empty() &&
                          !update.keywords.empty();
    condition.keywords = *keywords;
    if (auto changed = change_flags(change, *mailbox, uids, masks, condition, update.known_modseq, stored); !changed) {
      return changed;
    }
    if (mailbox->expunge_modseq > update.known_modseq) {
      auto expunged = sqlite::expunged_since(change.db, impl_->id, update.known_modseq);
      if (!expunged) return expunged.error();
      stored.missing = uids.intersection(*expunged);
    }
    if (stored.changed.empty()) return {};

    change.mark_flags_changed(*mailbox, stored.changed);
    return sqlite::save_mailbox(change.db, *mailbox);
  });
  if (!done) return done.error();
  return stored;
}

}  // namespace postfach
