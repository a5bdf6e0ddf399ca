#include "sqlite/database.h"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "scratch.h"

using namespace postfach;
using namespace postfach::sqlite;

namespace {

constexpr const char* kScripts[] = {"CREATE TABLE t (i INTEGER NOT NULL, s TEXT)"};
constexpr Schema kSchema{"test", kScripts};

std::unique_ptr<Database> open(const Scratch& scratch) {
  return Database::open(scratch.file("a.db"), kSchema, {.create = true, .busy_timeout_ms = 200}).value();
}

std::int64_t count(Database& database) {
  return database.read([](Connection& db) { return db.value("SELECT count(*) FROM t"); }).value().value_or(-1);
}

Result<void> insert(Connection& db, int number) { return db.run("INSERT INTO t VALUES (?1, 'x')", number); }

}  // namespace

TEST_CASE("a job that fails leaves nothing behind, also when it throws") {
  const Scratch scratch;
  const auto database = open(scratch);
  const auto failed = database->write([](Connection& db) -> Result<void> {
    insert(db, 1).value();
    return Error{Errc::over_quota, "no"};
  });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::over_quota);
  CHECK_FALSE(database->write([](Connection& db) -> Result<void> {
    insert(db, 1).value();
    throw std::runtime_error("odd");
  }));
  CHECK(count(*database) == 0);
  CHECK(database->commits() == 0);
}

TEST_CASE("writers that meet share transactions, and one that fails does not harm the others") {
  const Scratch scratch;
  const auto database = open(scratch);
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::atomic<int> waiting{0};
  std::vector<std::thread> threads;
  // The first job holds the queue until all others have had time to come.
  std::thread first([&] {
    database
        ->write([&](Connection& db) -> Result<void> {
          while (waiting < kThreads) std::this_thread::yield();
          std::this_thread::sleep_for(std::chrono::milliseconds(50));
          return insert(db, -1);
        })
        .value();
  });
  std::atomic<int> failures{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      ++waiting;
      for (int i = 0; i < kEach; ++i) {
        const auto done = database->write([&](Connection& db) -> Result<void> {
          insert(db, t * kEach + i).value();
          return i % 5 == 4 ? Result<void>(Error{Errc::limit, "each fifth"}) : Result<void>();
        });
        if (!done) ++failures;
      }
    });
  }
  first.join();
  for (auto& thread : threads) thread.join();
  CHECK(failures == kThreads * kEach / 5);
  CHECK(count(*database) == 1 + kThreads * kEach * 4 / 5);
  CHECK(database->read([](Connection& db) { return db.value("SELECT count(*) FROM t WHERE i % 5 = 4"); }).value() == 0);
  CHECK(database->commits() < 1 + kThreads * kEach * 4 / 5);
}

TEST_CASE("a reader sees one state from its first to its last statement") {
  const Scratch scratch;
  const auto database = open(scratch);
  database
      ->read([&](Connection& db) -> Result<void> {
        CHECK(db.value("SELECT count(*) FROM t").value() == 0);
        database->write([](Connection& writer) { return insert(writer, 1); }).value();
        CHECK(db.value("SELECT count(*) FROM t").value() == 0);
        return {};
      })
      .value();
  CHECK(count(*database) == 1);
}

TEST_CASE("a reader that throws gives its connection back") {
  const Scratch scratch;
  const auto database = open(scratch);
  for (int i = 0; i < 5; ++i) {
    CHECK_THROWS_AS(database->read([](Connection&) -> Result<void> { throw std::runtime_error("odd"); }),
                    std::runtime_error);
  }
  CHECK(count(*database) == 0);
}

TEST_CASE("a full disk refuses writes, keeps reading and recovers") {
  const Scratch scratch;
  const auto database = open(scratch);
  database->write([](Connection& db) { return insert(db, 1); }).value();
  database->limit_pages(4).value();
  const std::string large(100'000, 'x');
  const auto failed = database->write([&](Connection& db) { return db.run("INSERT INTO t VALUES (2, ?1)", large); });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::unavailable);
  CHECK(count(*database) == 1);
  database->write([](Connection& db) { return db.run("DELETE FROM t"); }).value();
  database->limit_pages(0).value();
  database->write([&](Connection& db) { return db.run("INSERT INTO t VALUES (2, ?1)", large); }).value();
  CHECK(count(*database) == 1);
}

TEST_CASE("another process that holds the write lock makes us say in_use, and then go on") {
  const Scratch scratch;
  const auto database = open(scratch);
  auto other = Connection::open(scratch.file("a.db"), {}).value();
  other->run("BEGIN IMMEDIATE").value();
  const auto failed = database->write([](Connection& db) { return insert(db, 1); });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::in_use);
  CHECK(count(*database) == 0);
  other->run("ROLLBACK").value();
  database->write([](Connection& db) { return insert(db, 1); }).value();
  CHECK(count(*database) == 1);
}

TEST_CASE("the write-ahead log does not grow without bound") {
  const Scratch scratch;
  const auto database = open(scratch);
  const std::string large(40'000, 'x');
  for (int i = 0; i < 1000; ++i) {
    database
        ->write(
            [&](Connection& db) { return db.run("INSERT OR REPLACE INTO t (rowid, i, s) VALUES (1, 1, ?1)", large); })
        .value();
    if (i % 10 == 0) CHECK(count(*database) == 1);
  }
  CHECK(base::File::open_for_reading(scratch.file("a.db-wal")).value().size().value() < 8U * 1024 * 1024);
}

TEST_CASE("a newer schema is refused and left alone; an older one is brought up to date") {
  const Scratch scratch;
  open(scratch)->write([](Connection& db) { return insert(db, 1); }).value();
  static constexpr const char* kTwo[] = {kScripts[0], "ALTER TABLE t ADD COLUMN extra INTEGER DEFAULT 7"};
  static constexpr Schema kNewer{"test", kTwo};
  {
    const auto newer = Database::open(scratch.file("a.db"), kNewer, {}).value();
    CHECK(newer->read([](Connection& db) { return db.value("SELECT extra FROM t"); }).value() == 7);
  }
  const auto refused = Database::open(scratch.file("a.db"), kSchema, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::newer_schema);
  CHECK(refused.error().message.find("version 2") != std::string::npos);
}

TEST_CASE("a migration that fails changes nothing") {
  const Scratch scratch;
  open(scratch);
  static constexpr const char* kBroken[] = {kScripts[0], "CREATE TABLE u (i)", "CREATE TABLE t (again)"};
  static constexpr Schema kSchemaBroken{"test", kBroken};
  CHECK_FALSE(Database::open(scratch.file("a.db"), kSchemaBroken, {}));
  const auto database = open(scratch);
  CHECK(database->read([](Connection& db) { return db.value("SELECT count(*) FROM sqlite_schema WHERE name = 'u'"); })
            .value() == 0);
}

TEST_CASE("several may make a database at once") {
  for (int round = 0; round < 30; ++round) {
    const Scratch scratch;
    std::array<Errc, 6> outcomes{};
    std::array<bool, 6> opened{};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < opened.size(); ++i) {
      threads.emplace_back([&, i] {
        const auto database = Database::open(scratch.file("a.db"), kSchema, {.create = true});
        opened[i] = database.has_value();
        if (!database) outcomes[i] = database.error().code;
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t i = 0; i < opened.size(); ++i) {
      CAPTURE(round, i, static_cast<int>(outcomes[i]));
      CHECK(opened[i]);
    }
  }
}
