#include "import_batch.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace postfach::store {
namespace {

// A batch costs one fsync; it holds at most this many small messages in memory (64 KiB each at most) or, of larger
// ones, open files.
constexpr std::size_t kBatchMessages = 64;
constexpr std::uint64_t kBatchOctets = 16ULL * 1024 * 1024;
constexpr std::size_t kKeptProblems = 1000;
constexpr std::size_t kMailboxKeywords = 64;
constexpr std::size_t kKeywordOctets = 100;

// RFC 9051 §9: flag-keyword is an atom; '$' and the like are fine.
bool is_keyword(std::string_view text) noexcept {
  constexpr std::string_view kSpecials = "(){%*\"\\]";
  return !text.empty() && text.size() <= kKeywordOctets && std::all_of(text.begin(), text.end(), [&](char c) {
    return c > ' ' && c < 127 && kSpecials.find(c) == std::string_view::npos;
  });
}

}  // namespace

Result<void> ImportBatch::enter(const std::string& name) {
  if (!flush()) return Error(*report_.stopped_by);
  auto mailbox = account_.create_mailbox(name);
  if (!mailbox && mailbox.error().code == Errc::already_exists) mailbox = account_.mailbox(name);
  if (!mailbox) return std::move(mailbox).error();
  auto keywords = mailbox->keywords();
  if (!keywords) return std::move(keywords).error();
  known_keywords_.clear();
  for (const auto& keyword : *keywords) {
    if (!keyword.empty()) known_keywords_.push_back(base::to_lower(keyword));
  }
  mailbox_ = *std::move(mailbox);
  mailbox_name_ = name;
  return {};
}

std::vector<std::string> ImportBatch::usable(std::vector<std::string> keywords) {
  std::erase_if(keywords, [&](const std::string& keyword) {
    if (!is_keyword(keyword)) {
      problem("keyword left out, IMAP does not allow it: " + keyword.substr(0, kKeywordOctets));
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

bool ImportBatch::add(Spool content, Flags flags, std::vector<std::string> keywords, std::optional<DateTime> date,
                      std::uint64_t file_octets) {
  if (report_.stopped_by) return false;
  progress_.octets += file_octets;
  if (content.size() == 0) {
    problem("a message without octets was skipped");
    return true;
  }
  batch_octets_ += content.size();
  messages_.push_back(
      {.content = std::move(content), .flags = flags, .keywords = usable(std::move(keywords)), .internal_date = date});
  ++progress_.messages;
  if ((messages_.size() >= kBatchMessages || batch_octets_ >= kBatchOctets) && !flush()) return false;
  if (options_.progress) {
    progress_.total_octets = total_octets_;
    if (!options_.progress(progress_)) {
      if (flush()) stop({Errc::not_permitted, "stopped by the caller"});
      return false;
    }
  }
  return true;
}

bool ImportBatch::flush() {
  if (report_.stopped_by) return false;
  if (messages_.empty()) return true;
  const auto count = messages_.size();
  auto appended = mailbox_->append(std::exchange(messages_, {}));
  const auto octets = std::exchange(batch_octets_, 0);
  if (!appended) return stop(std::move(appended).error());
  report_.messages += count;
  report_.octets += octets;
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
  flush();
  return std::move(report_);
}

}  // namespace postfach::store
