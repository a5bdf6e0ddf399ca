#include "search_index.h"

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "body_reader.h"
#include "grams.h"
#include "message/header.h"
#include "message/sections.h"
#include "search_text.h"

namespace postfach::store {
namespace {

// More of them than this are as good as no answer: a search reads them faster in the order of the mailbox.
constexpr std::uint64_t kMostCandidates = 200'000;

// One body after the other, for the functions that search text.
class BodySource final : public SearchSource {
 public:
  BodySource(sqlite::Connection& db, const std::string& large) noexcept : reader_(db, large) {}
  void enter(const sqlite::BodyRow& row) {
    sections_ = row.sections;
    reader_.enter(row.id, row.size);
  }
  const BodyReader& reader() const noexcept { return reader_; }

  Result<std::string_view> envelope() override { return std::string_view(); }
  Result<std::string_view> sections() override { return sections_; }
  Result<std::string_view> front() override { return std::string_view(); }
  Result<std::string_view> header() override { return std::string_view(); }
  Result<std::string_view> read(std::uint64_t offset, std::uint64_t size) override {
    return reader_.read(offset, size, true);
  }

 private:
  BodyReader reader_;
  std::string_view sections_;
};

// What a search for an address looks at beside the header as it is.
void add_unquoted_addresses(std::string_view block, GramSet& grams) {
  std::string scratch;
  std::string text;
  message::for_each_field(block, [&](const message::HeaderField& field) {
    if (!is_address_field(field.name)) return true;
    text.clear();
    append_folded(text, field_text(field.value, scratch));
    if (!has_quoting(text)) return true;
    remove_quoting(text);
    grams.add_folded(text);
    return true;
  });
}

// All that a search looks at. Stops where the set has more than it can take. False: the message may hold any text,
// because ENVELOPE can't have the NUL that its header has.
Result<bool> read_text(const sqlite::BodyRow& row, BodySource& source, GramSet& grams) {
  for (const message::Part& part : message::Sections(row.sections).nodes()) {
    const auto block = source.read(part.header.offset, std::min(part.header.size, kSearchedHeader));
    if (!block) return block.error();
    scan_header(*block, grams);
    if (part.header.offset == 0) {
      if (block->find('\0') != std::string_view::npos) return false;
      add_unquoted_addresses(*block, grams);
    }
    const Result<bool> searched = is_searched(part, source);
    if (!searched) return searched.error();
    if (*searched) {
      if (Result<bool> scanned = scan_body(part, source, grams); !scanned) return scanned.error();
    }
    if (!grams.is_whole()) return false;
  }
  return true;
}

// Whether the index was made of these bodies.
bool belongs_to(const sqlite::SearchState& state, const sqlite::MailIdentity& mail) {
  return state.epoch == mail.epoch && state.indexed_to < mail.next_id;
}

}  // namespace

bool Candidates::rule_out(std::int64_t body_id) const noexcept {
  return body_id <= indexed_to && !std::binary_search(bodies.begin(), bodies.end(), body_id);
}

bool IndexAnswer::holds_for(const sqlite::MailIdentity& mail) const noexcept {
  return !epoch.empty() && epoch == mail.epoch && indexed_to < mail.next_id;
}

std::uint64_t IndexAnswer::octets() const noexcept {
  std::uint64_t octets = 0;
  for (const std::optional<Candidates>& text : texts) octets += text ? text->bodies.size() * sizeof(std::int64_t) : 0;
  return octets;
}

// What update() gathers of mail.db before it writes.
struct SearchIndex::Documents {
  struct One {
    std::int64_t body_id = 0;
    std::optional<std::string> words;  // none: it may hold any text
  };
  std::vector<One> list;
  sqlite::SearchState after;
  bool starts_anew = false;
  bool is_complete = false;
};

SearchIndex::SearchIndex(std::string path, const sqlite::ConnectionOptions& options)
    : path_(std::move(path)), options_([&options] {
        sqlite::ConnectionOptions own = options;
        own.create = true;
        own.replaceable = true;
        return own;
      }()) {}

std::shared_ptr<sqlite::Database> SearchIndex::database(bool create) {
  const std::lock_guard lock(mutex_);
  if (database_ != nullptr || (!create && !base::file_exists(path_))) return database_;
  auto opened = sqlite::Database::open(path_, sqlite::kSearchSchema, options_);
  if (!opened && (opened.error().code == Errc::corrupt || opened.error().code == Errc::newer_schema)) {
    for (const char* suffix : {"", "-wal", "-shm"}) (void)base::remove_file(path_ + suffix);
    if (create) opened = sqlite::Database::open(path_, sqlite::kSearchSchema, options_);
  }
  if (opened) database_ = std::move(*opened);
  return database_;
}

void SearchIndex::drop(const std::shared_ptr<sqlite::Database>& damaged) {
  const std::lock_guard lock(mutex_);
  if (database_ != damaged) return;
  database_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) (void)base::remove_file(path_ + suffix);
}

IndexAnswer SearchIndex::find(const std::vector<Question>& questions, const sqlite::MailIdentity& mail) {
  // Nothing is known of any of them.
  const auto none = [&questions] {
    return IndexAnswer{.texts = std::vector<std::optional<Candidates>>(questions.size())};
  };
  const std::shared_ptr<sqlite::Database> index = database(false);
  if (index == nullptr) return none();
  IndexAnswer answer = none();
  const auto found = index->read([&](sqlite::Connection& db) -> Result<void> {
    auto state = sqlite::load_search_state(db);
    if (!state) return state.error();
    if (!belongs_to(*state, mail)) return {};
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Question& question = questions[i];
      if (state->documents > question.most_documents) continue;
      const std::optional<std::string> words = words_of(question.text);
      if (!words) continue;
      const auto most = static_cast<std::size_t>(std::min(question.most_bodies, kMostCandidates));
      auto bodies = sqlite::find_documents(db, *words, most);
      if (!bodies) return bodies.error();
      if (*bodies) answer.texts[i] = Candidates{std::move(**bodies), state->indexed_to};
    }
    answer.epoch = std::move(state->epoch);
    answer.indexed_to = state->indexed_to;
    return {};
  });
  if (found) return answer;
  if (found.error().code == Errc::corrupt) drop(index);
  return none();
}

Result<IndexProgress> SearchIndex::update(sqlite::Database& mail, const std::string& large, IndexBudget budget) {
  const std::unique_lock lock(updating_, std::try_to_lock);
  if (!lock) return IndexProgress{0, false};  // another thread is at it
  const std::shared_ptr<sqlite::Database> index = database(true);
  if (index == nullptr) return Error{Errc::unavailable, "the search index can't be opened: " + path_};
  const auto before = index->read([](sqlite::Connection& db) { return sqlite::load_search_state(db); });
  if (!before) {
    if (before.error().code == Errc::corrupt) drop(index);
    return before.error();
  }

  Documents documents;
  GramSet grams;
  const auto gathered = mail.read([&](sqlite::Connection& db) -> Result<void> {
    documents = {};
    auto identity = sqlite::mail_identity(db);
    if (!identity) return identity.error();
    documents.after = *before;
    // An index that is mostly of bodies which are gone is not worth what it costs.
    constexpr std::uint64_t kSpare = 1000;
    if (!belongs_to(*before, *identity) || before->documents > 2 * identity->messages + kSpare) {
      documents.starts_anew = true;
      documents.after = {0, 0, identity->epoch};
    }
    BodySource source(db, large);
    sqlite::BodyCursor bodies(db, documents.after.indexed_to);
    while (documents.list.size() < budget.messages && source.reader().bytes_read() < budget.bytes) {
      if (!bodies.next()) {
        documents.is_complete = bodies.ok();
        return bodies.ok() ? Result<void>() : Result<void>(bodies.error());
      }
      source.enter(bodies.row());
      grams.clear();
      const Result<bool> read = read_text(bodies.row(), source, grams);
      if (!read && read.error().code == Errc::unavailable) return read.error();
      Documents::One& one = documents.list.emplace_back();
      one.body_id = bodies.row().id;
      documents.after.indexed_to = one.body_id;
      // A message that can't be read, or was expunged meanwhile, is left to the search.
      if (!read || !*read || !grams.is_whole()) continue;
      grams.append_words(one.words.emplace());
    }
    return {};
  });
  if (!gathered) return gathered.error();
  documents.after.documents += documents.list.size();
  if (documents.after != *before) {
    if (auto added = add(*index, *before, documents); !added) {
      if (added.error().code == Errc::corrupt) drop(index);
      return added.error();
    }
  }
  return IndexProgress{documents.list.size(), documents.is_complete};
}

Result<void> SearchIndex::add(sqlite::Database& index, const sqlite::SearchState& before, const Documents& documents) {
  return index.write([&](sqlite::Connection& db) -> Result<void> {
    auto now = sqlite::load_search_state(db);
    if (!now) return now.error();
    if (*now != before) return {};  // another process was faster
    if (documents.starts_anew) {
      if (auto cleared = sqlite::clear_documents(db); !cleared) return cleared;
    }
    for (const Documents::One& one : documents.list) {
      auto done =
          one.words ? sqlite::insert_document(db, one.body_id, *one.words) : sqlite::insert_any_text(db, one.body_id);
      if (!done) return done;
    }
    return sqlite::save_search_state(db, documents.after);
  });
}

}  // namespace postfach::store
