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

// One message of the tables after the other. To be gone before the transaction ends.
class StoredSource final : public store::SearchSource {
 public:
  StoredSource(sqlite::Connection& db, const std::string& large, sqlite::Wide wide) noexcept
      : reader_(db, large), rows_(db, wide) {}

  void enter(const sqlite::MessageRow& row) {
    body_id_ = row.body_id;
    reader_.enter(row.body_id, row.size);
    searches_text_ = false;
  }

  std::uint64_t bytes_read() const noexcept { return reader_.bytes_read(); }
  bool misses_file() const noexcept { return reader_.misses_file(); }

  sqlite::BodyRows& rows() noexcept { return rows_; }
  Error no_row() const { return rows_.ok() ? Error{Errc::corrupt, "a message has no body"} : rows_.error(); }

  Result<std::string_view> envelope() override {
    if (Result<void> done = find_row(); !done) return std::move(done).error();
    return rows_.envelope();
  }

  Result<std::string_view> sections() override {
    if (Result<void> done = find_row(); !done) return std::move(done).error();
    searches_text_ = true;
    return rows_.row().sections;
  }

  Result<std::string_view> front() override { return reader_.read_front(usual_header_); }

  Result<std::string_view> header() override {
    if (Result<void> done = find_row(); !done) return std::move(done).error();
    usual_header_ = kLargeHeader;
    return reader_.read(0, std::min(rows_.header_size(), store::kSearchedHeader), false);
  }

  Result<std::string_view> read(std::uint64_t offset, std::uint64_t size) override {
    // A small body comes as a whole once it is its text that is looked at.
    return reader_.read(offset, size, searches_text_);
  }

 private:
  // So much is read for the header without a look at the row of the body: the second as soon as the first did not do.
  static constexpr std::uint64_t kSmallHeader = 2048;
  static constexpr std::uint64_t kLargeHeader = 4096;

  Result<void> find_row() {
    if (rows_.find(body_id_)) return {};
    return no_row();
  }

  store::BodyReader reader_;
  sqlite::BodyRows rows_;
  std::int64_t body_id_ = 0;
  std::uint64_t usual_header_ = kSmallHeader;
  bool searches_text_ = false;
};

store::SearchRow narrow(const sqlite::MessageRow& row) noexcept {
  return {row.uid, row.flags(), row.keywords, row.modseq, row.internal_date, row.size, row.body_id, row.saved};
}

// Criteria asked about messages in one step: some ten milliseconds. A hundred criteria don't shorten it.
constexpr std::size_t kMostMatches = 2'000'000;

// So few messages are read faster than the index is asked, which may name 200,000 bodies.
constexpr std::uint32_t kFew = 32;

// What the full-text index says of the texts that are searched for among so many messages; as long as it holds, it is
// not asked again.
Result<void> ask_index(sqlite::Connection& db, store::SearchIndex& index, std::uint64_t messages,
                       store::SearchMatcher& matcher, store::IndexAnswer& answer) {
  Result<sqlite::MailIdentity> identity = sqlite::mail_identity(db);
  if (!identity) return std::move(identity).error();
  if (!answer.holds_for(*identity)) {
    const store::SearchMatcher::Texts texts = matcher.texts();
    std::vector<store::SearchIndex::Question> questions;
    for (const std::string_view text : texts.list) {
      store::SearchIndex::Question& question = questions.emplace_back(store::SearchIndex::Question{text});
      if (questions.size() <= texts.in_bodies) continue;
      question.most_bodies = messages / 4;
      question.most_documents = messages * 8;
    }
    answer = index.find(questions, *identity);
  }
  matcher.set_candidates(answer.texts);
  return {};
}

Result<SearchPage> search_step(sqlite::Connection& db, store::OpenAccount& account, const sqlite::MailboxRow& mailbox,
                               const SearchKey& key, const UidSet& uids, SearchBudget budget,
                               store::IndexAnswer& answer, bool& is_file_missing, std::uint64_t& unindexed_bytes) {
  Result<KeywordNames> names = sqlite::load_keywords(db, mailbox.id);
  if (!names) return std::move(names).error();
  store::StoredIds ids(db);
  Result<store::SearchMatcher> matcher = store::SearchMatcher::compile(key, *names, &ids);
  if (!matcher) return std::move(matcher).error();

  const std::uint64_t most_messages = std::min<std::uint64_t>(uids.count(), mailbox.messages);
  const store::SearchMatcher::Texts texts = matcher->texts();
  bool may_ask = uids.count() > kFew && !texts.list.empty();
  // Headers are read so fast that the index is not asked before it is clear that there are many to read.
  const std::uint32_t ask_after = texts.in_bodies > 0 || !answer.epoch.empty() ? 0 : kFew;
  std::uint32_t undecided = 0;

  SearchPage page;
  // To compare words takes longer than to look for octets.
  const std::uint64_t most_bytes = matcher->has_scores() ? budget.bytes / 4 : budget.bytes;
  const std::size_t most_rows = std::min<std::size_t>(budget.messages, kMostMatches / matcher->size() + 1);
  const sqlite::Wide envelope = matcher->reads_envelopes() ? sqlite::Wide::envelope : sqlite::Wide::none;
  const sqlite::Wide header = matcher->reads_headers() ? sqlite::Wide::header_size : sqlite::Wide::none;
  const sqlite::Wide sections = matcher->reads_sections() ? sqlite::Wide::sections : sqlite::Wide::none;
  StoredSource source(db, account.location.large, envelope | header | sections);
  sqlite::MessageCursor messages(db, mailbox.id, uids);
  for (std::uint32_t looked_at = 0; messages.next(); ++looked_at) {
    const sqlite::MessageRow& row = messages.row();
    if (looked_at > 0 && (looked_at >= most_rows || source.bytes_read() >= most_bytes)) {
      page.next = row.uid;
      return page;
    }
    store::Match match = matcher->needs_row() ? matcher->match(narrow(row)) : store::Match::unknown;
    if (match == store::Match::unknown && may_ask && undecided++ >= ask_after) {
      may_ask = false;
      Result<void> asked = ask_index(db, account.search_index, most_messages, *matcher, answer);
      if (!asked) return std::move(asked).error();
      match = matcher->match(narrow(row));
    }
    if (match == store::Match::unknown && matcher->is_subject_alone()) {
      if (!source.rows().find(row.body_id)) return source.no_row();
      match = matcher->match_subject(source.rows().envelope()) ? store::Match::yes : store::Match::no;
    } else if (match == store::Match::unknown) {
      source.enter(row);
      const std::uint64_t before = source.bytes_read();
      const Result<bool> decided = matcher->decide(source);
      const std::uint64_t read = source.bytes_read() - before;
      if (read > 0 && !matcher->is_indexed(row.body_id)) unindexed_bytes += read;
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
      const auto row = store::load_selectable(db, mailbox.id);
      if (!row) return row.error();
      return search_step(db, open, *row, key, uids, budget, answer, is_file_missing, unindexed_bytes);
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
