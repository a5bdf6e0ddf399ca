// Mail that moves here from another system keeps what identified it there: UIDs, UIDVALIDITY, POP3 UIDLs. This is what
// the importers of import.h and of the migrate adapter are made of, and what an importer of one's own is made of.
//
//     auto intake = postfach::Intake::begin(account, {.mailbox = "INBOX", .source = "imap://alice@old.example/INBOX",
//                                                     .uid_validity = 1700000000}).value();
//     for (…) {
//       auto spool = account.unchecked_spool();
//       …
//       intake.add(…);
//     }
//
// An intake remembers which messages of a source it has taken in, in the same transaction that stores them. So an import
// can be broken off at any point, also by kill -9, and run again: it adds what is missing and nothing twice. A message
// that was removed meanwhile does not come back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "postfach/message.h"
#include "postfach/result.h"
#include "postfach/types.h"

namespace postfach {

struct IntakeOptions {
  std::string mailbox = "INBOX";  // made if it does not exist
  // Given to the mailbox if that is made here, unless another one has it.
  SpecialUse use = SpecialUse::none;
  // Under which name the messages of this source are remembered, in this mailbox. 1..1000 octets.
  std::string source = {};
  // UIDVALIDITY and UIDNEXT of the source; 0: unknown. An empty mailbox is made anew with this UIDVALIDITY: sessions that
  // had selected it see it deleted.
  UidValidity uid_validity = 0;
  Uid uid_next = 0;
};

// A message of the source.
struct IntakeMessage {
  NewMessage message;                      // with the uidl it had
  std::string key;                         // what identifies it in its source, for ever: 1..1000 octets of UTF-8
  Uid uid = 0;                             // that it had; 0: none
  std::optional<std::int64_t> saved = {};  // as MessageView::saved; nothing: now
};

struct IntakeReport {
  std::uint64_t messages = 0;          // stored
  std::uint64_t octets = 0;            // of those
  std::uint64_t present = 0;           // that an earlier import has brought
  std::uint64_t new_uids = 0;          // stored with another UID than they had
  std::vector<std::string> new_uidls;  // UIDLs that another message of the account has: these messages got new ones
};

// One source of messages for one mailbox. Copyable; thread safe, like a Mailbox; holds no file.
class Intake {
 public:
  // Errors: those of Account::create_mailbox but already_exists, invalid_argument (source).
  static Result<Intake> begin(const Account& account, const IntakeOptions& options);

  const Mailbox& mailbox() const noexcept { return mailbox_; }
  // Whether messages keep their UIDs: the UIDVALIDITY is that of the source.
  bool keeps_uids() const noexcept { return keeps_uids_; }

  // For each key whether the source has brought it already. One read transaction.
  Result<std::vector<bool>> present(const std::vector<std::string>& keys) const;
  // The UIDs that the messages got here; 0 for those that did not come. They need not exist any more.
  Result<std::vector<Uid>> uids(const std::vector<std::string>& keys) const;

  // Stores those that are not there yet, all or none, in the given order. A UID is kept if keeps_uids() and it is not
  // below the UIDNEXT of the mailbox; so give them in ascending order, those without a UID last. Errors: those of
  // Mailbox::append.
  Result<IntakeReport> add(std::vector<IntakeMessage> messages) const;
  // The source has no more: UIDs that it had once are not given out here.
  Result<void> finish() const;

  // Up to 1000 octets that are kept with the source, "" at first.
  Result<std::string> state() const;
  Result<void> set_state(std::string_view state) const;

 private:
  Intake(Mailbox mailbox, std::int64_t source, Uid uid_next, bool keeps_uids) noexcept
      : mailbox_(std::move(mailbox)), source_(source), uid_next_(uid_next), keeps_uids_(keeps_uids) {}

  Mailbox mailbox_;
  std::int64_t source_;
  Uid uid_next_;
  bool keeps_uids_;
};

}  // namespace postfach
