#include <catch2/catch.hpp>

#include "fixture.h"
#include "sqlite/expunge_log.h"
#include "store/store_impl.h"

using namespace postfach;

TEST_CASE("changes since a MODSEQ: what came, changed and went") {
  Fixture f;
  for (int i = 0; i < 6; ++i) f.inbox.append(message_text("m")).value();
  const auto known = f.inbox.status().value();
  CHECK(f.inbox.changes_since(known.highest_modseq, known.uid_next).value().changed.empty());

  f.inbox.append(message_text("new")).value();
  auto changes = f.inbox.changes_since(known.highest_modseq, known.uid_next).value();
  CHECK(changes.added == UidSet::of(7, 7));
  CHECK(changes.changed.empty());
  CHECK(changes.vanished.empty());

  f.inbox.store(UidSet::of(2, 3), {.flags = Flag::seen}).value();
  f.inbox.remove(UidSet::of(5, 5)).value();
  f.inbox.remove(UidSet::of(7, 7)).value();
  changes = f.inbox.changes_since(known.highest_modseq, known.uid_next).value();
  CHECK(changes.added.empty());
  CHECK(changes.changed == UidSet::of(2, 3));
  CHECK(changes.vanished == UidSet::of(5, 5));
  CHECK(changes.log_complete);
  CHECK(changes.uid_next == 8);
  CHECK(f.inbox.changes_since(changes.modseq, changes.uid_next).value().vanished.empty());

  // A client that comes back asks about messages that it has not seen, too.
  changes = f.inbox.changes_since(1, 8).value();
  UidSet all = UidSet::of(1, 4);
  all.add(6);
  CHECK(changes.changed == all);
}

TEST_CASE("a log that was cut says that it is not complete") {
  Fixture f;
  for (int i = 0; i < 3; ++i) f.inbox.append(message_text("m")).value();
  const auto known = f.inbox.status().value();
  const auto id = f.store.account("alice@example.org").value().id();
  const Account::Impl impl{f.store.impl(), id, "alice"};
  impl.change([&](store::Change& change) -> Result<void> {
        auto row = sqlite::load_mailbox(change.db, f.inbox.id()).value();
        const auto messages = store::read_messages(change.db, row.id, UidSet::all()).value();
        store::remove_messages(change, row, messages).value();
        row.highest_modseq = change.take_modseq().value();
        UidSet scattered;
        scattered.add(1);
        scattered.add(3);
        sqlite::log_expunge(change.db, row, row.highest_modseq, scattered, 1).value();
        return sqlite::save_mailbox(change.db, row);
      })
      .value();
  CHECK_FALSE(f.inbox.changes_since(known.highest_modseq, known.uid_next).value().log_complete);
  const auto now = f.inbox.status().value();
  CHECK(f.inbox.changes_since(now.highest_modseq, now.uid_next).value().log_complete);
  CHECK(f.problems().empty());
}

TEST_CASE("UIDs and MODSEQs that are used up are refused and never wrap") {
  Fixture f;
  const Account::Impl impl{f.store.impl(), f.account.id(), "alice"};
  impl.change([&](store::Change& change) -> Result<void> {
        auto row = sqlite::load_mailbox(change.db, f.inbox.id()).value();
        row.uid_next = 4294967294U;
        return sqlite::save_mailbox(change.db, row);
      })
      .value();
  CHECK(f.inbox.append("x").value().uids == std::vector<Uid>{4294967294U});
  CHECK(f.inbox.append("x").error().code == Errc::limit);
  CHECK(f.inbox.copy(UidSet::all(), f.inbox).error().code == Errc::limit);
  CHECK(f.inbox.status().value().uid_next == 4294967295U);
  impl.change([&](store::Change& change) -> Result<void> {
        change.account.highest_modseq = INT64_MAX;
        return {};
      })
      .value();
  CHECK(f.account.deliver("x", {.mailbox = "Sent"}).error().code == Errc::limit);
  CHECK(f.inbox.store(UidSet::all(), {.flags = Flag::seen}).error().code == Errc::limit);
  CHECK(flags_of(f.inbox, 4294967294U).empty());
}
