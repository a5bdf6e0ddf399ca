#include "maildrop.h"

#include <algorithm>

namespace postfach::pop3 {
namespace {

constexpr std::uint32_t too_large = UINT32_MAX;

}  // namespace

Result<Maildrop> Maildrop::open(const Account& account, const MaildropPolicy& policy) {
  auto parts = account.maildrop(policy);
  if (!parts) return parts.error();
  Maildrop drop(account);
  for (const MaildropPart& part : *parts) {
    auto loaded = drop.load(part);
    // A mailbox that was deleted meanwhile holds nothing.
    if (!loaded && loaded.error().code != Errc::not_found) return loaded.error();
    const Number before = drop.parts_.empty() ? 0 : drop.parts_.back().last;
    if (drop.last() > before) drop.parts_.push_back({part.mailbox, drop.last()});
  }
  return drop;
}

// In pages, so that no read transaction is long, however large the mailbox is.
Result<void> Maildrop::load(const MaildropPart& part) {
  constexpr std::size_t page = 20'000;
  Uid next = part.first;
  while (next < part.end) {
    std::size_t seen = 0;
    Uid last_seen = 0;
    const auto fetched =
        part.mailbox.fetch(UidSet::of(next, part.end - 1), Field::none, [&](const MessageView& message) {
          const bool is_shown = !message.is_hidden_from_pop3 && message.internal_date.seconds >= part.not_before;
          if (is_shown) add(message.uid, message.size + (message.ends_with_crlf ? 0 : 2));  // as DotStuffer sends it
          last_seen = message.uid;
          return ++seen < page;
        });
    if (!fetched) return fetched.error();
    if (seen < page) break;
    next = last_seen + 1;
  }
  return {};
}

const Maildrop::Part& Maildrop::part_of(Number number) const noexcept {
  return *std::ranges::lower_bound(parts_, number, {}, &Part::last);
}

void Maildrop::add(Uid uid, std::uint64_t octets) {
  uids_.push_back(uid);
  const bool fits = octets < too_large;
  sizes_.push_back(fits ? static_cast<std::uint32_t>(octets) : too_large);
  if (!fits) large_.emplace_back(last(), octets);
  ++messages_;
  octets_ += octets;
}

std::uint64_t Maildrop::octets(Number number) const noexcept {
  const std::uint32_t size = sizes_[number - 1];
  if (size != too_large) return size;
  return std::ranges::lower_bound(large_, number, {}, &std::pair<Number, std::uint64_t>::first)->second;
}

void Maildrop::mark(Number number) {
  if (is_marked(number)) return;
  if (marked_.empty()) marked_.resize(uids_.size());
  marked_[number - 1] = true;
  --messages_;
  octets_ -= octets(number);
}

void Maildrop::unmark_all() noexcept {
  for (Number number = 1; !marked_.empty() && number <= last(); ++number) {
    if (!marked_[number - 1]) continue;
    ++messages_;
    octets_ += octets(number);
  }
  marked_.clear();
}

void Maildrop::mark_retrieved(Number number) {
  if (retrieved_.empty()) retrieved_.resize(uids_.size());
  retrieved_[number - 1] = true;
}

Result<MaildropUpdated> Maildrop::update(const MaildropPolicy& policy) {
  if (marked_.empty() && retrieved_.empty()) return MaildropUpdated{};
  std::vector<MaildropUpdate> updates;
  Number number = 1;
  for (const Part& part : parts_) {
    MaildropUpdate update{part.mailbox, {}, {}};
    for (; number <= part.last; ++number) {
      if (is_marked(number)) update.deleted.add(uids_[number - 1]);
      if (!retrieved_.empty() && retrieved_[number - 1]) update.retrieved.add(uids_[number - 1]);
    }
    if (!update.deleted.empty() || !update.retrieved.empty()) updates.push_back(std::move(update));
  }
  return account_.update_maildrop(policy, updates);
}

Result<Body> Maildrop::open(Number number, std::uint64_t most) const {
  return part_of(number).mailbox.open(uids_[number - 1], 0, most);
}

Result<std::string> Maildrop::uidl(Number number) const {
  std::optional<std::string> found;
  const auto fetched = part_of(number).mailbox.fetch(UidSet::of(uids_[number - 1], uids_[number - 1]), Field::uidl,
                                                     [&](const MessageView& message) {
                                                       found = message.uidl;
                                                       return true;
                                                     });
  if (!fetched) return fetched.error();
  if (!found) return Error{Errc::not_found, "the message is gone"};
  return std::move(*found);
}

}  // namespace postfach::pop3
