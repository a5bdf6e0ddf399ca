// One mailbox of an account: its messages, their flags, and what changed.
//
// A Mailbox is a small copyable handle. Every function may be called from any thread; each is one transaction, is
// durable when it returns success, and holds nothing afterwards. If the mailbox was deleted meanwhile, every function
// returns not_found. All functions may block for the disk: call them from a worker thread if your event loop must not
// wait. Any function can return unavailable, in_use, corrupt or internal.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/changes.h"
#include "postfach/message.h"
#include "postfach/quota.h"
#include "postfach/result.h"
#include "postfach/search.h"
#include "postfach/sort.h"
#include "postfach/thread.h"
#include "postfach/types.h"
#include "postfach/uid_list.h"

namespace postfach {

class Account;

// Counters of a mailbox; all come from one row.
struct MailboxStatus {
  UidValidity uid_validity = 0;
  Uid uid_next = 1;
  ModSeq highest_modseq = 1;  // never 0, also for an empty mailbox
  std::uint32_t messages = 0;
  std::uint32_t unseen = 0;
  std::uint32_t deleted = 0;  // with \Deleted
  std::uint32_t recent = 0;   // not yet claimed by a session (RFC 3501 §2.3.2)
  std::uint64_t bytes = 0;
  std::uint64_t deleted_bytes = 0;  // of the messages with \Deleted
  std::uint64_t append_limit = 0;   // octets of the largest message that it takes (RFC 7889)
};

// What SELECT needs, from one transaction.
struct MailboxSnapshot {
  MailboxStatus status;
  UidList uids;          // all messages
  Uid first_unseen = 0;  // 0: none
  Uid first_recent = 0;  // UIDs from here on are \Recent for this session; uid_next if none
  KeywordNames keywords;
};

struct Appended {
  UidValidity uid_validity = 0;
  std::vector<Uid> uids;  // of the new messages, in their order
  ModSeq before = 0;      // HIGHESTMODSEQ of the mailbox until then
  ModSeq modseq = 0;      // and now
};

struct Copied {
  UidValidity uid_validity = 0;  // of the target
  UidSet source;                 // the messages that existed and were copied
  UidSet destination;            // their new UIDs: the i-th smallest of one belongs to the i-th smallest of the other
};

enum class FlagChange : std::uint8_t { set, add, remove };  // FLAGS, +FLAGS, -FLAGS

// What a message has after a STORE.
struct StoredFlags {
  Uid uid = 0;
  Flags flags = {};
  KeywordMask keywords = 0;
  ModSeq modseq = 0;
};

struct Stored {
  ModSeq modseq = 0;         // that the changed messages have now; 0 if nothing changed
  UidSet changed;            // messages whose flags are different now
  UidSet failed;             // with unchanged_since: existing messages that were newer and were left alone
  UidSet changed_by_others;  // messages of the set that others had changed after `known_modseq`: report these even
                             // after a silent STORE
  UidSet missing;            // UIDs within the given set that were expunged after known_modseq, as far as known
  ModSeq before = 0;  // HIGHESTMODSEQ of the mailbox until then: whoever knew all up to it knows all up to `modseq`
  // With FlagUpdate::wants_flags: all messages of the set, those that failed among them, as the change left them,
  std::vector<StoredFlags> messages = {};
  std::shared_ptr<const KeywordNames> keyword_names = {};  // and the names of their keywords
};

struct Replaced {
  Appended appended;  // without UIDs if the message to replace does not exist; then nothing was stored
  ModSeq modseq = 0;
};

struct Expunged {
  ModSeq modseq = 0;  // 0 if nothing was expunged
  UidSet uids;
};

class Mailbox {
 public:
  MailboxId id() const noexcept;
  Account account() const;

  // The full name in UTF-8, hierarchy separator '/'.
  Result<std::string> name() const;
  Result<MailboxStatus> status() const;
  // Limits of this mailbox alone, beside those of the account: bytes and messages. Enforced as they are (quota.h); renamed
  // with the mailbox. Errors of set_quota: invalid_argument.
  Result<Quota> quota() const;
  Result<void> set_quota(const Quota& quota) const;

  // claim_recent: as SELECT does, so that the next session does not see the same messages as \Recent; EXAMINE and
  // STATUS pass false. While others hold a list of this mailbox it costs what has changed since theirs, and shares
  // their memory; see share().
  Result<MailboxSnapshot> snapshot(bool claim_recent) const;
  // For whoever brought the list of a snapshot up to date by changes_since(): offers it to the others and returns an
  // equal one, theirs where they have it, so that all hold the same memory. modseq is that of the Changes; uid_validity
  // that of the snapshot. Touches no file.
  UidList share(UidValidity uid_validity, ModSeq modseq, const UidList& uids) const;
  Result<std::vector<Uid>> uids() const;
  Result<KeywordNames> keywords() const;

  // RFC 9051 §6.3.12. All or none of the messages are stored. Errors: over_quota, limit (UIDs or keywords used up),
  // invalid_argument (a keyword that is no atom, a message without octets).
  Result<Appended> append(std::vector<NewMessage> messages) const;
  Result<Appended> append(NewMessage message) const;
  // For small programs and tests: a whole message from memory.
  Result<Appended> append(std::string_view octets, Flags flags = {}) const;

  // RFC 8508: appends to target, which may be this mailbox, and removes the message with this UID from here; both or
  // neither. Only what grows counts for the quota. Errors: those of append(), not_found also for the target.
  Result<Replaced> replace(Uid uid, const Mailbox& target, NewMessage message) const;

  // Calls visit for each existing message of the set in ascending order, until it returns false. visit runs inside a
  // short read transaction: it must not block, must not call into the store and should stop after some 64 KiB of
  // output; go on later from the next UID.
  Result<void> fetch(const UidSet& uids, Field fields, const std::function<bool(const MessageView&)>& visit) const;

  // The octets [offset, offset+size) of a message, cut to what exists. Errors: not_found.
  Result<Body> open(Uid uid, std::uint64_t offset = 0, std::uint64_t size = kToTheEnd) const;

  // RFC 9051 §6.4.6 and RFC 7162 §3.1.3. Messages that already have these flags keep their MODSEQ. unchanged_since 0
  // fails for every message, unless nothing but keywords is added or removed that the message does not have.
  // known_modseq is what the caller had seen of the mailbox. Errors: limit (no free keyword), invalid_argument.
  struct FlagUpdate {
    FlagChange change = FlagChange::add;
    Flags flags = {};
    std::vector<std::string> keywords = {};
    std::optional<ModSeq> unchanged_since = {};
    ModSeq known_modseq = 0;
    bool wants_flags = false;  // for few messages: Stored::messages takes 24 octets for each
  };
  Result<Stored> store(const UidSet& uids, const FlagUpdate& update) const;
  // The same for several updates, one after the other in one transaction, which is synced once. Each has the outcome and
  // the MODSEQ that it would have alone, and one that fails leaves the others; but a fault of ours (unavailable, in_use,
  // corrupt, internal) is the outcome of all. Returns as many outcomes, in their order. A transaction holds up other
  // writers of the account: hand in some tens, of few messages each.
  struct FlagRequest {
    UidSet uids;
    FlagUpdate update;
  };
  std::vector<Result<Stored>> store(std::span<const FlagRequest> requests) const;

  // RFC 9051 §6.4.7, §6.4.8. All or none. The copies share the octets. Errors: over_quota (COPY), limit.
  // A MOVE keeps the MessageId and so the UIDL. Source and target may be the same mailbox.
  Result<Copied> copy(const UidSet& uids, const Mailbox& target) const;
  Result<Copied> move(const UidSet& uids, const Mailbox& target) const;

  // Removes messages with \Deleted: all, or those of the set (UID EXPUNGE, RFC 4315 §2.1).
  Result<Expunged> expunge() const;
  Result<Expunged> expunge(const UidSet& uids) const;
  // Removes messages whatever their flags: what a POP3 QUIT does. A message that was moved elsewhere meanwhile is not
  // in this mailbox any more and so stays.
  Result<Expunged> remove(const UidSet& uids) const;

  // What changed after `since`, for a caller that knew all messages below known_uid_next.
  Result<Changes> changes_since(ModSeq since, Uid known_uid_next) const;

  // One step of a search from UID `from` on (1 at first); see SearchPage::next. Only messages of `within` are looked at.
  Result<SearchPage> search(const SearchKey& key, const UidSet& within, Uid from, SearchBudget budget = {}) const;
  // The same where more steps follow.
  Result<SearchPage> search(Searcher& searcher, const UidSet& within, Uid from, SearchBudget budget = {}) const;

  // One step of gathering the messages of `within` from UID `from` on (1 at first) to be sorted. Returns the UID to go on
  // from, 0 at the end. Budgets count ENVELOPEs. Errors: limit (Sorter::kMostOctets).
  Result<Uid> sort(Sorter& sorter, const UidSet& within, Uid from, SearchBudget budget = {5'000, 4U << 20U}) const;
  // The same for threads. Errors: limit (Threader::kMostOctets).
  Result<Uid> thread(Threader& threader, const UidSet& within, Uid from,
                     SearchBudget budget = {5'000, 4U << 20U}) const;

  // Rings after each committed change of this mailbox, also when it is deleted or renamed.
  Subscription watch(Doorbell bell) const;

  struct Impl;
  explicit Mailbox(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}

 private:
  friend class Intake;

  std::shared_ptr<const Impl> impl_;
};

}  // namespace postfach
