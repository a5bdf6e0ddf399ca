// Mailbox::search: one step is one read transaction over the narrow rows; what they do not decide is read on the way.
#include "postfach/mailbox.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "body_reader.h"
#include "object_ids.h"
#include "search_index.h"
#include "search_matcher.h"
#include "sqlite/keywords.h"
#include "sqlite/messages.h"
#include "store_impl.h"

namespace postfach {
namespace {

// One message of the tables after the other.
class StoredSource final : public store::SearchSource {
 public:
  StoredSource(sqlite::Connection& db, const std::string& large, MailboxId mailbox, sqlite::Wide columns) noexcept
      : db_(db), reader_(db, large), mailbox_(mailbox), columns_(columns) {}

  void enter(const sqlite::MessageRow& row) {
    row_ = row;
    has_wide_ = false;
    reader_.enter(row.body_id, row.size);
    searches_text_ = false;
  }

  std::uint64_t bytes_read() const noexcept { return reader_.bytes_read(); }
  bool misses_file() const noexcept { return reader_.misses_file(); }

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
    // A small body comes as a whole once it is its text that is looked at.
    return reader_.read(offset, size, searches_text_);
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

  sqlite::Connection& db_;
  store::BodyReader reader_;
  MailboxId mailbox_;
  sqlite::Wide columns_;
  sqlite::MessageRow row_;
  UidSet from_here_;
  std::optional<sqlite::MessageCursor> wide_;
  bool has_wide_ = false;  // it stands at the message
  bool searches_text_ = false;
};

store::SearchRow narrow(const sqlite::MessageRow& row) noexcept {
  return {row.uid, row.flags(), row.keywords, row.modseq, row.internal_date, row.size, row.body_id, row.saved};
}

// Criteria asked about messages in one step: some ten milliseconds. A hundred criteria don't shorten it.
constexpr std::size_t kMostMatches = 2'000'000;

// So few messages are read faster than the index is asked, which may name 200,000 bodies.
constexpr std::uint64_t kFew = 32;

// What the full-text index says of the bodies that are searched for; as long as it holds, it is not asked again.
Result<void> ask_index(sqlite::Connection& db, store::SearchIndex& index, store::SearchMatcher& matcher,
                       store::IndexAnswer& answer) {
  const std::vector<std::string_view> texts = matcher.texts();
  if (texts.empty()) return {};
  Result<sqlite::MailIdentity> identity = sqlite::mail_identity(db);
  if (!identity) return std::move(identity).error();
  if (!answer.holds_for(*identity)) answer = index.find(texts, *identity);
  matcher.set_candidates(answer.texts);
  return {};
}

Result<SearchPage> search_step(sqlite::Connection& db, store::OpenAccount& account, MailboxId mailbox,
                               const SearchKey& key, const UidSet& uids, SearchBudget budget,
                               store::IndexAnswer& answer, bool& is_file_missing, std::uint64_t& unindexed_bytes) {
  Result<KeywordNames> names = sqlite::load_keywords(db, mailbox);
  if (!names) return std::move(names).error();
  store::StoredIds ids(db);
  Result<store::SearchMatcher> matcher = store::SearchMatcher::compile(key, *names, &ids);
  if (!matcher) return std::move(matcher).error();

  if (uids.count() > kFew) {
    Result<void> asked = ask_index(db, account.search_index, *matcher, answer);
    if (!asked) return std::move(asked).error();
  }

  SearchPage page;
  const sqlite::Wide columns =
      matcher->reads_sections() ? sqlite::Wide::envelope | sqlite::Wide::sections : sqlite::Wide::envelope;
  // To compare words takes longer than to look for octets.
  const std::uint64_t most_bytes = matcher->has_scores() ? budget.bytes / 4 : budget.bytes;
  const std::size_t most_rows = std::min<std::size_t>(budget.messages, kMostMatches / matcher->size() + 1);
  StoredSource source(db, account.location.large, mailbox, columns);
  sqlite::MessageCursor messages(db, mailbox, uids);
  for (std::uint32_t looked_at = 0; messages.next(); ++looked_at) {
    const sqlite::MessageRow& row = messages.row();
    if (looked_at > 0 && (looked_at >= most_rows || source.bytes_read() >= most_bytes)) {
      page.next = row.uid;
      return page;
    }
    store::Match match = matcher->match(narrow(row));
    if (match == store::Match::unknown) {
      source.enter(row);
      const std::uint64_t before = source.bytes_read();
      const Result<bool> decided = matcher->decide(source);
      if (!matcher->is_indexed(row.body_id)) unindexed_bytes += source.bytes_read() - before;
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
    if (matcher->has_scores()) page.scores.push_back(matcher->score());
    page.highest_modseq = std::max(page.highest_modseq, row.modseq);
    if (page.uids.size() >= budget.matches) {
      if (messages.next()) page.next = messages.row().uid;
      break;
    }
  }
  if (!messages.ok()) return messages.error();
  return page;
}

Result<SearchPage> search(const Mailbox::Impl& mailbox, const SearchKey& key, const UidSet& within, Uid from,
                          SearchBudget budget, store::IndexAnswer& answer) {
  const UidSet uids = within.intersection(UidSet::of(std::max<Uid>(from, 1), UINT32_MAX));
  const std::shared_ptr<Store::Impl>& store = mailbox.account->store;
  const auto account = store->open_account(mailbox.account->id);
  if (!account) return mailbox.account->failure(nullptr, account.error());
  store::OpenAccount& open = **account;
  Result<SearchPage> page{SearchPage{}};
  bool is_file_missing = false;
  std::uint64_t unindexed_bytes = 0;
  for (int attempt = 0; attempt < 3; ++attempt) {
    page = open.database->read([&](sqlite::Connection& db) -> Result<SearchPage> {
      is_file_missing = false;
      if (auto row = store::load_selectable(db, mailbox.id); !row) return row.error();
      return search_step(db, open, mailbox.id, key, uids, budget, answer, is_file_missing, unindexed_bytes);
    });
    if (page || !is_file_missing) break;
  }
  // A search that had so much to read is worth an index, for the next one of its kind.
  constexpr std::uint64_t kWorthAnIndex = 256 * 1024;
  if (unindexed_bytes >= kWorthAnIndex && store->options.full_text_index) store->want_index(mailbox.account->id);
  if (page) return page;
  if (is_file_missing) return mailbox.account->failure(&open, {Errc::corrupt, page.error().message});
  return mailbox.account->failure(&open, page.error());
}

}  // namespace

struct Searcher::Impl {
  SearchKey key;
  store::IndexAnswer answer = {};
};

Searcher::Searcher(SearchKey key) : impl_(std::make_unique<Impl>(Impl{std::move(key)})) {}
Searcher::Searcher(Searcher&&) noexcept = default;
Searcher& Searcher::operator=(Searcher&&) noexcept = default;
Searcher::~Searcher() = default;

const SearchKey& Searcher::key() const noexcept { return impl_->key; }

Result<SearchPage> Mailbox::search(const SearchKey& key, const UidSet& within, Uid from, SearchBudget budget) const {
  store::IndexAnswer answer;
  return postfach::search(*impl_, key, within, from, budget, answer);
}

Result<SearchPage> Mailbox::search(Searcher& searcher, const UidSet& within, Uid from, SearchBudget budget) const {
  Searcher::Impl& kept = searcher.impl();
  Result<SearchPage> page = postfach::search(*impl_, kept.key, within, from, budget, kept.answer);
  if (kept.answer.octets() > Searcher::kMostOctets || (page && page->next == 0)) kept.answer = {};
  return page;
}

}  // namespace postfach
