#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <thread>

#include "fixture.h"
#include "store/store_impl.h"

using namespace postfach;

TEST_CASE("eight threads on one account: nothing is lost, nothing is counted twice") {
  Fixture f;
  const Mailbox other = f.account.mailbox("Archive").value();
  constexpr int kThreads = 8;
  constexpr int kRounds = 40;
  std::atomic<std::uint64_t> added{0};
  std::atomic<std::uint64_t> removed{0};
  std::atomic<int> errors{0};
  std::atomic<std::uint64_t> writes{0};
  const auto database = f.store.impl()->open_account(f.account.id()).value();
  const std::uint64_t commits_before = database->database->commits();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      Uid last = 0;
      for (int i = 0; i < kRounds; ++i) {
        const auto appended = f.inbox.append(message_text("x", i % 10 == 0 ? 70'000 : 100));
        ++writes;
        if (!appended || appended->uids[0] <= last) {
          ++errors;
          continue;
        }
        last = appended->uids[0];
        ++added;
        const UidSet mine = UidSet::of(last, last);
        switch (random() % 5) {
          case 0:
            if (f.inbox.remove(mine).value().uids.count() == 1) ++removed;
            ++writes;
            break;
          case 1:
            added += f.inbox.copy(mine, other).value().source.count();
            ++writes;
            break;
          case 2:
            (void)f.inbox.move(mine, other).value();
            ++writes;
            break;
          case 3:
            (void)f.inbox.store(mine, {.flags = Flag::seen | Flag::flagged, .keywords = {"k"}}).value();
            ++writes;
            break;
          default:
            if (octets_of(f.inbox, last).size() < 100) ++errors;
            (void)f.inbox.snapshot(false).value();
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(errors == 0);
  CHECK(f.account.usage().value().messages == added - removed);
  CHECK(f.inbox.status().value().uid_next == kThreads * kRounds + 1);
  CHECK(f.problems().empty());
  // Writers that waited for the same fsync shared it.
  CHECK(database->database->commits() - commits_before < writes);
}

TEST_CASE("at the edge of a quota exactly as many messages fit as may, whoever comes first") {
  Fixture f;
  f.account.set_quota({.messages = 50}).value();
  std::atomic<int> stored{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) {
        const auto done = f.inbox.append("x");
        if (done) ++stored;
        if (!done && done.error().code == Errc::over_quota) ++refused;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(stored == 50);
  CHECK(refused == 30);
  CHECK(f.account.usage().value().messages == 50);
}

TEST_CASE("many accounts, few open at once, many threads") {
  Fixture f({.open_accounts = 2});
  std::vector<Account> accounts;
  for (int i = 0; i < 5; ++i) accounts.push_back(f.store.create_account("u" + std::to_string(i)).value());
  std::atomic<int> errors{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        if (!accounts[static_cast<std::size_t>(t + i) % 5].deliver("x")) ++errors;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(errors == 0);
  std::uint64_t total = 0;
  for (const Account& account : accounts) total += account.usage().value().messages;
  CHECK(total == 150);
}
