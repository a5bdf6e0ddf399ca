// The tables of search.db, and what the index reads of mail.db.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"

namespace postfach::sqlite {

struct SearchState {
  std::int64_t indexed_to = 0;
  std::uint64_t documents = 0;
  std::string epoch;

  bool operator==(const SearchState&) const = default;
};
Result<SearchState> load_search_state(Connection& search);
Result<void> save_search_state(Connection& search, const SearchState& state);
// Empties all tables but the state.
Result<void> clear_documents(Connection& search);

// words: separated by spaces.
Result<void> insert_document(Connection& search, std::int64_t body_id, std::string_view words);
Result<void> insert_any_text(Connection& search, std::int64_t body_id);
// Bodies that hold all of the words, and those of any_text; ascending. Nothing if there are more than most.
Result<std::optional<std::vector<std::int64_t>>> find_documents(Connection& search, std::string_view words,
                                                                std::size_t most);

// What tells whether an index belongs to the bodies of a mail.db.
struct MailIdentity {
  std::string epoch;
  std::int64_t next_id = 0;    // bodies have identifiers below it
  std::uint64_t messages = 0;  // as many bodies at most
};
Result<MailIdentity> mail_identity(Connection& mail);

// Bodies in ascending order of their identifiers.
struct BodyRow {
  std::int64_t id = 0;
  std::uint64_t size = 0;
  std::string_view sections;  // valid until next()
};
class BodyCursor {
 public:
  // Those with an identifier above `after`.
  BodyCursor(Connection& mail, std::int64_t after);
  bool next();
  bool ok() const noexcept { return rows_.ok(); }
  Error error() const { return rows_.error(); }
  const BodyRow& row() const noexcept { return row_; }

 private:
  Statement rows_;
  BodyRow row_;
};

}  // namespace postfach::sqlite
