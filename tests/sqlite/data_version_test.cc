// What is known of a database without a transaction, and when it is known no longer.
#include "sqlite/data_version.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "scratch.h"
#include "sqlite/database.h"

using namespace postfach;
using namespace postfach::sqlite;

namespace {

constexpr const char* kScripts[] = {"CREATE TABLE t (i INTEGER NOT NULL)"};
constexpr Schema kSchema{"test", kScripts};

std::unique_ptr<Database> open(const Scratch& scratch) {
  return Database::open(scratch.file("a.db"), kSchema, {.create = true, .busy_timeout_ms = 200}).value();
}

Result<void> insert(Connection& db) { return db.run("INSERT INTO t VALUES (1)"); }

// Counts the rows; looks counts how often it had to look.
class Counter {
 public:
  explicit Counter(Database& the_database) : database(the_database) {
    // Before the first look nothing is known, nor whether what that finds may be kept.
    for (int i = 0; i < 2; ++i) (*this)();
    looks = 0;
  }

  Database& database;
  Known<std::int64_t> known;
  int looks = 0;

  std::int64_t operator()() {
    const auto look = [&](Connection& db) -> Result<std::int64_t> {
      ++looks;
      auto count = db.value("SELECT count(*) FROM t");
      if (!count) return count.error();
      return count->value_or(-1);
    };
    return database.read_known(known, look).value();
  }
};

}  // namespace

TEST_CASE("what was read is known until somebody commits") {
  const Scratch scratch;
  const auto database = open(scratch);
  const auto other = open(scratch);
  Counter count(*database);
  CHECK(count() == 0);
  CHECK(count.looks == 0);

  SECTION("here") {
    database->write(insert).value();
    CHECK(count() == 1);
  }
  SECTION("through another database object") {
    other->write(insert).value();
    CHECK(count() == 1);
    other->write(insert).value();
    CHECK(count() == 2);
  }
  SECTION("after the log began again") {
    for (int round = 0; round < 3; ++round) {
      other->write([](Connection& db) { return db.run("DELETE FROM t"); }).value();
      Connection::open(scratch.file("a.db"), {}).value()->checkpoint(false);
      CHECK(count() == 0);
      other->write(insert).value();
      CHECK(count() == 1);
      CHECK(count() == 1);
    }
  }
  SECTION("in another process") {
    for (int i = 1; i <= 3; ++i) {
      const pid_t child = ::fork();
      REQUIRE(child >= 0);
      if (child == 0) ::_exit(open(scratch)->write(insert) ? 0 : 1);
      int status = 0;
      REQUIRE(::waitpid(child, &status, 0) == child);
      REQUIRE(status == 0);
      CHECK(count() == i);
    }
  }
}

TEST_CASE("a transaction that fails, or changes nothing, or copies the log, leaves what is known") {
  const Scratch scratch;
  const auto database = open(scratch);
  database->write(insert).value();
  Counter count(*database);
  CHECK_FALSE(database->write([](Connection& db) -> Result<void> {
    insert(db).value();
    return Error{Errc::over_quota, "no"};
  }));
  CHECK(count() == 1);
  database->write([](Connection&) { return Result<void>(); }).value();
  CHECK(count() == 1);
  Connection::open(scratch.file("a.db"), {}).value()->checkpoint(true);
  CHECK(count() == 1);
  CHECK(count.looks == 0);
}

TEST_CASE("what is in a map is known by its key, and not too much of it") {
  const Scratch scratch;
  const auto database = open(scratch);
  database->write(insert).value();
  KnownMap<int, int> known(2);
  int looks = 0;
  const auto ask = [&](int key) {
    return database
        ->read_known(known.at(key),
                     [&](Connection& db) -> Result<int> {
                       ++looks;
                       if (auto count = db.value("SELECT count(*) FROM t"); !count) return count.error();
                       return 10 * key;
                     })
        .value();
  };
  ask(0);
  looks = 0;
  for (int round = 0; round < 3; ++round) {
    CHECK(ask(1) == 10);
    CHECK(ask(2) == 20);
  }
  CHECK(looks <= 3);  // one of them could not be kept beside what was there
  looks = 0;
  for (const int key : {1, 2, 3, 1, 2, 3}) CHECK(ask(key) == 10 * key);
  CHECK(looks > 2);
  ask(1);
  looks = 0;
  database->write(insert).value();
  CHECK(ask(1) == 10);
  CHECK(looks == 1);
}

TEST_CASE("a job that is alone is told what it has left, and the next one finds it") {
  const Scratch scratch;
  const auto database = open(scratch);
  const auto other = open(scratch);
  std::optional<DataVersion> found;
  std::optional<DataVersion> left;
  const auto write = [&](bool changes) {
    found.reset();
    left.reset();
    database
        ->write(
            [&](Connection& db) -> Result<void> {
              found = db.found();
              return changes ? insert(db) : Result<void>();
            },
            [&](const std::optional<DataVersion>& version) { left = version; })
        .value();
  };
  write(true);
  REQUIRE(found);
  REQUIRE(left);
  CHECK(left != found);
  const auto before = left;
  write(true);
  CHECK(found == before);
  CHECK(left->is_next_of(*found));
  write(false);
  CHECK_FALSE(left);  // nothing was committed
  const auto last = found;
  other->write(insert).value();
  write(true);
  CHECK(found);
  CHECK(found != last);
}

TEST_CASE(
    "of the jobs of one transaction each finds what the one before it has left, and the last one leaves it to all") {
  const Scratch scratch;
  const auto database = open(scratch);
  database->write(insert).value();
  constexpr int kThreads = 6;
  std::atomic<bool> is_begun{false};
  std::atomic<int> coming{0};
  std::thread first([&] {
    database
        ->write([&](Connection& db) -> Result<void> {
          is_begun = true;
          while (coming < kThreads) std::this_thread::yield();
          std::this_thread::sleep_for(std::chrono::milliseconds(100));  // for the last steps to the queue
          return insert(db);
        })
        .value();
  });
  std::vector<std::optional<DataVersion>> states;  // what each found, and what that one leaves
  std::vector<int> order;
  std::vector<bool> leaves;
  std::vector<std::thread> threads;
  while (!is_begun) std::this_thread::yield();
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      ++coming;
      const auto done = database->write(
          [&, i](Connection& db) -> Result<void> {
            states.push_back(db.found());
            states.push_back(db.leaves());
            order.push_back(i);
            if (i == 3) return Error{Errc::over_quota, "no"};
            return insert(db);
          },
          [&](const std::optional<DataVersion>& version) { leaves.push_back(version.has_value()); });
      if (done.has_value() != (i != 3)) order.clear();
    });
  }
  for (std::thread& thread : threads) thread.join();
  first.join();
  REQUIRE(order.size() == kThreads);
  REQUIRE(leaves.size() == kThreads - 1);
  CHECK(leaves.back());
  if (database->commits() == 3) {  // else they were not joined this time
    for (const auto& state : states) REQUIRE(state);
    for (std::size_t at = 0; at + 1 < order.size(); ++at) {
      CHECK(states[2 * at] != states[2 * at + 1]);
      // One that fails leaves what it has found.
      CHECK(states[2 * at + 2] == states[order[at] == 3 ? 2 * at : 2 * at + 1]);
    }
    for (std::size_t at = 0; at + 1 < leaves.size(); ++at) CHECK_FALSE(leaves[at]);
  }
}

TEST_CASE("a version is none if it is half of one") {
  alignas(4) std::array<std::uint32_t, 24> index{};
  CHECK_FALSE(DataVersion::of(nullptr, 0));
  CHECK_FALSE(DataVersion::of(index.data(), 0));
  for (const std::size_t copy : {0U, 12U}) {
    index[copy] = 3'007'000;
    index[copy + 2] = 7;
    index[copy + 3] = 0x01010101;
  }
  const auto version = DataVersion::of(index.data(), 0);
  REQUIRE(version);
  CHECK(DataVersion::of(index.data(), 0) == version);
  CHECK(DataVersion::of(index.data(), 1) != version);
  index[12 + 4] = 1;  // the copy is written first
  CHECK_FALSE(DataVersion::of(index.data(), 0));
  index[4] = 1;
  CHECK(DataVersion::of(index.data(), 0));
  CHECK(DataVersion::of(index.data(), 0) != version);
  index[3] = index[12 + 3] = 0;
  CHECK_FALSE(DataVersion::of(index.data(), 0));
}
