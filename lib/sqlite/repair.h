// What a damaged mail.db can be put right from its own rows.
//
// What is wrong is found in one read transaction; each function that puts something right looks again, in the write
// transaction of its caller, because mail goes on coming and going in between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "connection.h"
#include "mailboxes.h"
#include "postfach/types.h"

namespace postfach::sqlite {

struct Damage {
  std::vector<std::int64_t> blocks;          // of messages: what the columns say of the entries
  std::vector<MailboxId> mailboxes;          // counters, UIDNEXT, MODSEQs, the expunge log
  bool is_account_wrong = false;             // sums, or identifiers below those that are in use
  bool is_prefix_missing = false;            // for UIDLs
  std::vector<std::int64_t> bodies;          // whose references are not those that exist
  std::vector<std::int64_t> contents;        // that belong to no body
  std::vector<MessageId> uidls;              // of messages that are gone
  std::vector<std::int64_t> threads;         // bodies that have none, an impossible one, or can't be found for it
  std::vector<std::int64_t> thread_numbers;  // rows of thread_ref that lead to no thread that was ever begun
  std::vector<MailboxId> keywords;           // with bits that have no name
};
Result<Damage> find_damage(Connection& db);

// The columns of blocks from their entries. Returns how many were there.
Result<std::uint64_t> repair_blocks(Connection& db, const std::vector<std::int64_t>& blocks);

// The counters of a mailbox from its messages; UIDNEXT and MODSEQs are only ever raised; an expunge log that does not
// agree with its mailbox is emptied, so that clients compare UIDs. The row is not saved. True if it has changed.
Result<bool> recount(Connection& db, MailboxRow& mailbox, ModSeq highest);

// Gives the bodies the references that they have; those that have none go, and the names of their files are added to
// files. Returns how many were put right. Reads all messages' rows.
Result<std::uint64_t> repair_references(Connection& db, const std::vector<std::int64_t>& bodies,
                                        std::vector<std::string>& files);
// Returns how many were removed.
Result<std::uint64_t> remove_stray_contents(Connection& db, const std::vector<std::int64_t>& contents);
// The same. Reads all messages' rows.
Result<std::uint64_t> remove_stray_uidls(Connection& db, const std::vector<MessageId>& ids);

// Takes bits without a name from the messages of a mailbox, `most` of them; a new keyword would give them its name. The
// messages, whose MODSEQ is raised.
Result<UidSet> clear_unnamed_keywords(Connection& db, MailboxId mailbox, ModSeq modseq, std::size_t most);

// What the account's row has to say. Mailboxes must be right by now.
struct AccountSums {
  std::uint64_t bytes = 0;
  std::uint64_t messages = 0;
  std::uint64_t removed_bytes = 0;
  std::uint64_t removed_messages = 0;
  ModSeq highest_modseq = 0;          // at least
  UidValidity last_uid_validity = 0;  // at least
  std::int64_t next_message_id = 0;   // at least
};
Result<AccountSums> sum_up(Connection& db);

}  // namespace postfach::sqlite
