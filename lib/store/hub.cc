#include "hub.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace postfach::store {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
// File times come from the kernel's tick, up to 10 ms apart.
constexpr std::int64_t kFresh = kNanoseconds / 20;

FileSignature::One signature_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {status.st_ino, status.st_size, status.st_mtim.tv_sec * kNanoseconds + status.st_mtim.tv_nsec};
}

}  // namespace

FileSignature FileSignature::of(const std::string& database) {
  return {signature_of(database), signature_of(database + "-wal")};
}

bool FileSignature::is_fresh() const noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return std::max(database.modified, log.modified) > now.tv_sec * kNanoseconds + now.tv_nsec - kFresh;
}

std::shared_ptr<Hub::Bell> Hub::add(AccountId account, std::optional<MailboxId> mailbox, Doorbell doorbell,
                                    const std::function<FileSignature()>& signature) {
  auto bell = std::make_shared<Bell>();
  bell->ring = std::move(doorbell);
  const std::lock_guard lock(mutex_);
  const auto [place, is_first] = accounts_.try_emplace(account);
  Watched& watched = place->second;
  if (is_first) {
    watched.signature = signature();
    watched.uncertain = watched.signature.is_fresh();
  }
  (mailbox ? watched.mailboxes[*mailbox] : watched.bells).push_back(bell);
  return bell;
}

void Hub::remove(AccountId account, std::optional<MailboxId> mailbox, const std::shared_ptr<Bell>& bell) noexcept {
  {
    const std::lock_guard lock(mutex_);
    const auto place = accounts_.find(account);
    if (place != accounts_.end()) {
      Watched& watched = place->second;
      const auto group = mailbox ? watched.mailboxes.find(*mailbox) : watched.mailboxes.end();
      if (mailbox && group != watched.mailboxes.end()) std::erase(group->second, bell);
      if (!mailbox) std::erase(watched.bells, bell);
      if (group != watched.mailboxes.end() && group->second.empty()) watched.mailboxes.erase(group);
      if (watched.bells.empty() && watched.mailboxes.empty()) accounts_.erase(place);
    }
  }
  const std::lock_guard lock(bell->mutex);  // waits for a call on another thread
  bell->connected = false;
}

void Hub::ring(AccountId account, std::span<const MailboxId> mailboxes, bool everything) {
  Bells bells;
  {
    const std::lock_guard lock(mutex_);
    const auto place = accounts_.find(account);
    if (place == accounts_.end()) return;
    const Watched& watched = place->second;
    bells = watched.bells;
    const auto add = [&](const Bells& more) { bells.insert(bells.end(), more.begin(), more.end()); };
    if (everything) {
      for (const auto& [id, group] : watched.mailboxes) add(group);
    } else {
      for (const MailboxId id : mailboxes) {
        if (const auto group = watched.mailboxes.find(id); group != watched.mailboxes.end()) add(group->second);
      }
    }
  }
  for (const auto& bell : bells) {
    const std::lock_guard lock(bell->mutex);
    if (!bell->connected || !bell->ring) continue;
    try {
      bell->ring();
    } catch (...) {  // NOLINT: a doorbell that throws must not keep the others from ringing
    }
  }
}

std::vector<AccountId> Hub::watched() const {
  std::vector<AccountId> ids;
  const std::lock_guard lock(mutex_);
  ids.reserve(accounts_.size());
  for (const auto& [id, watched] : accounts_) ids.push_back(id);
  return ids;
}

bool Hub::is_news(AccountId account, const FileSignature& signature) {
  const bool is_fresh = signature.is_fresh();
  const std::lock_guard lock(mutex_);
  const auto place = accounts_.find(account);
  if (place == accounts_.end()) return false;
  Watched& watched = place->second;
  const bool is_new = watched.uncertain || watched.signature != signature;
  watched.signature = signature;
  watched.uncertain = is_fresh;
  return is_new;
}

bool Hub::is_news(AccountId account, ModSeq highest) {
  const std::lock_guard lock(mutex_);
  const auto place = accounts_.find(account);
  if (place == accounts_.end()) return false;
  return std::exchange(place->second.highest, highest) != highest;
}

}  // namespace postfach::store
