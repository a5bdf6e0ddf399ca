#include "account_row.h"

namespace postfach::sqlite {

Result<AccountRow> load_account(Connection& db) {
  auto rows = db.query(
      "SELECT highest_modseq, last_uid_validity, next_message_id, bytes, messages, quota_bytes, quota_messages, "
      "quota_mailboxes, quota_message_size, warned, removed_bytes, removed_messages FROM account");
  if (!rows.next()) {
    if (!rows.ok()) return rows.error();
    return Error{Errc::corrupt, "the account's row is missing"};
  }
  AccountRow row;
  row.highest_modseq = rows.number<ModSeq>(0);
  row.last_uid_validity = rows.number<UidValidity>(1);
  row.next_message_id = rows.integer(2);
  row.bytes = rows.number<std::uint64_t>(3);
  row.messages = rows.number<std::uint64_t>(4);
  if (!rows.is_null(5)) row.quota_bytes = rows.number<std::uint64_t>(5);
  if (!rows.is_null(6)) row.quota_messages = rows.number<std::uint64_t>(6);
  if (!rows.is_null(7)) row.quota_mailboxes = rows.number<std::uint64_t>(7);
  if (!rows.is_null(8)) row.quota_message_size = rows.number<std::uint64_t>(8);
  row.warned = rows.number<std::uint32_t>(9);
  row.removed_bytes = rows.number<std::uint64_t>(10);
  row.removed_messages = rows.number<std::uint64_t>(11);
  return row;
}

Result<void> save_account(Connection& db, const AccountRow& row) {
  return db.run(
      "UPDATE account SET highest_modseq = ?1, last_uid_validity = ?2, next_message_id = ?3, bytes = ?4, "
      "messages = ?5, quota_bytes = ?6, quota_messages = ?7, quota_mailboxes = ?8, quota_message_size = ?9, "
      "warned = ?10, removed_bytes = ?11, removed_messages = ?12",
      row.highest_modseq, row.last_uid_validity, row.next_message_id, row.bytes, row.messages, row.quota_bytes,
      row.quota_messages, row.quota_mailboxes, row.quota_message_size, row.warned, row.removed_bytes,
      row.removed_messages);
}

}  // namespace postfach::sqlite
