// The log of recent flag changes: changes_since() says the same with it and without it.
#include "store/recent_changes.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <thread>

#include "fixture.h"
#include "store/store_impl.h"

using namespace postfach;
using store::FlagsChanged;
using store::RecentChanges;

namespace {

constexpr MailboxId kInbox{1};
constexpr MailboxId kSent{2};

bool same(const Changes& a, const Changes& b) {
  return a.modseq == b.modseq && a.uid_next == b.uid_next && a.added == b.added && a.changed == b.changed &&
         a.vanished == b.vanished && a.log_complete == b.log_complete;
}

}  // namespace

TEST_CASE("the log of recent changes answers for what it has seen without a gap") {
  RecentChanges log;
  CHECK_FALSE(log.changed(kInbox, 0, 1));
  log.record(10, 11, {{kInbox, 11, UidSet::of(1, 2)}});
  log.record(11, 12, {{kSent, 12, UidSet::of(9, 9)}});
  log.record(12, 13, {});
  log.record(13, 14, {{kInbox, 14, UidSet::of(2, 5)}});

  CHECK(log.changed(kInbox, 10, 14) == UidSet::of(1, 5));
  CHECK(log.changed(kInbox, 11, 14) == UidSet::of(2, 5));
  CHECK(log.changed(kSent, 10, 12) == UidSet::of(9, 9));
  CHECK_FALSE(log.changed(kInbox, 9, 14));                 // further back than it reaches
  CHECK_FALSE(log.changed(kInbox, 10, 15));                // the snapshot is newer
  CHECK(log.changed(kInbox, 10, 11) == UidSet::of(1, 2));  // or older
  CHECK_FALSE(log.changed(kInbox, 10, 13));                // a change that nobody told of

  SECTION("another process has written") {
    log.record(15, 16, {{kInbox, 16, UidSet::of(7, 7)}});
    CHECK_FALSE(log.changed(kInbox, 14, 16));
    CHECK(log.changed(kInbox, 15, 16) == UidSet::of(7, 7));
  }
  SECTION("a transaction that changed no flags, and began the log anew") {
    log.record(20, 21, {});
    CHECK_FALSE(log.changed(kInbox, 20, 14));
    CHECK_FALSE(log.changed(kInbox, 14, 20));
  }
}

TEST_CASE("the log of recent changes keeps the last ones, and no more than there is room for") {
  RecentChanges log;
  for (ModSeq modseq = 1; modseq <= 10'000; ++modseq) {
    log.record(modseq - 1, modseq, {{kInbox, modseq, UidSet::of(static_cast<Uid>(modseq), static_cast<Uid>(modseq))}});
  }
  CHECK(log.changed(kInbox, 9'900, 10'000) == UidSet::of(9'901, 10'000));
  CHECK_FALSE(log.changed(kInbox, 10'000 - RecentChanges::kMostRanges, 10'000));

  UidSet scattered;
  for (Uid uid = 1; uid < 4 * RecentChanges::kMostRanges; uid += 2) scattered.add(uid);
  log.record(10'000, 10'001, {{kInbox, 10'001, scattered}});
  log.record(10'001, 10'002, {{kInbox, 10'002, UidSet::of(1, 1)}});
  CHECK_FALSE(log.changed(kInbox, 10'000, 10'002));
  CHECK(log.changed(kInbox, 10'001, 10'002) == UidSet::of(1, 1));
}

// The other store has its own log, which knows only its own changes and mostly nothing: it looks at all rows.
TEST_CASE("changes since any MODSEQ are the same from memory and from the tables") {
  const auto seed = GENERATE(range(1U, 9U));
  CAPTURE(seed);
  std::mt19937 random(seed);
  Fixture f;
  const Mailbox sent = f.account.mailbox("Sent").value();
  const Store other = Store::open({.path = f.store.options().path, .password_cost = 1}).value();
  const Mailbox theirs = other.account("alice@example.org").value().mailbox("INBOX").value();
  struct Known {
    ModSeq modseq;
    Uid uid_next;
  };
  std::vector<Known> known;
  for (int round = 0; round < 150; ++round) {
    const Mailbox& inbox = seed % 2 == 0 && random() % 12 == 0 ? theirs : f.inbox;
    const auto status = f.inbox.status().value();
    known.push_back({status.highest_modseq, status.uid_next});
    const Uid first = static_cast<Uid>(random() % status.uid_next + 1);
    const UidSet some = UidSet::of(first, first + static_cast<Uid>(random() % 5));
    switch (random() % 8) {
      case 0:
      case 1:
        inbox.append(message_text("m")).value();
        break;
      case 2:
        inbox.remove(some).value();
        break;
      case 3:
        f.inbox.move(some, random() % 2 == 0 ? sent : f.inbox).value();
        break;
      case 4:
        sent.store(UidSet::all(), {.change = FlagChange::set, .flags = random() % 2 == 0 ? Flag::seen : Flag::draft})
            .value();
        break;
      default:
        inbox
            .store(some, {.change = random() % 2 == 0 ? FlagChange::add : FlagChange::remove,
                          .flags = random() % 2 == 0 ? Flag::seen : Flag::flagged})
            .value();
    }
    for (int i = 0; i < 4; ++i) {
      const Known& modseq = known[random() % known.size()];
      const Known& uid_next = i < 2 ? modseq : known[random() % known.size()];
      const auto here = f.inbox.changes_since(modseq.modseq, uid_next.uid_next).value();
      const auto there = theirs.changes_since(modseq.modseq, uid_next.uid_next).value();
      CAPTURE(round, modseq.modseq, uid_next.uid_next, here.changed.to_string(), there.changed.to_string());
      REQUIRE(same(here, there));
    }
  }
  // The comparison above was one of two ways: this store answered from memory.
  const auto status = f.inbox.status().value();
  f.inbox.append(message_text("last")).value();
  const auto before = f.inbox.status().value();
  f.inbox.store(UidSet::of(before.uid_next - 1, before.uid_next - 1), {.flags = Flag::answered}).value();
  const auto after = f.inbox.status().value();
  const auto database = f.store.impl()->open_account(f.account.id()).value();
  CHECK(database->recent.changed(f.inbox.id(), status.highest_modseq, after.highest_modseq) ==
        UidSet::of(before.uid_next - 1, before.uid_next - 1));
}

TEST_CASE("an account that was opened anew has an empty log, and the changes are right all the same") {
  Fixture f({.open_accounts = 1});
  for (int i = 0; i < 5; ++i) f.inbox.append(message_text("m")).value();
  const auto known = f.inbox.status().value();
  f.inbox.store(UidSet::of(2, 2), {.flags = Flag::seen}).value();
  f.store.create_account("bob").value().deliver("x").value();  // alice's database is closed
  f.inbox.store(UidSet::of(4, 4), {.flags = Flag::seen}).value();
  UidSet expected = UidSet::of(2, 2);
  expected.add(4);
  CHECK(f.inbox.changes_since(known.highest_modseq, known.uid_next).value().changed == expected);
}

// Each follower keeps the flags of all messages as it learns them; in the end it knows what the tables hold.
TEST_CASE("who follows the changes while others write misses none") {
  Fixture f;
  constexpr Uid kMessages = 60;
  for (Uid i = 0; i < kMessages; ++i) f.inbox.append(message_text("m")).value();
  const auto start = f.inbox.status().value();
  std::atomic<int> writers{3};
  std::atomic<int> errors{0};

  struct Follower {
    ModSeq modseq;
    std::set<Uid> seen = {};
  };
  const auto follow = [&](Follower& follower) {
    const auto changes = f.inbox.changes_since(follower.modseq, start.uid_next);
    if (!changes || changes->modseq < follower.modseq) {
      ++errors;
      return;
    }
    follower.modseq = changes->modseq;
    for (const UidRange& range : changes->changed.ranges()) {
      for (Uid uid = range.first; uid <= range.last; ++uid) {
        // As it is now: what happens later is told by the next call.
        if (flags_of(f.inbox, uid).has(Flag::seen)) {
          follower.seen.insert(uid);
        } else {
          follower.seen.erase(uid);
        }
      }
    }
  };
  std::vector<Follower> followers(3, Follower{start.highest_modseq});
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; i < 60; ++i) {
        const Uid first = static_cast<Uid>(random() % kMessages + 1);
        const auto stored =
            f.inbox.store(UidSet::of(first, first + static_cast<Uid>(random() % 3)),
                          {.change = random() % 2 == 0 ? FlagChange::add : FlagChange::remove, .flags = Flag::seen});
        if (!stored) ++errors;
        if (i % 20 == 0 && !f.account.deliver("x", {.mailbox = "Sent"})) ++errors;
      }
      --writers;
    });
  }
  for (Follower& follower : followers) {
    threads.emplace_back([&] {
      while (writers != 0) follow(follower);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(errors == 0);
  std::set<Uid> seen;
  for (Uid uid = 1; uid <= kMessages; ++uid) {
    if (flags_of(f.inbox, uid).has(Flag::seen)) seen.insert(uid);
  }
  for (Follower& follower : followers) {
    follow(follower);
    CHECK(follower.seen == seen);
  }
}
