// Lists of UIDs: read from the tables, or from others and the expunge log, they are the same.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "fixture.h"
#include "sqlite/expunge_log.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

void append(const Mailbox& mailbox, int count) {
  for (int i = 0; i < count; ++i) mailbox.append(message_text("m")).value();
}

// What the tables hold.
UidSet stored(const Mailbox& mailbox) {
  UidSet uids;
  mailbox
      .fetch(UidSet::all(), Field::none,
             [&](const MessageView& message) {
               uids.add(message.uid);
               return true;
             })
      .value();
  return uids;
}

void remove_row(const Fixture& f, Uid uid) {
  const Account::Impl impl{f.store.impl(), f.account.id(), "alice"};
  impl.change([&](store::Change& change) -> Result<void> {
        auto row = sqlite::load_mailbox(change.db, f.inbox.id()).value();
        const auto messages = store::read_messages(change.db, row.id, UidSet::of(uid, uid)).value();
        store::remove_messages(change, row, messages).value();
        row.highest_modseq = change.take_modseq().value();
        row.expunge_modseq = row.highest_modseq;
        return sqlite::save_mailbox(change.db, row);
      })
      .value();
}

}  // namespace

TEST_CASE("snapshots of one mailbox share one list while somebody holds it") {
  Fixture f;
  append(f.inbox, 10);
  MailboxSnapshot first = f.inbox.snapshot(true).value();
  const MailboxSnapshot second = f.inbox.snapshot(true).value();
  CHECK(second.uids.is_same(first.uids));
  CHECK(second.status.recent == 0);

  append(f.inbox, 2);
  f.inbox.remove(UidSet::of(3, 4)).value();
  const MailboxSnapshot third = f.inbox.snapshot(true).value();
  UidSet expected = UidSet::of(1, 2);
  expected.add(5, 12);
  CHECK(third.uids.to_set() == expected);
  CHECK(third.status.recent == 2);
  CHECK(first.uids.to_set() == UidSet::of(1, 10));  // what was handed out stays as it is
  CHECK(f.inbox.snapshot(false).value().uids.is_same(third.uids));
  CHECK(f.inbox.uids().value() == std::vector<Uid>{1, 2, 5, 6, 7, 8, 9, 10, 11, 12});

  const Mailbox other = f.account.mailbox("Sent").value();
  CHECK(other.snapshot(true).value().uids.empty());
}

TEST_CASE("a holder who followed the changes gets the list that the others have") {
  Fixture f;
  append(f.inbox, 10);
  const MailboxSnapshot old = f.inbox.snapshot(false).value();
  f.inbox.remove(UidSet::of(5, 5)).value();
  append(f.inbox, 1);
  const auto changes = f.inbox.changes_since(old.status.highest_modseq, old.status.uid_next).value();
  const UidList mine = old.uids.without(changes.vanished).with(changes.added);
  const UidValidity validity = old.status.uid_validity;

  SECTION("nobody has it yet") {
    CHECK(f.inbox.share(validity, changes.modseq, mine).is_same(mine));
    CHECK(f.inbox.snapshot(false).value().uids.is_same(mine));
  }
  SECTION("another was faster") {
    const MailboxSnapshot other = f.inbox.snapshot(false).value();
    CHECK_FALSE(other.uids.is_same(mine));
    CHECK(f.inbox.share(validity, changes.modseq, mine).is_same(other.uids));
  }
  SECTION("who lags behind keeps his own, and does not hold the others back") {
    const MailboxSnapshot other = f.inbox.snapshot(false).value();
    CHECK(f.inbox.share(validity, old.status.highest_modseq, old.uids).is_same(old.uids));
    CHECK(f.inbox.snapshot(false).value().uids.is_same(other.uids));
  }
  SECTION("the list of a mailbox that is no more is not taken for that of its successor") {
    CHECK(f.inbox.share(validity - 1, changes.modseq, old.uids).is_same(old.uids));
    CHECK(f.inbox.snapshot(false).value().uids == mine);
  }
}

TEST_CASE("a list is right when another process changed the mailbox") {
  Fixture f;
  append(f.inbox, 6);
  const MailboxSnapshot before = f.inbox.snapshot(false).value();
  const Store other = Store::open({.path = f.store.options().path, .password_cost = 1}).value();
  const Mailbox theirs = other.account("alice@example.org").value().mailbox("INBOX").value();
  theirs.remove(UidSet::of(2, 3)).value();
  append(theirs, 1);
  UidSet expected = UidSet::of(1, 1);
  expected.add(4, 7);
  CHECK(f.inbox.snapshot(false).value().uids.to_set() == expected);
}

TEST_CASE("a list is right when the expunge log does not tell all") {
  Fixture f;
  append(f.inbox, 8);
  const bool held = GENERATE(false, true);
  CAPTURE(held);
  std::optional<MailboxSnapshot> before;
  if (held) before = f.inbox.snapshot(false).value();
  remove_row(f, 8);  // with a MODSEQ, but not logged
  remove_row(f, 2);
  UidSet expected = UidSet::of(1, 1);
  expected.add(3, 7);
  CHECK(f.inbox.snapshot(false).value().uids.to_set() == expected);
  f.inbox.append(message_text("9")).value();
  expected.add(9);
  CHECK(f.inbox.snapshot(false).value().uids.to_set() == expected);
}

TEST_CASE("lists are what the tables hold, whatever happens in between") {
  const auto seed = GENERATE(range(1U, 9U));
  CAPTURE(seed);
  std::mt19937 random(seed);
  Fixture f;
  const Mailbox sent = f.account.mailbox("Sent").value();
  // A second store, as another process would have it.
  const Store other = Store::open({.path = f.store.options().path, .password_cost = 1}).value();
  const Mailbox theirs = other.account("alice@example.org").value().mailbox("INBOX").value();
  std::vector<MailboxSnapshot> holders;
  for (int round = 0; round < 80; ++round) {
    const Mailbox& inbox = random() % 3 == 0 ? theirs : f.inbox;
    const Uid next = inbox.status().value().uid_next;
    const Uid first = static_cast<Uid>(random() % next + 1);
    const UidSet some = UidSet::of(first, first + static_cast<Uid>(random() % 4));
    switch (random() % 6) {
      case 0:
      case 1:
        append(inbox, 1 + static_cast<int>(random() % 4));
        break;
      case 2:
        inbox.remove(some).value();
        break;
      case 3:
        inbox.move(some, inbox).value();
        break;
      case 4:
        f.inbox.move(some, sent).value();
        break;
      case 5:
        inbox.store(some, {.flags = Flag::seen}).value();
        break;
    }
    if (random() % 4 == 0 && !holders.empty()) holders.erase(holders.begin());
    if (random() % 16 == 0) holders.clear();
    MailboxSnapshot snapshot = f.inbox.snapshot(random() % 2 == 0).value();
    REQUIRE(snapshot.uids.to_set() == stored(f.inbox));
    REQUIRE(snapshot.uids.size() == snapshot.status.messages);
    if (random() % 2 == 0) holders.push_back(std::move(snapshot));
  }
  CHECK(f.problems().empty());
}
