// Store: logging in.
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <thread>

#include "auth/password.h"
#include "auth/scram.h"
#include "base/ascii.h"
#include "base/saslprep.h"
#include "logins.h"
#include "postfach/store.h"
#include "sqlite/directory.h"
#include "store_impl.h"

namespace postfach {
namespace {

using sqlite::IdentityKind;

// Wiped at the end.
class Secret {
 public:
  explicit Secret(std::string text) : text_(std::move(text)) {}
  ~Secret() {
    if (!text_.empty()) ::explicit_bzero(text_.data(), text_.size());
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

// RFC 4616 §2, RFC 5802 §5.1, RFC 6856 §2.2: the name is prepared; accounts may be called what they were called before
// anybody prepared it.
Result<sqlite::DirectoryRow> find_login(const Store& store, std::string_view login) {
  return store.impl()->directory->read([&](sqlite::Connection& db) {
    auto row = sqlite::find_account(db, login, IdentityKind::login);
    if (row || row.error().code != Errc::not_found) return row;
    const auto prepared = base::saslprep(login);
    if (!prepared || *prepared == login) return row;
    return sqlite::find_account(db, *prepared, IdentityKind::login);
  });
}

Result<Account> admit(const Store& store, const sqlite::DirectoryRow& row) {
  if (!row.enabled) return Error{Errc::not_permitted, "the account is disabled"};
  return store::account_of(store.impl(), row);
}

// Brings hash and keys up to date after a right password. A login must not fail for this; and a password that was changed
// meanwhile must not come back.
void renew(const Store& store, sqlite::DirectoryRow& row, std::string_view password) {
  const Store::Impl& impl = *store.impl();
  std::string hash = row.password_hash;
  std::optional<std::string> keys = row.scram_keys;
  if (auth::needs_rehash(hash, impl.options.password_cost)) {
    const Secret prepared(auth::prepare_password(password));
    if (auto made = auth::hash_password(prepared.text(), impl.options.password_cost)) hash = *std::move(made);
  }
  const unsigned iterations = impl.options.login.scram_iterations;
  const bool is_cheap = keys && !keys->empty() && parse_scram_keys(*keys).value_or(ScramKeys()).iterations < iterations;
  if (!keys || is_cheap) keys = store::make_scram_text(password, iterations);
  if (hash == row.password_hash && keys == row.scram_keys) return;
  auto done = impl.directory->write([&](sqlite::Connection& db) -> Result<void> {
    auto now = sqlite::load_account_by_id(db, row.id);
    if (!now) return now.error();
    if (now->password_hash != row.password_hash) return Error{Errc::not_found, "the password was changed meanwhile"};
    return sqlite::set_account_password(db, row.id, hash, keys);
  });
  if (done) row.password_hash = hash;
}

}  // namespace

namespace store {

Logins::Logins(const LoginOptions& login_options)
    : options(login_options),
      failures(login_options),
      gate(login_options.password_checks > 0 ? login_options.password_checks
                                             : std::max(2U, std::thread::hardware_concurrency()) - 1),
      verified(login_options.remember_passwords) {}

Logins& logins_of(const Store& store) noexcept { return store.impl()->logins; }

std::optional<std::string> make_scram_text(std::string_view password, unsigned iterations) {
  if (iterations == 0) return std::nullopt;
  if (password.empty()) return std::string();
  auto keys = make_scram_keys(password, iterations);
  return keys ? std::optional(format_scram_keys(*keys)) : std::nullopt;
}

std::optional<Result<Account>> recall(const Store& store, std::string_view login, std::string_view password,
                                      LoginClock::time_point now) {
  auto row = find_login(store, login);
  if (!row || !logins_of(store).verified.knows(row->id, password, row->password_hash, now)) return std::nullopt;
  return admit(store, *row);
}

Result<Account> check(const Store& store, std::string_view login, std::string_view password,
                      LoginClock::time_point now) {
  auto row = find_login(store, login);
  if (!row && row.error().code != Errc::not_found) return row.error();
  const unsigned cost = store.impl()->options.password_cost;
  // An unknown name costs a check as well: time must not tell which names there are.
  const std::string_view hash = row ? std::string_view(row->password_hash) : "";
  const Secret prepared(auth::prepare_password(password));
  bool is_right = auth::check_password(prepared.text(), hash, cost);
  // A hash that came from elsewhere, or from before passwords were prepared. What was typed alone decides whether this
  // is tried.
  if (!is_right && prepared.text() != password) is_right = auth::check_password(password, hash, cost);
  if (!row || !is_right) return Error{Errc::auth_failed, "wrong name or password"};
  if (row->enabled) renew(store, *row, password);
  logins_of(store).verified.add(row->id, password, row->password_hash, now);
  return admit(store, *row);
}

bool all_have_scram_keys(const Store& store) {
  if (store.impl()->options.login.scram_iterations == 0) return false;
  auto all = store.impl()->directory->read([](sqlite::Connection& db) { return sqlite::all_have_scram_keys(db); });
  return all && *all;
}

ScramKeys fake_scram_keys(const Store& store, std::string_view login) {
  const Logins& logins = logins_of(store);
  const unsigned iterations = logins.options.scram_iterations;
  return auth::fake_scram_keys(logins.scram_secret, base::to_lower(base::saslprep(login).value_or(std::string(login))),
                               iterations > 0 ? iterations : kDefaultScramIterations);
}

}  // namespace store

Result<Account> Store::authenticate(std::string_view login, std::string_view password) const {
  const auto now = store::LoginClock::now();
  if (auto known = store::recall(*this, login, password, now)) return *std::move(known);
  return store::check(*this, login, password, now);
}

Result<ScramLogin> Store::scram_login(std::string_view login) const {
  auto row = find_login(*this, login);
  if (!row) return row.error();
  auto keys = row->scram_keys ? parse_scram_keys(*row->scram_keys) : std::nullopt;
  if (!keys) return Error{Errc::not_found, "the account has no SCRAM keys"};
  return ScramLogin{*std::move(keys), store::account_of(impl_, *row), row->enabled};
}

}  // namespace postfach
