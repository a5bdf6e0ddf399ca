// Mailbox::search: one step is one read transaction over the narrow rows; what they do not decide is read on the way.
#include "postfach/mailbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/files.h"
#include "search_matcher.h"
#include "sqlite/bodies.h"
#include "sqlite/keywords.h"
#include "sqlite/messages.h"
#include "store_impl.h"

namespace postfach {
namespace {

// One message of the tables after the other.
class StoredSource final : public store::SearchSource {
 public:
  StoredSource(sqlite::Connection& db, const std::string& large, MailboxId mailbox, sqlite::Wide columns) noexcept
      : db_(db), large_(large), mailbox_(mailbox), columns_(columns) {}

  void enter(const sqlite::MessageRow& row) {
    row_ = row;
    has_wide_ = false;
    body_.reset();
    file_.close();
    octets_.clear();
    searches_text_ = false;
    misses_file_ = false;
  }

  std::uint64_t bytes_read() const noexcept { return bytes_read_; }
  // The large body is gone. Most likely its message was expunged after this transaction began.
  bool misses_file() const noexcept { return misses_file_; }

  Result<std::string_view> envelope() override {
    if (Result<void> done = load_wide(); !done) return std::move(done).error();
    return wide_->wide().envelope;
  }

  Result<std::string_view> sections() override {
    if (Result<void> done = load_wide(); !done) return std::move(done).error();
    searches_text_ = true;
    return wide_->wide().sections;
  }

  Result<std::uint64_t> header_size() override {
    if (Result<void> done = load_wide(); !done) return std::move(done).error();
    return wide_->wide().header_size;
  }

  Result<std::string_view> read(std::uint64_t offset, std::uint64_t size) override {
    offset = std::min(offset, row_.size);
    size = std::min(size, row_.size - offset);
    if (offset < first_ || offset + size > first_ + octets_.size() || octets_.empty()) {
      // A small body comes as a whole once it is its text that is looked at.
      const bool whole = searches_text_ && row_.size <= store::kSearchWindow;
      if (Result<void> done = whole ? load(0, row_.size) : load(offset, size); !done) return std::move(done).error();
    }
    return std::string_view(octets_).substr(static_cast<std::size_t>(offset - first_), static_cast<std::size_t>(size));
  }

 private:
  // The messages asked about often follow each other: to go on from one to the next costs a fraction of a look-up.
  Result<void> load_wide() {
    if (has_wide_) return {};
    constexpr int kFarthest = 8;
    for (int step = 0; wide_ && wide_->row().uid < row_.uid; ++step) {
      if (step == kFarthest || !wide_->next()) wide_.reset();
    }
    if (!wide_) {
      from_here_ = UidSet::of(row_.uid, UINT32_MAX);
      wide_.emplace(db_, mailbox_, from_here_, columns_);
      if (!wide_->next() && !wide_->ok()) return wide_->error();
    }
    has_wide_ = wide_->row().uid == row_.uid;
    if (!has_wide_) return Error{Errc::corrupt, "a message has no body"};
    return {};
  }

  Result<void> load(std::uint64_t offset, std::uint64_t size) {
    if (!body_) {
      Result<sqlite::StoredBody> body = sqlite::find_body(db_, row_.body_id);
      if (!body) return std::move(body).error();
      body_ = *std::move(body);
      if (!body_->file.empty()) {
        Result<base::File> file = base::File::open_for_reading(base::join_path(large_, body_->file));
        misses_file_ = !file && file.error().code == Errc::not_found;
        if (!file) return std::move(file).error();
        file_ = *std::move(file);
      }
    }
    octets_.clear();
    first_ = offset;
    bytes_read_ += size;
    if (!file_.is_open()) return sqlite::read_content(db_, row_.body_id, offset, size, octets_);
    octets_.resize(static_cast<std::size_t>(size));
    const Result<std::size_t> got = file_.read_at(offset, octets_.data(), octets_.size());
    if (!got) return got.error();
    if (*got < octets_.size()) return Error{Errc::corrupt, "a message is shorter than recorded: " + body_->file};
    return {};
  }

  sqlite::Connection& db_;
  const std::string& large_;
  MailboxId mailbox_;
  sqlite::Wide columns_;
  sqlite::MessageRow row_;
  UidSet from_here_;
  std::optional<sqlite::MessageCursor> wide_;
  bool has_wide_ = false;  // it stands at the message
  std::optional<sqlite::StoredBody> body_;
  base::File file_;
  bool searches_text_ = false;
  bool misses_file_ = false;
  std::string octets_;
  std::uint64_t first_ = 0;  // where they stand in the message
  std::uint64_t bytes_read_ = 0;
};

store::SearchRow narrow(const sqlite::MessageRow& row) noexcept {
  return {row.uid, row.flags(), row.keywords, row.modseq, row.internal_date, row.size};
}

Result<SearchPage> search_step(sqlite::Connection& db, const std::string& large, MailboxId mailbox,
                               const SearchKey& key, const UidSet& uids, SearchBudget budget, bool& is_file_missing) {
  Result<KeywordNames> names = sqlite::load_keywords(db, mailbox);
  if (!names) return std::move(names).error();
  Result<store::SearchMatcher> matcher = store::SearchMatcher::compile(key, *names);
  if (!matcher) return std::move(matcher).error();

  SearchPage page;
  const sqlite::Wide columns =
      matcher->reads_sections() ? sqlite::Wide::envelope | sqlite::Wide::sections : sqlite::Wide::envelope;
  StoredSource source(db, large, mailbox, columns);
  sqlite::MessageCursor messages(db, mailbox, uids);
  for (std::uint32_t looked_at = 0; messages.next(); ++looked_at) {
    const sqlite::MessageRow& row = messages.row();
    if (looked_at > 0 && (looked_at >= budget.messages || source.bytes_read() >= budget.bytes)) {
      page.next = row.uid;
      return page;
    }
    store::Match match = matcher->match(narrow(row));
    if (match == store::Match::unknown) {
      source.enter(row);
      const Result<bool> decided = matcher->decide(source);
      if (!decided && source.misses_file() && looked_at > 0) {
        page.next = row.uid;  // the next transaction sees whether the message still exists
        return page;
      }
      is_file_missing = source.misses_file();
      if (!decided) return decided.error();
      match = *decided ? store::Match::yes : store::Match::no;
    }
    if (match == store::Match::no) continue;
    page.uids.push_back(row.uid);
    page.highest_modseq = std::max(page.highest_modseq, row.modseq);
  }
  if (!messages.ok()) return messages.error();
  return page;
}

}  // namespace

Result<SearchPage> Mailbox::search(const SearchKey& key, const UidSet& within, Uid from, SearchBudget budget) const {
  const UidSet uids = within.intersection(UidSet::of(std::max<Uid>(from, 1), UINT32_MAX));
  const std::string large = impl_->account->store->locate(impl_->account->id).large;
  Result<SearchPage> page{SearchPage{}};
  bool is_file_missing = false;
  for (int attempt = 0; attempt < 3; ++attempt) {
    page = impl_->account->read([&](sqlite::Connection& db) -> Result<SearchPage> {
      is_file_missing = false;
      if (auto mailbox = store::load_selectable(db, impl_->id); !mailbox) return mailbox.error();
      return search_step(db, large, impl_->id, key, uids, budget, is_file_missing);
    });
    if (page || !is_file_missing) return page;
  }
  return impl_->account->failure(nullptr, {Errc::corrupt, page.error().message});
}

}  // namespace postfach
