// Tables mailbox_event and arrival, which triggers keep.
#pragma once

#include <cstdint>
#include <string>
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

}  // namespace postfach::sqlite
