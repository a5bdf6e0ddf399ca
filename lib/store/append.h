// A message on its way from its spool into rows: what append and replace share.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "change.h"
#include "postfach/account.h"
#include "postfach/message.h"
#include "store_impl.h"

namespace postfach::store {

// Before the transaction: what is wrong with the message itself, and its octets on the disk. Errors: invalid_argument,
// unavailable.
Result<void> prepare(NewMessage& message, const Account::Impl& account);
// The same for several messages; outcomes has one for each.
void prepare_each(std::span<AppendRequest> requests, const Account::Impl& account,
                  std::span<Result<Appended>> outcomes);

// In the transaction: the messages come into the mailbox, which is saved. Quotas are the caller's business.
Result<Appended> append(Change& change, sqlite::MailboxRow& mailbox, std::span<const NewMessage> messages);
// The same without saving the mailbox. names are those of the mailbox, to which new ones are added.
Result<Appended> append_unsaved(Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names,
                                std::span<const NewMessage> messages);
// Whether the account and the mailbox have room for them. Errors: over_quota, limit (of one message).
Result<void> check_quotas(const Change& change, const sqlite::MailboxRow& mailbox,
                          std::span<const NewMessage> messages);

// In the transaction; the mailbox is not saved. names are those of the mailbox, to which new ones are added. saved:
// MessageView::saved, if it is not now. Returns the identifier of the message.
Result<MessageId> insert(Change& change, sqlite::MailboxRow& mailbox, KeywordNames& names, const NewMessage& message,
                         Uid uid, ModSeq modseq, std::optional<std::int64_t> saved = {});

}  // namespace postfach::store
