#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>

#include "fixture.h"
#include "sqlite/directory.h"
#include "store/store_impl.h"

using namespace postfach;

TEST_CASE("an account is found by name, login and address, whatever the case") {
  Fixture f;
  f.store.add_login("alice@example.org", "web1").value();
  f.store.add_address("alice@example.org", "info@example.org").value();
  for (const char* name : {"ALICE@example.org", "Web1", "info@EXAMPLE.org"}) {
    CHECK(f.store.account(name).value().id() == f.account.id());
  }
  CHECK(f.store.account_for_address("info@example.org").value().id() == f.account.id());
  CHECK(f.store.account_for_address("web1").error().code == Errc::not_found);
  CHECK(f.store.create_account("WEB1").error().code == Errc::already_exists);
  const auto infos = f.store.accounts().value();
  REQUIRE(infos.size() == 1);
  CHECK(infos[0].logins == std::vector<std::string>{"web1"});
  CHECK(infos[0].addresses == std::vector<std::string>{"info@example.org"});
  f.store.remove_login("web1", "web1").value();
  CHECK(f.store.account("web1").error().code == Errc::not_found);
  CHECK(f.store.remove_address("alice@example.org", "web1").error().code == Errc::not_found);
}

TEST_CASE("account names that are refused; a failed creation leaves nothing") {
  Fixture f;
  for (const std::string& name : {std::string(), std::string(256, 'a'), std::string("a\n"), std::string("\xFF")}) {
    CHECK(f.store.create_account(name).error().code == Errc::invalid_argument);
  }
  CHECK(f.store.create_account("bob", {.logins = {"alice@example.org"}}).error().code == Errc::already_exists);
  CHECK(f.store.create_account("bob", {.mailboxes = {{{"a//b"}}}}).error().code == Errc::invalid_argument);
  CHECK(f.store.create_account("bob", {.password_hash = "nonsense"}).error().code == Errc::invalid_argument);
  CHECK(f.store.account("bob").error().code == Errc::not_found);
  CHECK(f.store.create_account("bob").value().deliver("a: b\r\n\r\n").value().uids == std::vector<Uid>{1});
}

TEST_CASE("logging in") {
  Fixture f;
  CHECK(f.store.authenticate("alice@example.org", "secret").value().id() == f.account.id());
  CHECK(f.store.authenticate("alice@example.org", "wrong").error().code == Errc::auth_failed);
  CHECK(f.store.authenticate("nobody", "secret").error().code == Errc::auth_failed);
  f.store.add_address("alice@example.org", "only-mail@example.org").value();
  CHECK(f.store.authenticate("only-mail@example.org", "secret").error().code == Errc::auth_failed);
  f.store.set_enabled("alice@example.org", false).value();
  CHECK(f.store.authenticate("alice@example.org", "wrong").error().code == Errc::auth_failed);
  CHECK(f.store.authenticate("alice@example.org", "secret").error().code == Errc::not_permitted);
  CHECK(f.account.deliver("a: b\r\n\r\n"));
  f.store.set_enabled("alice@example.org", true).value();
  f.store.set_password("alice@example.org", "other").value();
  CHECK(f.store.authenticate("alice@example.org", "secret").error().code == Errc::auth_failed);
  CHECK(f.store.authenticate("alice@example.org", "other"));
  CHECK(f.store.set_password("nobody", "x").error().code == Errc::not_found);
  f.store.create_account("nopass").value();
  CHECK(f.store.authenticate("nopass", "").error().code == Errc::auth_failed);
}

TEST_CASE("an old hash is replaced at the first login, and the password stays") {
  Fixture f;
  const std::string old = "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1";  // MD5 of "secret"
  f.store.set_password_hash("alice@example.org", old).value();
  const auto hash = [&] {
    return f.store.impl()
        ->directory
        ->read([](sqlite::Connection& db) {
          return sqlite::find_account(db, "alice@example.org", sqlite::IdentityKind::login);
        })
        .value()
        .password_hash;
  };
  CHECK(f.store.authenticate("alice@example.org", "wrong").error().code == Errc::auth_failed);
  CHECK(hash() == old);
  CHECK(f.store.authenticate("alice@example.org", "secret"));
  CHECK(hash().starts_with("$y$"));
  CHECK(f.store.authenticate("alice@example.org", "secret"));
  CHECK(f.store.authenticate("alice@example.org", "wrong").error().code == Errc::auth_failed);
}

TEST_CASE("a removed account is gone, and a new one of the name repeats nothing") {
  Fixture f;
  f.inbox.append("a: b\r\n\r\n").value();
  const std::string uidl = uidl_of(f.inbox, 1);
  const std::string directory = f.account_directory();
  f.store.remove_account("alice@example.org").value();
  CHECK_FALSE(std::filesystem::exists(directory));
  CHECK(f.account.usage().error().code == Errc::not_found);
  CHECK(f.inbox.append("a: b\r\n\r\n").error().code == Errc::not_found);
  CHECK(f.store.remove_account("alice@example.org").error().code == Errc::not_found);
  const Account again = f.store.create_account("alice@example.org").value();
  CHECK(again.id() != f.account.id());
  const Mailbox inbox = again.mailbox("INBOX").value();
  inbox.append("a: b\r\n\r\n").value();
  CHECK(uidl_of(inbox, 1) != uidl);
}

TEST_CASE("the store can be closed and opened again; leftovers go") {
  Fixture scratch;
  const std::string path = scratch.store.options().path + "/second";
  const StoreOptions options{.path = path, .password_cost = 1};
  StoreOptions no_create = options;
  no_create.create = false;
  CHECK(Store::open(no_create).error().code == Errc::not_found);
  {
    const auto store = Store::open(options).value();
    store.create_account("bob").value().deliver("a: b\r\n\r\n").value();
  }
  std::filesystem::create_directories(path + "/accounts/63/99/large");
  std::filesystem::create_directories(path + "/accounts/01/removed-0123");
  const auto store = Store::open(no_create).value();
  CHECK(octets_of(store.account("bob").value().mailbox("inbox").value(), 1) == "a: b\r\n\r\n");
  CHECK_FALSE(std::filesystem::exists(path + "/accounts/63/99"));
  CHECK_FALSE(std::filesystem::exists(path + "/accounts/01/removed-0123"));
}

TEST_CASE("a temporary store goes with its last handle, whichever that is") {
  std::string path;
  {
    std::optional<Body> body;
    {
      Fixture f;
      path = f.store.options().path;
      f.inbox.append(message_text("x", 100'000)).value();
      body = f.inbox.open(1).value();
    }
    CHECK(std::filesystem::exists(path));
    std::string out;
    CHECK(body->read(0, 100, out).value() == 100);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("more accounts than may be open at once") {
  Fixture f({.open_accounts = 2});
  std::vector<Account> accounts;
  for (int i = 0; i < 6; ++i) accounts.push_back(f.store.create_account("u" + std::to_string(i)).value());
  for (int round = 0; round < 3; ++round) {
    for (const Account& account : accounts) account.deliver("a: b\r\n\r\n").value();
  }
  for (const Account& account : accounts) CHECK(account.usage().value().messages == 3);
}

TEST_CASE("the observer hears of accounts") {
  std::mutex mutex;
  std::vector<std::string> events;
  Fixture f({.observer = [&](const LogRecord& record) {
    const std::lock_guard lock(mutex);
    events.push_back(std::string(record.event) + " " + std::string(record.account));
  }});
  f.store.remove_account("alice@example.org").value();
  CHECK(events == std::vector<std::string>{"account_created alice@example.org", "account_removed alice@example.org"});
}

TEST_CASE("one maildrop, one session") {
  Fixture f;
  {
    const auto lease = f.account.lease_maildrop().value();
    CHECK(f.account.lease_maildrop().error().code == Errc::in_use);
    CHECK(f.store.create_account("bob").value().lease_maildrop());
  }
  CHECK(f.account.lease_maildrop());
}
