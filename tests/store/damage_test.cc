#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include <sys/resource.h>
#include <filesystem>
#include <fstream>

#include "fixture.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

// A store on disk that can be closed and opened again.
struct Disk {
  Fixture scratch;
  std::vector<std::string> events;
  StoreOptions options{.path = scratch.store.options().path + "/s",
                       .password_cost = 1,
                       .observer = [this](const LogRecord& record) { events.emplace_back(record.event); }};
  Store open() const { return Store::open(options).value(); }
  std::string file(int id, const std::string& name) const {
    return options.path + "/accounts/0" + std::to_string(id) + "/" + std::to_string(id) + "/" + name;
  }
};

}  // namespace

TEST_CASE("a damaged database affects its own account alone") {
  Disk disk;
  {
    const Store store = disk.open();
    for (const char* name : {"bad", "good"}) {
      const Account account = store.create_account(name).value();
      for (int i = 0; i < 50; ++i) account.deliver(message_text("x", 2000)).value();
    }
  }
  {
    std::fstream file(disk.file(1, "mail.db"), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(60'000, '\xAA');
  }
  const Store store = disk.open();
  const Account bad = store.account("bad").value();
  CHECK(bad.mailboxes().error().code == Errc::corrupt);
  CHECK(bad.deliver("x").error().code == Errc::corrupt);
  CHECK(bad.usage().error().code == Errc::corrupt);
  CHECK(std::count(disk.events.begin(), disk.events.end(), "account_corrupt") >= 1);
  const Account good = store.account("good").value();
  CHECK(good.deliver("x"));
  CHECK(good.check().value().problems.empty());
}

TEST_CASE("a database that is missing is never made anew") {
  Disk disk;
  disk.open().create_account("bob").value().deliver("x").value();
  for (const char* name : {"mail.db", "mail.db-wal", "mail.db-shm"}) std::filesystem::remove(disk.file(1, name));
  const Store store = disk.open();
  CHECK(store.account("bob").value().deliver("x").error().code == Errc::corrupt);
  CHECK_FALSE(std::filesystem::exists(disk.file(1, "mail.db")));
}

TEST_CASE("files of a newer postfach are refused") {
  Disk disk;
  {
    const Store store = disk.open();
    const Account account = store.create_account("bob").value();
    account.deliver("x").value();
    store.impl()
        ->open_account(account.id())
        .value()
        ->database->write([](sqlite::Connection& db) { return db.run("PRAGMA user_version=99"); })
        .value();
  }
  {
    const Store store = disk.open();
    CHECK(store.account("bob").value().deliver("x").error().code == Errc::newer_schema);
    store.impl()->directory->write([](sqlite::Connection& db) { return db.run("PRAGMA user_version=99"); }).value();
  }
  CHECK(Store::open(disk.options).error().code == Errc::newer_schema);
}

TEST_CASE("the check finds what is wrong") {
  Fixture f;
  f.inbox.append(message_text("x", 100'000)).value();
  f.inbox.append(message_text("x")).value();
  CHECK(f.account.check().value().messages == 2);
  const auto database = f.store.impl()->open_account(f.account.id()).value();
  const auto spoil = [&](sqlite::Sql sql) {
    database->database->write([&](sqlite::Connection& db) { return db.run(sql); }).value();
  };
  spoil("UPDATE mailbox SET unseen = 7 WHERE name = 'INBOX'");
  CHECK(f.problems().size() == 1);
  spoil("UPDATE account SET bytes = 7");
  CHECK(f.problems().size() == 2);
  spoil("UPDATE body SET refs = 2");
  CHECK(f.problems().size() == 4);
  for (const auto& file : std::filesystem::directory_iterator(f.account_directory() + "/large")) {
    std::filesystem::resize_file(file.path(), 10);
  }
  CHECK(f.problems().size() == 5);
  // The size of a large file is not looked at when it is opened; a read notices.
  std::string out;
  CHECK(f.inbox.open(1).value().read(0, 1000, out).error().code == Errc::unavailable);
}

TEST_CASE("a full disk refuses new mail and lets old mail be read and removed") {
  Fixture f;
  for (int i = 0; i < 20; ++i) f.inbox.append(message_text("x", 30'000)).value();
  const auto database = f.store.impl()->open_account(f.account.id()).value();
  database->database->limit_pages(1).value();  // no page beyond those that exist
  Result<Appended> appended = f.inbox.append(message_text("x", 60'000));
  CHECK(appended.error().code == Errc::unavailable);
  CHECK(octets_of(f.inbox, 3) == message_text("x", 30'000));
  CHECK(f.inbox.store(UidSet::all(), {.flags = Flag::seen}));
  CHECK(f.inbox.remove(UidSet::of(1, 10)).value().uids.count() == 10);
  CHECK(f.inbox.append(message_text("x", 60'000)).value().uids == std::vector<Uid>{21});
  database->database->limit_pages(0).value();
  CHECK(f.problems().empty());
}

TEST_CASE("a file that can't be written fails the spool and leaves nothing") {
  Fixture f;
  f.inbox.append("x").value();
  Spool spool = f.account.spool().value();
  spool.write(std::string(70'000, 'x')).value();
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{80'000, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto written = spool.write(std::string(70'000, 'x'));
  const auto again = spool.write("x");
  const auto appended = f.inbox.append({std::move(spool)});
  ::setrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, handler);
  CHECK_FALSE(written);
  CHECK_FALSE(again);
  CHECK_FALSE(appended);
  CHECK(f.inbox.append("x").value().uids == std::vector<Uid>{2});
  CHECK(f.problems().empty());
}
