#include "search_tables.h"

#include "account_row.h"

namespace postfach::sqlite {

Result<SearchState> load_search_state(Connection& search) {
  auto rows = search.query("SELECT indexed_to, documents, epoch FROM state");
  if (rows.next()) return SearchState{rows.integer(0), rows.number<std::uint64_t>(1), std::string(rows.text(2))};
  if (!rows.ok()) return rows.error();
  return Error{Errc::corrupt, "the search index has no state"};
}

Result<void> save_search_state(Connection& search, const SearchState& state) {
  return search.run("UPDATE state SET indexed_to = ?1, documents = ?2, epoch = ?3", state.indexed_to, state.documents,
                    state.epoch);
}

Result<void> clear_documents(Connection& search) {
  if (auto done = search.run("INSERT INTO gram (gram) VALUES ('delete-all')"); !done) return done;
  return search.run("DELETE FROM any_text");
}

Result<void> insert_document(Connection& search, std::int64_t body_id, std::string_view words) {
  return search.run("INSERT INTO gram (rowid, words) VALUES (?1, ?2)", body_id, StableText{words});
}

Result<void> insert_any_text(Connection& search, std::int64_t body_id) {
  return search.run("INSERT OR IGNORE INTO any_text (body_id) VALUES (?1)", body_id);
}

Result<std::optional<std::vector<std::int64_t>>> find_documents(Connection& search, std::string_view words,
                                                                std::size_t most) {
  std::vector<std::int64_t> found;
  // Between words FTS5 reads AND. LIMIT bounds what is read, not only what is kept.
  auto rows = search.query(
      "SELECT * FROM (SELECT rowid FROM gram WHERE gram MATCH ?1 LIMIT ?2) UNION SELECT body_id FROM any_text ORDER BY "
      "1",
      StableText{words}, most + 1);
  while (rows.next()) {
    if (found.size() == most) return std::optional<std::vector<std::int64_t>>();
    found.push_back(rows.integer(0));
  }
  if (!rows.ok()) return rows.error();
  return std::optional(std::move(found));
}

Result<MailIdentity> mail_identity(Connection& mail) {
  auto account = load_account(mail);
  if (!account) return account.error();
  MailIdentity identity{{}, account->next_message_id, account->messages};
  auto rows = mail.query("SELECT first_id, prefix FROM epoch ORDER BY first_id DESC LIMIT 1");
  if (rows.next()) {
    identity.epoch = rows.text(0);
    identity.epoch += ' ';
    identity.epoch += rows.text(1);
  }
  if (!rows.ok()) return rows.error();
  return identity;
}

BodyCursor::BodyCursor(Connection& mail, std::int64_t after)
    : rows_(mail.query("SELECT id, size, sections FROM body WHERE id > ?1 ORDER BY id", after)) {}

bool BodyCursor::next() {
  if (!rows_.next()) return false;
  row_ = {rows_.integer(0), rows_.number<std::uint64_t>(1), rows_.blob(2)};
  return true;
}

}  // namespace postfach::sqlite
