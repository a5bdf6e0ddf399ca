// Mailbox::copy and Mailbox::move.
#include "postfach/mailbox.h"
#include "sqlite/bodies.h"
#include "sqlite/expunge_log.h"
#include "sqlite/feed_log.h"
#include "sqlite/keywords.h"
#include "sqlite/maildrop_tables.h"
#include "store_impl.h"

namespace postfach {
namespace store {
namespace {

// Keyword bits of the target for the bits of the source; names are made only for keywords that a message has.
Result<std::vector<KeywordMask>> translate_keywords(Change& change, MailboxId source, MailboxId target,
                                                    const std::vector<sqlite::MessageRow>& messages) {
  KeywordMask used = 0;
  for (const sqlite::MessageRow& message : messages) used |= message.keywords;
  std::vector<KeywordMask> bits(sqlite::kMostKeywords, 0);
  if (used == 0) return bits;
  auto names = sqlite::load_keywords(change.db, source);
  if (!names) return names.error();
  auto target_names = sqlite::load_keywords(change.db, target);
  if (!target_names) return target_names.error();
  // All at once, so that making one does not free another.
  std::vector<std::string> wanted;
  for (std::size_t bit = 0; bit < names->size(); ++bit) {
    if ((used >> bit & 1U) != 0) wanted.push_back((*names)[bit]);
  }
  if (auto made = sqlite::make_keywords(change.db, target, *target_names, wanted); !made) return made.error();
  for (std::size_t bit = 0; bit < names->size(); ++bit) {
    if ((used >> bit & 1U) != 0) bits[bit] = sqlite::known_keywords(*target_names, {(*names)[bit]});
  }
  return bits;
}

KeywordMask translate(KeywordMask mask, const std::vector<KeywordMask>& bits) noexcept {
  KeywordMask result = 0;
  for (std::size_t bit = 0; mask != 0; ++bit, mask >>= 1U) {
    if ((mask & 1U) != 0) result |= bits[bit];
  }
  return result;
}

}  // namespace

Result<Copied> transfer(Change& change, sqlite::MailboxRow& source, sqlite::MailboxRow& target, const UidSet& uids,
                        bool move) {
  Copied copied{target.uid_validity, {}, {}};
  auto messages = read_messages(change.db, source.id, uids);
  if (!messages) return messages.error();
  if (messages->empty()) return copied;
  Usage added{0, messages->size()};
  for (const sqlite::MessageRow& message : *messages) added.bytes += message.size;
  if (!move || &source != &target) {
    if (auto fits = Change::check_quota(target, added); !fits) return fits.error();
  }
  if (!move) {
    if (auto fits = change.check_quota(added); !fits) return fits.error();
    change.account.bytes += added.bytes;
    change.account.messages += added.messages;
  }
  auto bits = translate_keywords(change, source.id, target.id, *messages);
  if (!bits) return bits.error();
  auto uid = take_uids(change, target, messages->size());
  if (!uid) return uid.error();
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();

  copied.source = uids_of(*messages);
  copied.destination = UidSet::of(*uid, *uid + static_cast<Uid>(messages->size() - 1));
  if (move) {
    if (auto done = sqlite::delete_messages(change.db, source.id, copied.source); !done) return done.error();
    // Who files a message elsewhere wants to have it: what a POP3 client did to it does not count any more.
    if (auto done = sqlite::delete_removals(change.db, source.id, copied.source); !done) return done.error();
    for (const sqlite::MessageRow& message : *messages) count_out(source, message);
    if (auto done = sqlite::log_expunge(change.db, source, *modseq, copied.source); !done) return done.error();
    source.highest_modseq = *modseq;
  }
  for (sqlite::MessageRow& message : *messages) {
    message.uid = (*uid)++;
    message.modseq = *modseq;
    message.saved = change.now;  // RFC 8514 §3: of the new place, also for MOVE
    message.keywords = translate(message.keywords, *bits);
    if (!move) {
      message.id = change.take_message_id();
      message.flag_bits &= ~sqlite::kHiddenFromPop3;
      if (auto done = sqlite::add_reference(change.db, message.body_id); !done) return done.error();
    }
    count_in(target, message);
  }
  if (auto done = sqlite::insert_messages(change.db, target.id, *messages); !done) return done.error();
  target.highest_modseq = *modseq;
  if (auto saved = sqlite::save_mailbox(change.db, target); !saved) return saved.error();
  change.touched.push_back(target.id);
  if (move && &source != &target) {
    if (auto saved = sqlite::save_mailbox(change.db, source); !saved) return saved.error();
    change.touched.push_back(source.id);
  }
  return copied;
}

}  // namespace store

namespace {

Result<Copied> transfer(const Mailbox::Impl& source, const UidSet& uids, const Mailbox::Impl& target, bool move) {
  const auto& account = source.account;
  if (target.account->id != account->id || target.account->store != account->store) {
    return Error{Errc::invalid_argument, "the mailboxes belong to different accounts"};
  }
  Copied copied;
  auto done = account->change([&](store::Change& change) -> Result<void> {
    auto from = store::load_selectable(change.db, source.id);
    if (!from) return from.error();
    auto to = store::load_selectable(change.db, target.id);
    if (!to) return to.error();
    auto result = store::transfer(change, *from, source.id == target.id ? *from : *to, uids, move);
    if (!result) return result.error();
    copied = std::move(*result);
    return {};
  });
  if (!done) return done.error();
  return copied;
}

}  // namespace

Result<Copied> Mailbox::copy(const UidSet& uids, const Mailbox& target) const {
  return transfer(*impl_, uids, *target.impl_, false);
}

Result<Copied> Mailbox::move(const UidSet& uids, const Mailbox& target) const {
  return transfer(*impl_, uids, *target.impl_, true);
}

}  // namespace postfach
