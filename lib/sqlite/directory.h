// directory.db: accounts and what they are called.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

enum class IdentityKind : std::uint8_t { any, login, address };

struct DirectoryRow {
  AccountId id{};
  std::string name;
  bool enabled = true;
  std::string password_hash;
  std::optional<std::string> scram_keys;  // nothing: not made yet; empty: this password makes none
};

// Errors: not_found.
Result<DirectoryRow> find_account(Connection& db, std::string_view name, IdentityKind kind);
Result<DirectoryRow> load_account_by_id(Connection& db, AccountId id);
Result<std::vector<DirectoryRow>> list_accounts(Connection& db);  // by name, in octet order

// Identifiers from `from` on, ascending.
Result<std::vector<AccountId>> list_account_ids(Connection& db, AccountId from, std::size_t most);

// The account and its own name. Errors: already_exists.
Result<AccountId> insert_account(Connection& db, std::string_view name, std::string_view password_hash,
                                 const std::optional<std::string>& scram_keys, std::int64_t created);
Result<void> delete_account(Connection& db, AccountId id);
Result<void> set_account_password(Connection& db, AccountId id, std::string_view hash,
                                  const std::optional<std::string>& scram_keys);
// Whether no account has a password without SCRAM keys.
Result<bool> all_have_scram_keys(Connection& db);

// Octets that are kept under a name; nothing if there are none.
Result<std::optional<std::string>> load_secret(Connection& db, std::string_view name);
// Keeps them if there are none under the name yet.
Result<void> insert_secret(Connection& db, std::string_view name, std::string_view octets);
Result<void> set_account_enabled(Connection& db, AccountId id, bool enabled);

// Errors: already_exists if the account has it already or another account has it as whatever.
Result<void> insert_identity(Connection& db, AccountId id, std::string_view name, IdentityKind kind);
// Errors: not_found; the account's own name stays.
Result<void> delete_identity(Connection& db, AccountId id, std::string_view name, IdentityKind kind);
Result<std::vector<std::string>> list_identities(Connection& db, AccountId id, IdentityKind kind);  // sorted

}  // namespace postfach::sqlite
