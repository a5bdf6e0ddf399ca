// What both importers share: messages gathered into batches, problems counted, keywords checked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "postfach/import.h"

namespace postfach::store {

// One import into one account. A failure sticks: report().stopped_by says why nothing more is taken.
class ImportBatch {
 public:
  ImportBatch(Account account, const ImportOptions& options, std::uint64_t total_octets)
      : account_(std::move(account)), options_(options), total_octets_(total_octets) {}

  // The mailbox that following messages go to; made if it does not exist.
  Result<void> enter(const std::string& mailbox);
  Result<Spool> spool() const { return account_.spool(); }
  // Takes a message whose file had so many octets. False: stop.
  bool add(Spool content, Flags flags, std::vector<std::string> keywords, std::optional<DateTime> date,
           std::uint64_t file_octets);
  // Octets that were read without giving a message.
  void skip(std::uint64_t file_octets) { progress_.octets += file_octets; }
  // Stores what was gathered. False: stop.
  bool flush();
  void problem(std::string text);
  // Ends the import with this error, unless there was one before. Returns false.
  bool stop(Error error);
  ImportReport finish() &&;

 private:
  // Drops keywords that a mailbox can't have.
  std::vector<std::string> usable(std::vector<std::string> keywords);

  Account account_;
  const ImportOptions& options_;
  std::uint64_t total_octets_;
  std::optional<Mailbox> mailbox_;
  std::string mailbox_name_;
  std::vector<std::string> known_keywords_;  // of the mailbox, in lower case
  std::vector<NewMessage> messages_;
  std::uint64_t batch_octets_ = 0;
  ImportProgress progress_;
  ImportReport report_;
};

}  // namespace postfach::store
