#include "import_batch.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "names.h"

namespace postfach::store {
namespace {

// A batch costs one fsync; it holds at most this many small messages in memory (64 KiB each at most) or, of larger
// ones, open files.
constexpr std::size_t kBatchMessages = 64;
constexpr std::uint64_t kBatchOctets = 16ULL * 1024 * 1024;
constexpr std::size_t kKeptProblems = 1000;
constexpr std::size_t kMailboxKeywords = 64;
constexpr std::size_t kShownOctets = 100;

}  // namespace

Result<void> ImportBatch::enter(const IntakeOptions& target) {
  if (!leave()) return Error(*report_.stopped_by);
  auto intake = Intake::begin(account_, target);
  if (!intake) return std::move(intake).error();
  auto keywords = intake->mailbox().keywords();
  if (!keywords) return std::move(keywords).error();
  known_keywords_.clear();
  for (const auto& keyword : *keywords) {
    if (!keyword.empty()) known_keywords_.push_back(base::to_lower(keyword));
  }
  intake_ = *std::move(intake);
  mailbox_name_ = target.mailbox;
  new_uids_ = 0;
  return {};
}

std::vector<std::string> ImportBatch::usable(std::vector<std::string> keywords) {
  std::erase_if(keywords, [&](const std::string& keyword) {
    if (!check_keyword(keyword)) {
      problem("keyword left out, IMAP does not allow it: " + keyword.substr(0, kShownOctets));
      return true;
    }
    auto lower = base::to_lower(keyword);
    if (std::find(known_keywords_.begin(), known_keywords_.end(), lower) != known_keywords_.end()) return false;
    if (known_keywords_.size() >= kMailboxKeywords) {
      problem("keyword left out, " + mailbox_name_ + " has 64 already: " + keyword);
      return true;
    }
    known_keywords_.push_back(std::move(lower));
    return false;
  });
  return keywords;
}

bool ImportBatch::show_progress() {
  ++progress_.messages;
  if (!options_.progress || options_.progress(progress_)) return true;
  if (flush()) stop({Errc::not_permitted, "stopped by the caller"});
  return false;
}

bool ImportBatch::skip_present(std::uint64_t file_octets) {
  if (is_stopped()) return false;
  progress_.octets += file_octets;
  ++report_.present;
  return show_progress();
}

bool ImportBatch::add(IntakeMessage message, std::uint64_t file_octets) {
  if (is_stopped()) return false;
  progress_.octets += file_octets;
  Spool& content = message.message.content;
  if (content.size() == 0) {
    problem("a message without octets was skipped");
    return true;
  }
  if (auto finished = content.finish(); !finished) return stop(finished.error());
  batch_octets_ += content.size();
  message.message.keywords = usable(std::move(message.message.keywords));
  if (!message.message.uidl.empty() && !check_uidl(message.message.uidl)) {
    problem("a UIDL that POP3 does not allow was replaced by a new one: " + message.message.uidl.substr(0, 70));
    message.message.uidl.clear();
  }
  messages_.push_back(std::move(message));
  if ((messages_.size() >= kBatchMessages || batch_octets_ >= kBatchOctets) && !flush()) return false;
  return show_progress();
}

bool ImportBatch::flush() {
  if (is_stopped()) return false;
  batch_octets_ = 0;
  if (messages_.empty()) return true;
  auto added = intake_->add(std::exchange(messages_, {}));
  if (!added) return stop(std::move(added).error());
  report_.messages += added->messages;
  report_.octets += added->octets;
  report_.present += added->present;
  new_uids_ += added->new_uids;
  for (const auto& uidl : added->new_uidls) {
    problem("a message of " + mailbox_name_ + " has got a new UIDL, another message has " + uidl);
  }
  return true;
}

bool ImportBatch::leave() {
  if (!flush()) return false;
  if (!intake_) return true;
  if (new_uids_ > 0) {
    problem(std::to_string(new_uids_) + " messages of " + mailbox_name_ + " have got new UIDs: " +
            (intake_->keeps_uids() ? "newer ones are there already" : "the mailbox was in use already"));
  }
  new_uids_ = 0;
  if (auto done = intake_->finish(); !done) return stop(done.error());
  return true;
}

void ImportBatch::problem(std::string text) {
  ++report_.problem_count;
  if (report_.problems.size() < kKeptProblems) report_.problems.push_back(std::move(text));
}

bool ImportBatch::stop(Error error) {
  if (!report_.stopped_by) report_.stopped_by = std::move(error);
  return false;
}

ImportReport ImportBatch::finish() && {
  leave();
  return std::move(report_);
}

}  // namespace postfach::store
