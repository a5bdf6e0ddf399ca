// Logging in: hashes, keys, what is remembered, and who waits.
#include "store/logins.h"

#include <catch2/catch.hpp>

#include "auth/password.h"
#include "fixture.h"
#include "sqlite/directory.h"
#include "store/store_impl.h"

using namespace postfach;
using namespace std::chrono_literals;

namespace {

constexpr const char* kAlice = "alice@example.org";
const std::string kMd5 = "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1";  // of "secret"

sqlite::DirectoryRow row_of(const Store& store, std::string_view name) {
  return store.impl()
      ->directory
      ->read([&](sqlite::Connection& db) { return sqlite::find_account(db, name, sqlite::IdentityKind::any); })
      .value();
}

using Clock = store::LoginClock;
const Clock::time_point kNow = Clock::time_point() + 1000h;

bool recalls(const Store& store, std::string_view name, std::string_view password, Clock::time_point now = kNow) {
  return store::recall(store, name, password, now).has_value();
}

}  // namespace

TEST_CASE("SCRAM keys are made with each password") {
  Fixture f;
  const auto keys = [&] { return parse_scram_keys(row_of(f.store, kAlice).scram_keys.value()).value(); };
  const ScramKeys first = keys();
  CHECK(first.iterations == kDefaultScramIterations);
  CHECK(f.store.scram_login(kAlice).value().keys.stored_key == first.stored_key);
  CHECK(f.store.scram_login(kAlice).value().account.id() == f.account.id());
  f.store.set_password(kAlice, "other").value();
  CHECK(keys().stored_key != first.stored_key);
  CHECK(keys().salt != first.salt);
  CHECK(f.store.scram_login("nobody").error().code == Errc::not_found);
  f.store.set_enabled(kAlice, false).value();
  CHECK_FALSE(f.store.scram_login(kAlice).value().is_enabled);
  CHECK(store::all_have_scram_keys(f.store));
  f.store.create_account("empty", {.password = ""}).value();  // a password that no SCRAM client can have
  CHECK(f.store.scram_login("empty").error().code == Errc::not_found);
  CHECK(store::all_have_scram_keys(f.store));
}

TEST_CASE("where keys are missing or weak, the first right password makes them") {
  Fixture f;
  f.store.set_password_hash(kAlice, kMd5).value();
  CHECK(f.store.scram_login(kAlice).error().code == Errc::not_found);
  CHECK_FALSE(store::all_have_scram_keys(f.store));
  CHECK_FALSE(f.store.authenticate(kAlice, "wrong"));
  CHECK_FALSE(row_of(f.store, kAlice).scram_keys);
  f.store.authenticate(kAlice, "secret").value();
  CHECK(f.store.scram_login(kAlice));
  CHECK(store::all_have_scram_keys(f.store));

  const std::string weak = format_scram_keys(make_scram_keys("secret", 4096).value());
  f.store.impl()
      ->directory
      ->write([&](sqlite::Connection& db) {
        return sqlite::set_account_password(db, f.account.id(), row_of(f.store, kAlice).password_hash, weak);
      })
      .value();
  store::check(f.store, kAlice, "secret", kNow).value();
  CHECK(f.store.scram_login(kAlice).value().keys.iterations == kDefaultScramIterations);
}

TEST_CASE("a store that makes no keys, and one whose options make no sense") {
  Fixture f({.login = {.scram_iterations = 0}});
  f.store.authenticate(kAlice, "secret").value();
  CHECK_FALSE(row_of(f.store, kAlice).scram_keys);
  CHECK_FALSE(store::all_have_scram_keys(f.store));
  CHECK(Store::open_temporary({.login = {.scram_iterations = 100}}).error().code == Errc::invalid_argument);
}

TEST_CASE("passwords that look the same are the same, and hashes from before are still good") {
  Fixture f;
  f.store.set_password(kAlice, "gr\u00FC\u00DFe").value();
  CHECK(f.store.authenticate(kAlice, "gru\u0308\u00DFe"));
  f.store.set_password(kAlice, "gru\u0308\u00DFe").value();
  CHECK(f.store.authenticate(kAlice, "gr\u00FC\u00DFe"));
  f.store.set_password_hash(kAlice, auth::hash_password("u\u0308", 1).value()).value();  // as it was typed
  CHECK(f.store.authenticate(kAlice, "u\u0308"));
}

TEST_CASE("a right password is remembered; nothing else is") {
  Fixture f;
  CHECK_FALSE(recalls(f.store, kAlice, "secret"));
  CHECK_FALSE(store::check(f.store, kAlice, "wrong", kNow));
  CHECK_FALSE(recalls(f.store, kAlice, "wrong"));
  store::check(f.store, kAlice, "secret", kNow).value();
  CHECK(recalls(f.store, kAlice, "secret"));
  CHECK(recalls(f.store, "ALICE@example.org", "secret"));
  CHECK_FALSE(recalls(f.store, kAlice, "wrong"));
  CHECK_FALSE(recalls(f.store, kAlice, "secret "));
  CHECK_FALSE(recalls(f.store, "nobody", "secret"));
  CHECK(recalls(f.store, kAlice, "secret", kNow + 59min));
  CHECK_FALSE(recalls(f.store, kAlice, "secret", kNow + 61min));
}

TEST_CASE("what is remembered of one account is of no use for another") {
  Fixture f;
  f.store.create_account("bob", {.password = "secret"}).value();
  store::check(f.store, kAlice, "secret", kNow).value();
  CHECK_FALSE(recalls(f.store, "bob", "secret"));
  // Not even with the very same hash.
  f.store.set_password_hash(kAlice, kMd5).value();
  f.store.set_password_hash("bob", kMd5).value();
  f.store.impl()->logins.verified.add(f.account.id(), "secret", kMd5, kNow);
  CHECK(recalls(f.store, kAlice, "secret"));
  CHECK_FALSE(recalls(f.store, "bob", "secret"));
}

TEST_CASE("a password that was changed and an account that was disabled count at once") {
  Fixture f;
  store::check(f.store, kAlice, "secret", kNow).value();
  f.store.set_enabled(kAlice, false).value();
  CHECK(store::recall(f.store, kAlice, "secret", kNow).value().error().code == Errc::not_permitted);
  f.store.set_enabled(kAlice, true).value();
  CHECK(recalls(f.store, kAlice, "secret"));
  f.store.set_password(kAlice, "other").value();
  CHECK_FALSE(recalls(f.store, kAlice, "secret"));
  CHECK(f.store.authenticate(kAlice, "secret").error().code == Errc::auth_failed);
  f.store.set_password(kAlice, "secret").value();  // the same again, with another salt
  CHECK_FALSE(recalls(f.store, kAlice, "secret"));
  f.store.remove_account(kAlice).value();
  CHECK_FALSE(recalls(f.store, kAlice, "secret"));
}

TEST_CASE("a store that remembers nothing") {
  Fixture f({.login = {.remember_passwords = 0s}});
  store::check(f.store, kAlice, "secret", kNow).value();
  CHECK_FALSE(recalls(f.store, kAlice, "secret"));
}

TEST_CASE("the salts of names that do not exist outlive a restart") {
  Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/second", .password_cost = 1};
  std::string salt;
  {
    const Store store = Store::open(options).value();
    salt = store::fake_scram_keys(store, "nobody").salt;
    CHECK(salt == store::fake_scram_keys(store, "NoBody").salt);
  }
  CHECK(store::fake_scram_keys(Store::open(options).value(), "nobody").salt == salt);
  CHECK(store::fake_scram_keys(scratch.store, "nobody").salt != salt);
}

TEST_CASE("addresses are counted as customers have them") {
  using store::is_loopback;
  using store::login_address_key;
  CHECK(login_address_key("192.0.2.1") == login_address_key("::ffff:192.0.2.1"));
  CHECK(login_address_key("192.0.2.1") != login_address_key("192.0.2.2"));
  CHECK(login_address_key("2001:db8::1") == login_address_key("2001:db8::ffff:2"));
  CHECK(login_address_key("2001:db8::1") != login_address_key("2001:db8:0:1::1"));
  CHECK(login_address_key("fe80::1%eth0") == login_address_key("fe80::2"));
  CHECK(login_address_key("") != login_address_key("somewhere"));
  for (const char* here : {"127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"}) CHECK(is_loopback(here));
  for (const char* away : {"128.0.0.1", "::2", "::", "localhost", ""}) CHECK_FALSE(is_loopback(away));
}

TEST_CASE("wrong passwords are forgiven, then waited for, then forgotten") {
  store::LoginFailures failures(LoginOptions{});
  Clock::time_point now = kNow;
  int number = 0;
  const auto guess = [&](const char* remote, const char* name) {
    failures.failed(remote, name, "guess" + std::to_string(++number), now);
  };
  for (int i = 0; i < 5; ++i) guess("192.0.2.1", "alice");
  CHECK(failures.wait("192.0.2.1", "alice", now) == 0s);
  guess("192.0.2.1", "alice");
  CHECK(failures.wait("192.0.2.1", "alice", now) == 1s);
  CHECK(failures.wait("192.0.2.1", "bob", now) == 1s);       // the address
  CHECK(failures.wait("198.51.100.1", "Alice", now) == 1s);  // the name
  CHECK(failures.wait("198.51.100.1", "bob", now) == 0s);
  guess("192.0.2.1", "bob");
  CHECK(failures.wait("192.0.2.1", "bob", now) == 2s);
  CHECK(failures.wait("192.0.2.1", "carol", now) == 2s);
  CHECK(failures.wait("198.51.100.1", "bob", now) == 0s);
  for (int i = 0; i < 100; ++i) guess("192.0.2.1", "carol");
  CHECK(failures.wait("192.0.2.1", "carol", now) == 15s);
  now += 15min;
  CHECK(failures.wait("198.51.100.1", "alice", now) == 0s);
  CHECK(failures.wait("192.0.2.1", "carol", now) == 15s);
  now += 24h;
  CHECK(failures.wait("192.0.2.1", "carol", now) == 0s);
}

TEST_CASE("a device that was not told of a new password is no attack") {
  store::LoginFailures failures(LoginOptions{});
  for (int i = 0; i < 1000; ++i) failures.failed("192.0.2.1", "alice", "old password", kNow);
  CHECK(failures.wait("192.0.2.1", "alice", kNow) == 0s);
  CHECK(failures.wait("192.0.2.1", "bob", kNow) == 0s);
}

TEST_CASE("webmail on this machine is not slowed down as a whole") {
  for (const bool exempt : {true, false}) {
    LoginOptions options;
    options.exempt_loopback = exempt;
    store::LoginFailures failures(options);
    for (int i = 0; i < 100; ++i) failures.failed("127.0.0.1", "alice", std::to_string(i), kNow);
    CHECK(failures.wait("127.0.0.1", "alice", kNow) == 15s);
    CHECK((failures.wait("127.0.0.1", "bob", kNow) == 0s) == exempt);
  }
}

TEST_CASE("who logged in from an address before does not wait there, unless the address guesses") {
  store::LoginFailures failures(LoginOptions{});
  failures.succeeded("192.0.2.1", "alice", kNow);
  const auto flood = [&](const char* remote, const char* name, int times) {
    for (int i = 0; i < times; ++i) failures.failed(remote, name, name + std::to_string(i), kNow);
  };
  flood("192.0.2.1", "bob", 100);       // others at the same address
  flood("198.51.100.1", "alice", 100);  // others who want the name
  CHECK(failures.wait("192.0.2.1", "alice", kNow) == 0s);
  CHECK(failures.wait("192.0.2.1", "alice", kNow + 24h * 30) == 0s);
  CHECK(failures.wait("192.0.2.2", "alice", kNow) == 15s);
  for (int i = 0; i < 10; ++i) failures.failed("192.0.2.1", "alice", "x" + std::to_string(i), kNow);
  CHECK(failures.wait("192.0.2.1", "alice", kNow) == 15s);
  failures.succeeded("192.0.2.1", "alice", kNow);
  CHECK(failures.wait("192.0.2.1", "alice", kNow) == 0s);
}

TEST_CASE("nobody waits if the host does not want it") {
  LoginOptions options;
  options.longest_wait = 0s;
  store::LoginFailures failures(options);
  for (int i = 0; i < 100; ++i) failures.failed("192.0.2.1", "alice", std::to_string(i), kNow);
  CHECK(failures.wait("192.0.2.1", "alice", kNow) == 0s);
}

TEST_CASE("a map that forgets what was not used for the longest time") {
  store::RecentMap<int, int> map(3);
  for (int i = 1; i <= 3; ++i) map.put(i) = i * 10;
  REQUIRE(map.find(1) != nullptr);
  map.put(4) = 40;
  CHECK(map.size() == 3);
  CHECK(map.find(2) == nullptr);
  CHECK(*map.find(1) == 10);
  map.put(1) = 11;
  CHECK(*map.find(1) == 11);
  map.erase(3);
  map.erase(99);
  CHECK(map.size() == 2);
  for (int i = 0; i < 1000; ++i) map.put(i);
  CHECK(map.size() == 3);
}
