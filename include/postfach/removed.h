// Undelete: messages that were expunged can be listed and brought back for a while, whoever expunged them: EXPUNGE, a POP3
// QUIT, a mailbox that was removed, REPLACE, the host. (A MOVE removes nothing.) Off unless StoreOptions::undelete has a
// window.
//
// A removed message keeps its octets, its flags and keywords, its MessageId and so its POP3 UIDL. No mail client sees it.
// The functions here are for the host, from any thread; each is one transaction and durable when it returns success.
// Any of them can return unavailable, in_use, corrupt or internal.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postfach/account.h"
#include "postfach/quota.h"
#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach {

struct UndeleteOptions {
  // How long removed messages are kept. 0: they go at once, at no cost. A window that was lowered or taken away counts
  // for what was removed before as well: Store::do_upkeep() purges it, within a day at most if the process that
  // removed it is another one.
  std::chrono::seconds window{0};
  // True: a removed message is part of what the account uses until it is purged, so that nobody can keep more than the
  // quota. False: removing makes room at once. Decided for each message when it is removed.
  bool counts_for_quota = false;
  // The most octets that are kept of one account, beyond which the oldest go early: without it, who appends and
  // expunges all day fills the disk. None: no limit.
  std::optional<std::uint64_t> most_bytes = {};
};

// Names one removed message.
struct RemovedKey {
  std::int64_t removed = INT64_MAX;  // when: seconds since 1970-01-01T00:00:00Z
  MessageId id{INT64_MAX};

  bool operator==(const RemovedKey&) const = default;
};

struct RemovedMessage {
  RemovedKey key;
  std::string mailbox;          // the name that the mailbox has now, or had when it last lost a message
  bool mailbox_exists = false;  // restore_removed() brings it back into this mailbox; else the name is made anew
  Uid uid = 0;                  // that it had
  Flags flags;
  std::vector<std::string> keywords;
  DateTime internal_date;
  std::uint64_t size = 0;
  std::string uidl;
  std::string envelope;     // RFC 9051 §7.5.2, as MessageView::envelope
  bool is_counted = false;  // part of Account::usage()
};

struct RemovedFilter {
  std::optional<std::string> mailbox = {};  // RemovedMessage::mailbox
  std::optional<std::int64_t> since = {};   // removed at this time or later: seconds since 1970-01-01T00:00:00Z
};

struct RemovedPage {
  std::vector<RemovedMessage> messages;  // the last removed first
  std::optional<RemovedKey> next;        // where the next page goes on; none: the end
};

// Up to `most` (1..1000) removed messages before `before`, the newest first. One call looks at 20,000 of them at most, so
// that a page with a filter may be short or empty though others follow: RemovedPage::next tells.
Result<RemovedPage> list_removed(const Account& account, const RemovedFilter& filter = {}, RemovedKey before = {},
                                 std::size_t most = 100);

// What the removed messages of an account take. No part of Account::usage() but what is counted there.
Result<Usage> removed_usage(const Account& account);

struct RestoredMessage {
  MessageId id{};
  std::string mailbox;
  UidValidity uid_validity = 0;
  Uid uid = 0;
};

// Brings messages back, all or none, in one transaction: some hundreds at once are a good measure. They go into the
// mailbox they were in, or into `mailbox`. One that is gone is made anew, with what it was for (unless another mailbox has
// that special use by now) and with its limits, as they were when it went; its UIDVALIDITY is another one, for what
// clients know of it is over. One that is made is subscribed, so that mail programs show it. They get new UIDs
// and keep MessageId, UIDL, internal date, keywords (as far as the mailbox has room for their names) and flags but
// \Deleted. Keys of messages that are not there any more are left out of the result, which has the order of UIDs within
// each mailbox. Errors: over_quota, limit (mailboxes, UIDs), invalid_argument (the name).
Result<std::vector<RestoredMessage>> restore_removed(const Account& account, const std::vector<RemovedKey>& keys,
                                                     const std::optional<std::string>& mailbox = {});

// Removes for good: these; or everything that was removed at this time or before (seconds since 1970-01-01T00:00:00Z), in
// as many short transactions as that takes. Returns how many.
Result<std::uint64_t> purge_removed(const Account& account, const std::vector<RemovedKey>& keys);
Result<std::uint64_t> purge_removed(const Account& account, std::int64_t until);

}  // namespace postfach
