// One account: mailboxes, subscriptions, usage.
//
// An Account is a small copyable handle that keeps no file open: databases are opened when a function needs one and
// kept in the store's LRU. Every function may be called from any thread, is one transaction, and is durable when it
// returns success. Any function can return unavailable, in_use, corrupt, newer_schema or internal; a damaged account
// does not affect any other.
//
// Mailbox names are UTF-8 with '/' between levels. "INBOX" is compared without regard to case (RFC 9051 §5.1), as a
// first level too ("inbox/x" is "INBOX/x"); every other name is exact. A name is 1..1000 octets, at most 64 levels of
// 1..255 octets each, without control characters; names are kept in NFC.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/feed.h"
#include "postfach/mailbox.h"
#include "postfach/maildrop.h"
#include "postfach/quota.h"
#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach {

struct MailboxInfo {
  MailboxId id = {};
  std::string name;
  SpecialUse special_use = SpecialUse::none;
  bool exists = true;      // false: a name that is subscribed and nothing else; status and id are then empty
  bool selectable = true;  // false: \Noselect, kept for its children (RFC 9051 §6.3.5), or a name that does not exist
  bool subscribed = false;
  bool has_children = false;
  bool may_have_children = true;  // false: \Noinferiors, a name below it would be longer or deeper than names can be
  MailboxStatus status;
};

enum class MailboxNames : std::uint8_t {
  existing,        // mailboxes, and the \Noselect names above them
  and_subscribed,  // those and the names that are subscribed without a mailbox
};

// The form in which a mailbox name is kept: NFC, "INBOX" in capitals, without a '/' at its end. Errors:
// invalid_argument, for what is no mailbox name.
Result<std::string> canonical_mailbox_name(std::string_view name);

struct DeliveryOptions {
  std::string mailbox = "INBOX";  // created if it does not exist
  Flags flags = {};
  std::vector<std::string> keywords = {};
  std::optional<DateTime> internal_date = {};
};

// A message for one of the account's mailboxes.
struct AppendRequest {
  Mailbox target;
  NewMessage message;
};

// How much one step of an update of the full-text index may do.
struct IndexBudget {
  std::uint32_t messages = 200;
  std::uint64_t bytes = 4 * 1024 * 1024;  // octets of messages read; 20 to 100 ms
};
struct IndexProgress {
  std::uint64_t messages = 0;  // that this step took into the index
  bool complete = false;       // all that there were are in it
};

struct CheckOptions {
  // Puts right what can be: counters of the account and of its mailboxes, references, bodies and octets that belong to no
  // message, UIDLs of messages that are gone, files in large/ that belong to no body, threads (RFC 8474 §5.2: a message
  // keeps the thread that clients were told, where it has a valid one), bits of keywords that have no name, and what
  // quota.db says of the account and of its groups. In short transactions, while sessions go on; the octets of messages
  // are never touched, and what is lost stays lost.
  bool repair = false;
};

// The result of an integrity check.
struct CheckReport {
  std::uint64_t messages = 0;         // looked at
  std::vector<std::string> problems;  // one sentence each, for operators; empty: sound. After a repair: what is left
  std::vector<std::string> repaired;  // what was put right, likewise
};

// One POP3 session at a time reads a maildrop (RFC 1939 §4). Dropping the lease frees it. Movable.
class MaildropLease {
 public:
  MaildropLease() noexcept;
  MaildropLease(MaildropLease&&) noexcept;
  MaildropLease& operator=(MaildropLease&&) noexcept;
  ~MaildropLease();

  struct Impl;
  explicit MaildropLease(std::unique_ptr<Impl> impl) noexcept;

 private:
  std::unique_ptr<Impl> impl_;
};

class Account {
 public:
  AccountId id() const noexcept;
  const std::string& name() const noexcept;  // as it was when this handle was made

  // Errors: not_found (also for a \Noselect name).
  Result<Mailbox> mailbox(std::string_view name) const;
  // All mailboxes, sorted by name with INBOX first. Counters come along: they are in the same rows. prefix: only names
  // that begin with these octets, in the form in which names are kept; costs no more than what is found.
  Result<std::vector<MailboxInfo>> mailboxes(MailboxNames names = MailboxNames::existing,
                                             std::string_view prefix = {}) const;
  // One of them; costs the same however many there are. Errors: not_found (a \Noselect name is found).
  Result<MailboxInfo> mailbox_info(std::string_view name) const;

  // RFC 9051 §6.3.4: parents are made too. A trailing '/' is ignored. Creating over a \Noselect name makes it
  // selectable. Errors: already_exists, invalid_argument (name), limit (number of mailboxes), not_permitted (another
  // mailbox has this special use: two of them would leave it to chance where a mail program puts its mail).
  Result<Mailbox> create_mailbox(std::string_view name, SpecialUse use = SpecialUse::none) const;
  // Gives an existing mailbox a special use instead of the one it has; the mailbox that had this use before loses it
  // (RFC 6154 §5.4). none takes the use away. Errors: not_found (also for a \Noselect name), not_permitted (INBOX).
  Result<void> set_special_use(std::string_view name, SpecialUse use) const;
  // RFC 9051 §6.3.5: with children it becomes \Noselect, its messages go. Errors: not_found, not_permitted (INBOX; a
  // \Noselect name with children).
  Result<void> remove_mailbox(std::string_view name) const;
  // RFC 9051 §6.3.6: children move along, parents of the new name are made; renaming INBOX moves its messages into the
  // new mailbox and leaves INBOX empty, its children stay. UIDVALIDITY and special use of renamed mailboxes are kept;
  // subscriptions stay with the old names, as the RFC says. Errors: not_found, already_exists, invalid_argument,
  // not_permitted (below itself).
  Result<void> rename_mailbox(std::string_view from, std::string_view to) const;

  // Subscriptions are names: they may outlive their mailbox (RFC 9051 §6.3.7). Errors of subscribe: invalid_argument,
  // limit (twice as many as StoreOptions::max_mailboxes).
  Result<void> subscribe(std::string_view name) const;
  Result<void> unsubscribe(std::string_view name) const;
  Result<std::vector<std::string>> subscriptions() const;  // sorted

  // Begins to take in a message of expected_size octets (0: unknown). Errors: over_quota, limit if it is already
  // certain that the message will not fit.
  Result<Spool> spool(std::uint64_t expected_size = 0) const;
  // The same without asking whether it will fit: for one of several messages that are appended together, or one that
  // replaces another. check_quota() tells; append() and replace() look again.
  Spool unchecked_spool() const;
  // Whether one change that adds and removes so much would succeed now; what does not grow always does. largest: octets
  // of the largest message that is added. Errors: over_quota, limit (of the size of a message).
  Result<void> check_quota(const Usage& added, const Usage& removed = {}, std::uint64_t largest = 0) const;
  // Several APPENDs (RFC 9051 §6.3.12) one after the other in one transaction, which is synced once. Each has the outcome
  // and the MODSEQ that it would have alone, and one that fails leaves the others; but a fault of ours in the transaction
  // (unavailable, in_use, corrupt, internal) is the outcome of all. Returns as many outcomes, in their order. Errors of
  // each: those of Mailbox::append(), invalid_argument (a mailbox of another account).
  std::vector<Result<Appended>> append(std::vector<AppendRequest> requests) const;
  // A message that arrived: into a mailbox of the account, unseen.
  Result<Appended> deliver(Spool message, const DeliveryOptions& options = {}) const;
  Result<Appended> deliver(std::string_view octets, const DeliveryOptions& options = {}) const;

  Result<Usage> usage() const;
  Result<Quota> quota() const;
  Result<QuotaStatus> quota_status() const;
  // Counts at once, for this and for every other process.
  Result<void> set_quota(Quota quota) const;

  // What POP3 shows and does for this account now: its own policy, or StoreOptions::maildrop.
  Result<MaildropPolicy> maildrop_policy() const;
  // Errors: in_use (another session has it), limit (the last one began less than login_delay before now).
  Result<MaildropLease> lease_maildrop(
      std::chrono::seconds login_delay = std::chrono::seconds(0),
      std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now()) const;
  // Where the messages are that a session sees. Errors: none of its own; a mailbox that does not exist is left out.
  Result<std::vector<MaildropPart>> maildrop(const MaildropPolicy& policy) const;
  // All that a session did, in one transaction: the UPDATE state of RFC 1939 §6. Messages and mailboxes that are gone
  // are passed over. Errors: over_quota (of the mailbox Trash), invalid_argument (a mailbox of another account).
  Result<MaildropUpdated> update_maildrop(const MaildropPolicy& policy,
                                          const std::vector<MaildropUpdate>& updates) const;
  // POP3 shows again what its clients have deleted and is still there, and nothing waits for its removal any more: for
  // somebody who gets a new computer. Returns how many messages were hidden.
  Result<std::uint64_t> reset_maildrop() const;
  // Gives messages the UIDLs that they had on another server; all or none. Errors: invalid_argument (its form, a mailbox of
  // another account), not_found (no such message), already_exists (another message has it, also by this call).
  Result<void> set_uidls(const std::vector<MessageUidl>& uidls) const;

  // One step of bringing the full-text index up to date, which makes SEARCH BODY and TEXT fast (search.h). The index is
  // a file of its own that is made of the messages; it is never part of a delivery, never has the last word, and may be
  // deleted. Usually Store::update_search_indexes() does this; call it where an index is wanted before the first search.
  // One thread at a time does the work; another gets {0, false}.
  Result<IndexProgress> update_search_index(IndexBudget budget = {}) const;

  // Mail that an older version of this library stored has no threads yet, and what comes in meanwhile waits for it. This
  // gives threads to some more of it, in one short transaction; false: none is left, as for every account that this
  // version made. Before it has said so some messages have no MessageView::thread_id, and search() does not find them by
  // it.
  Result<bool> assign_threads() const;

  // All mailboxes that changed, were made, renamed or removed after `since`, from one transaction; 0: all there are, as
  // made. Arrivals are logged from the first call on, for all processes. The logs reach back over the last 2,000 MODSEQs and
  // 1,000 changes to the list of mailboxes.
  Result<AccountChanges> changes(ModSeq since) const;

  // Rings after each committed change of any mailbox of this account and of its list of mailboxes.
  Subscription watch(Doorbell bell) const;

  // Database integrity, counters against rows, quota usage against messages, bodies against reference counts, large
  // files present and complete. Reads everything: minutes for a large account. Blocks no reader and no writer for long.
  Result<CheckReport> check(const CheckOptions& options = {}) const;

  struct Impl;
  explicit Account(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  const std::shared_ptr<const Impl>& impl() const noexcept { return impl_; }

 private:
  friend class Intake;

  std::shared_ptr<const Impl> impl_;
};

}  // namespace postfach
