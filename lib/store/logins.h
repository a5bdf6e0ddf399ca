// What the sessions of a store share to let people in: the parts of Store::authenticate that must not be done in one go,
// because a session never waits for a lock, a delay or its turn.
//
// A login by password goes: recall() if the password was right a short while ago; else failures.wait(), a Place at the
// gate, check() with the Pass in hand; then failures.failed() or succeeded(). A login by SCRAM: failures.wait(),
// scram_login(), and the proof.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "login_failures.h"
#include "password_gate.h"
#include "postfach/auth.h"
#include "postfach/store.h"
#include "verified_passwords.h"

namespace postfach::store {

struct Logins {
  explicit Logins(const LoginOptions& options);

  const LoginOptions options;
  LoginFailures failures;
  PasswordGate gate;
  VerifiedPasswords verified;
  std::string scram_secret = {};  // of directory.db; set when the store is opened
};

Logins& logins_of(const Store& store) noexcept;

// The keys as they are stored. Nothing if none are to be made (iterations 0); empty if the password makes none.
std::optional<std::string> make_scram_text(std::string_view password, unsigned iterations);

// The answer if it costs no hash: a right password that is remembered (also of an account that was disabled since).
std::optional<Result<Account>> recall(const Store& store, std::string_view login, std::string_view password,
                                      LoginClock::time_point now);
// Pays for the hash. Errors: as of Store::authenticate.
Result<Account> check(const Store& store, std::string_view login, std::string_view password,
                      LoginClock::time_point now);

// Whether SCRAM would fail for none of the store's accounts that have a password.
bool all_have_scram_keys(const Store& store);
// What a name that does not exist is answered with.
ScramKeys fake_scram_keys(const Store& store, std::string_view login);

}  // namespace postfach::store
