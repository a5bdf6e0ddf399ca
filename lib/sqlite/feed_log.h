// Tables mailbox_event and arrival. Mailboxes that are made or removed are logged by triggers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

enum class MailboxEventKind : std::uint8_t { log_begins, made, renamed, removed };

struct MailboxEvent {
  MailboxId mailbox{};
  MailboxEventKind kind = MailboxEventKind::log_begins;
  std::string name;
};

// What is known of the time after a MODSEQ.
struct FeedLog {
  bool is_complete = true;
  std::vector<MailboxEvent> events;                  // in their order
  std::unordered_map<MailboxId, Uid> first_arrival;  // UID of the first message that came
};
Result<FeedLog> read_feed_log(Connection& db, ModSeq since);

// Somebody follows the feed from this MODSEQ on.
Result<bool> is_followed(Connection& db);
Result<void> follow(Connection& db, ModSeq modseq);

// What came into a mailbox with a MODSEQ has UIDs from first on. Nothing is kept where nobody follows.
Result<void> log_arrival(Connection& db, MailboxId mailbox, ModSeq modseq, Uid first);
// Forgets all that was, and that somebody follows: nothing is known of the time before this MODSEQ.
Result<void> begin_feed(Connection& db, ModSeq modseq);
Result<void> log_rename(Connection& db, MailboxId mailbox, ModSeq modseq, std::string_view old_name);

}  // namespace postfach::sqlite
