#include "maildrop.h"

#include <algorithm>

namespace postfach::pop3 {
namespace {

constexpr std::uint32_t too_large = UINT32_MAX;

}  // namespace

Result<Maildrop> Maildrop::open(const Account& account) {
  auto inbox = account.mailbox("INBOX");
  if (!inbox) return inbox.error();
  Maildrop drop(std::move(*inbox));
  if (auto loaded = drop.load(); !loaded) return loaded.error();
  return drop;
}

// In pages, so that no read transaction is long, however large the mailbox is.
Result<void> Maildrop::load() {
  constexpr std::size_t page = 20'000;
  const auto status = mailbox_.status();
  if (!status) return status.error();
  uids_.reserve(status->messages);
  sizes_.reserve(status->messages);
  Uid next = 1;
  while (next < status->uid_next) {
    std::size_t seen = 0;
    const auto fetched =
        mailbox_.fetch(UidSet::of(next, status->uid_next - 1), Field::none, [&](const MessageView& message) {
          add(message.uid, message.size + (message.ends_with_crlf ? 0 : 2));  // as DotStuffer sends it
          return ++seen < page;
        });
    if (!fetched) return fetched.error();
    if (seen < page) break;
    next = uids_.back() + 1;
  }
  return {};
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

Result<std::uint64_t> Maildrop::remove_marked() {
  UidSet uids;
  for (Number number = 1; !marked_.empty() && number <= last(); ++number) {
    if (marked_[number - 1]) uids.add(uids_[number - 1]);
  }
  if (uids.empty()) return std::uint64_t{0};
  const auto removed = mailbox_.remove(uids);
  if (!removed) return removed.error();
  return removed->uids.count();
}

Result<Body> Maildrop::open(Number number, std::uint64_t most) const {
  return mailbox_.open(uids_[number - 1], 0, most);
}

Result<std::string> Maildrop::uidl(Number number) const {
  std::optional<std::string> found;
  const auto fetched =
      mailbox_.fetch(UidSet::of(uids_[number - 1], uids_[number - 1]), Field::uidl, [&](const MessageView& message) {
        found = message.uidl;
        return true;
      });
  if (!fetched) return fetched.error();
  if (!found) return Error{Errc::not_found, "the message is gone"};
  return std::move(*found);
}

}  // namespace postfach::pop3
