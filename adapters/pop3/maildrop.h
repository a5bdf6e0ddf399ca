// The maildrop of one session: what the mailboxes of the account's policy held at login (RFC 1939 §4), numbered from 1,
// one mailbox after the other.
//
// Invariants:
// - It is a list of UIDs and sizes, 8 octets for each message, and holds nothing of the store: no transaction, no lock,
//   no snapshot. Numbers and sizes stay as they were; a message that another session expunged or moved meanwhile is found
//   missing when it is asked for. UIDLs are fetched when a client wants them.
// - octets() is what a client gets from RETR once it has undone the dot-stuffing.
// - What was marked or retrieved is in memory alone until update().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "postfach/maildrop.h"
#include "postfach/result.h"

namespace postfach::pop3 {

using Number = std::uint32_t;  // of a message, from 1

class Maildrop {
 public:
  static Result<Maildrop> open(const Account& account, const MaildropPolicy& policy);

  Number last() const noexcept { return static_cast<Number>(uids_.size()); }
  bool exists(Number number) const noexcept { return number >= 1 && number <= last(); }
  std::uint64_t octets(Number number) const noexcept;

  // Without the marked messages (RFC 1939 §5, STAT).
  Number messages() const noexcept { return messages_; }
  std::uint64_t octets() const noexcept { return octets_; }

  bool is_marked(Number number) const noexcept { return !marked_.empty() && marked_[number - 1]; }
  void mark(Number number);
  void unmark_all() noexcept;
  void mark_retrieved(Number number);
  // Does what the policy says with what was marked and retrieved, all or nothing.
  Result<MaildropUpdated> update(const MaildropPolicy& policy);

  // Errors: not_found if it is gone meanwhile.
  Result<Body> open(Number number, std::uint64_t most = kToTheEnd) const;
  Result<std::string> uidl(Number number) const;

  // Calls visit(number, uidl) for the next messages that are neither marked nor gone, for `most` of them at
  // the most, from `from` on. visit must not call into the store. Returns the number to go on from; above
  // last() at the end.
  template <class Visit>
  Result<Number> uidls(Number from, Number most, Visit&& visit) const {
    UidSet wanted;
    Number next = from;
    const Part* const part = exists(from) ? &part_of(from) : nullptr;
    for (; part != nullptr && next <= part->last && most > 0; ++next) {
      if (is_marked(next)) continue;
      wanted.add(uids_[next - 1]);
      --most;
    }
    if (wanted.empty()) return next;
    Number number = from;
    const auto fetched = part->mailbox.fetch(wanted, Field::uidl, [&](const MessageView& message) {
      while (uids_[number - 1] < message.uid) ++number;
      visit(number, message.uidl);
      return true;
    });
    // A mailbox that was deleted: its messages are gone.
    if (!fetched && fetched.error().code != Errc::not_found) return fetched.error();
    return next;
  }

 private:
  struct Part {
    Mailbox mailbox;
    Number last = 0;  // message of it
  };

  explicit Maildrop(Account account) : account_(std::move(account)) {}
  Result<void> load(const MaildropPart& part);
  void add(Uid uid, std::uint64_t octets);
  const Part& part_of(Number number) const noexcept;

  Account account_;
  std::vector<Part> parts_;           // at most 100, each with messages
  std::vector<Uid> uids_;             // of message 1, 2, ...; ascending within a part
  std::vector<std::uint32_t> sizes_;  // octets; too_large: see large_
  std::vector<std::pair<Number, std::uint64_t>> large_;
  std::vector<bool> marked_;     // empty: none
  std::vector<bool> retrieved_;  // empty: none
  Number messages_ = 0;
  std::uint64_t octets_ = 0;
};

}  // namespace postfach::pop3
