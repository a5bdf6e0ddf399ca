// What the importers share: messages gathered into batches, problems counted, keywords checked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postfach/import.h"
#include "postfach/migrate.h"

namespace postfach::store {

// One import into one account. A failure sticks: report().stopped_by says why nothing more is taken.
class ImportBatch {
 public:
  ImportBatch(Account account, const ImportOptions& options, std::uint64_t total_octets, std::uint64_t total_messages)
      : account_(std::move(account)), options_(options) {
    progress_.total_octets = total_octets;
    progress_.total_messages = total_messages;
  }

  // The mailbox that following messages go to; made if it does not exist.
  Result<void> enter(const IntakeOptions& target);
  // After enter().
  const Intake& intake() const noexcept { return *intake_; }
  Spool spool() const { return account_.unchecked_spool(); }
  // Takes a message whose file had so many octets. False: stop.
  bool add(IntakeMessage message, std::uint64_t file_octets);
  // Octets that were read without giving a message.
  void skip(std::uint64_t file_octets) { progress_.octets += file_octets; }
  // A message that is known to be there. False: stop.
  bool skip_present(std::uint64_t file_octets);
  // Stores what was gathered. False: stop.
  bool flush();
  // The mailbox has no more messages. False: stop.
  bool leave();
  void problem(std::string text);
  // Ends the import with this error, unless there was one before. Returns false.
  bool stop(Error error);
  bool is_stopped() const noexcept { return report_.stopped_by.has_value(); }
  ImportReport finish() &&;

 private:
  // Drops keywords that a mailbox can't have.
  std::vector<std::string> usable(std::vector<std::string> keywords);
  bool show_progress();

  Account account_;
  const ImportOptions& options_;
  std::optional<Intake> intake_;
  std::string mailbox_name_;
  std::uint64_t new_uids_ = 0;               // in this mailbox
  std::vector<std::string> known_keywords_;  // of the mailbox, in lower case
  std::vector<IntakeMessage> messages_;
  std::uint64_t batch_octets_ = 0;
  ImportProgress progress_;
  ImportReport report_;
};

}  // namespace postfach::store
