// The full-text index of one account: search.db beside mail.db, made lazily and thrown away whenever it is in doubt.
//
// Invariants:
// - It never has the last word: a search looks into every message that the index does not rule out.
// - Nothing of a delivery touches it. Bodies never change, and their identifiers ascend, so that one number tells what
//   is in it; a search reads the rest as if there were no index.
// - Trouble with it is no trouble of the account: it is removed and made anew.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/account.h"
#include "postfach/result.h"
#include "sqlite/database.h"
#include "sqlite/search_tables.h"

namespace postfach::store {

// Bodies that may hold a text.
struct Candidates {
  std::vector<std::int64_t> bodies;  // ascending
  std::int64_t indexed_to = 0;       // of those beyond, nothing is known

  bool rule_out(std::int64_t body_id) const noexcept;
};

// What the index said to the texts of one search. Bodies never change, so that it stays true as long as the database is
// the same: later bodies are beyond indexed_to.
struct IndexAnswer {
  std::vector<std::optional<Candidates>> texts;  // for each; nothing where the index does not help

  // Whether there was an index at all, and it is still about this database.
  bool holds_for(const sqlite::MailIdentity& mail) const noexcept;
  std::uint64_t octets() const noexcept;

  std::string epoch = {};  // of the index; empty: there was none
  std::int64_t indexed_to = 0;
};

class SearchIndex {
 public:
  // path: of search.db, which need not exist.
  SearchIndex(std::string path, const sqlite::ConnectionOptions& options);

  // A folded text, and what makes an answer not worth its while. Who would only read headers reads them as fast as the
  // index names a quarter of the messages, or looks through lists of eight times as many.
  struct Question {
    std::string_view text;
    std::uint64_t most_bodies = UINT64_MAX;     // named
    std::uint64_t most_documents = UINT64_MAX;  // in the index
  };
  // For each, which bodies may hold it. mail: what the caller's transaction sees of mail.db.
  IndexAnswer find(const std::vector<Question>& questions, const sqlite::MailIdentity& mail);

  // One step of bringing it up to date; large: the directory of the large bodies.
  Result<IndexProgress> update(sqlite::Database& mail, const std::string& large, IndexBudget budget);

 private:
  struct Documents;

  // Null: there is none.
  std::shared_ptr<sqlite::Database> database(bool create);
  void drop(const std::shared_ptr<sqlite::Database>& damaged);
  Result<void> add(sqlite::Database& index, const sqlite::SearchState& before, const Documents& documents);

  const std::string path_;
  const sqlite::ConnectionOptions options_;
  std::mutex mutex_;  // guards database_
  std::shared_ptr<sqlite::Database> database_;
  std::mutex updating_;  // one thread at a time
};

}  // namespace postfach::store
