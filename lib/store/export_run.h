// What both exporters share: mailboxes and messages one after the other, problems, progress.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "postfach/export.h"
#include "postfach/mailbox.h"

namespace postfach::store {

// A message to export: a copy of what MessageView has.
struct ExportedMessage {
  Uid uid = 0;
  Flags flags;
  KeywordMask keywords = 0;
  DateTime internal_date;
  std::uint64_t size = 0;
  std::uint64_t header_size = 0;
  std::string uidl;
};

struct ExportedMailbox {
  std::string name;
  Mailbox mailbox;
  MailboxSnapshot snapshot;
};

class ExportRun {
 public:
  ExportRun(const Account& account, const ExportOptions& options) : account_(account), options_(options) {}

  // The mailboxes to export, INBOX first. Errors: not_found.
  Result<std::vector<ExportedMailbox>> mailboxes();
  // Visits each message in ascending order, with a body that is open; no transaction is held. Errors: those of visit.
  // is_present: may say that nothing is to be written of a message.
  Result<void> messages(const ExportedMailbox& mailbox,
                        const std::function<Result<void>(const ExportedMessage&, const Body&)>& visit,
                        const std::function<Result<bool>(const ExportedMessage&)>& is_present = {});
  // Whether the message is written with LF for CRLF: all its line ends are CRLF, and that is wanted.
  Result<bool> becomes_lf(const Body& body);

  bool is_one_mailbox() const noexcept { return !options_.mailbox.empty(); }
  void problem(std::string text);
  ExportReport finish() && { return std::move(report_); }

 private:
  const Account& account_;
  const ExportOptions& options_;
  ExportProgress progress_;
  ExportReport report_;
  std::string buffer_;
};

// A file that is written in pieces.
class ExportFile {
 public:
  static Result<ExportFile> create(const std::string& path);
  Result<void> write(std::string_view octets);
  // With "\n" for "\r\n"; cut anywhere. flush() writes a CR that was held back.
  Result<void> write_as_lf(std::string_view octets);
  Result<void> flush();
  const base::File& file() const noexcept { return file_; }

 private:
  explicit ExportFile(base::File file) : file_(std::move(file)) {}

  base::File file_;
  std::string pending_;
  bool after_cr_ = false;
};

// Everything that was written to the file system of this folder is on the disk: one call for thousands of small files.
Result<void> sync_file_system(const std::string& directory);

// Makes the folder, or takes an empty one. Errors: already_exists.
Result<void> make_empty_directory(const std::string& path);

// Reads a body from offset on in pieces.
Result<void> for_each_piece(const Body& body, std::uint64_t offset, std::uint64_t end,
                            const std::function<Result<void>(std::string_view)>& use);

}  // namespace postfach::store
