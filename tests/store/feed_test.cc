// The change feed of an account.
#include <catch2/catch.hpp>
#include <filesystem>

#include "fixture.h"

using namespace postfach;

namespace {

const MailboxChange* find(const AccountChanges& changes, std::string_view name) {
  for (const MailboxChange& each : changes.mailboxes) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

UidSet of(Uid first, Uid last) { return UidSet::of(first, last); }

}  // namespace

TEST_CASE("from the beginning all mailboxes are made") {
  Fixture world;
  world.account.deliver("x").value();
  const auto changes = world.account.changes(0).value();
  CHECK(changes.is_complete);
  CHECK(changes.mailboxes.size() == world.account.mailboxes().value().size());
  const MailboxChange* const inbox = find(changes, "INBOX");
  REQUIRE(inbox != nullptr);
  CHECK(inbox->is_made);
  CHECK(inbox->id == world.inbox.id());
  CHECK(inbox->uid_validity == world.inbox.status().value().uid_validity);
  CHECK(inbox->changes.added == of(1, 1));
  CHECK(inbox->changes.log_complete);

  const auto later = world.account.changes(changes.modseq).value();
  CHECK(later.mailboxes.empty());
  CHECK(later.modseq == changes.modseq);
  CHECK(later.is_complete);
}

TEST_CASE("new messages, changed flags and expunges are told apart, also behind each other") {
  Fixture world;
  for (int i = 0; i < 3; ++i) world.account.deliver("x").value();
  const ModSeq since = world.account.changes(0).value().modseq;
  world.inbox.store(of(3, 3), {.flags = Flag::seen}).value();
  world.account.deliver("x").value();
  world.inbox.store(of(4, 4), {.flags = Flag::seen}).value();
  world.inbox.remove(of(1, 1)).value();
  world.account.deliver("x").value();
  const auto changes = world.account.changes(since).value();
  CHECK(changes.is_complete);
  REQUIRE(changes.mailboxes.size() == 1);
  const MailboxChange& inbox = changes.mailboxes.front();
  CHECK_FALSE(inbox.is_made);
  CHECK(inbox.changes.added == of(4, 5));
  CHECK(inbox.changes.changed == of(3, 3));
  CHECK(inbox.changes.vanished == of(1, 1));
  CHECK(inbox.changes.uid_next == 6);
  CHECK(changes.modseq == inbox.changes.modseq);
}

TEST_CASE("a message that is new to a mailbox by COPY or MOVE is added there") {
  Fixture world;
  world.account.deliver("x").value();
  const ModSeq since = world.account.changes(0).value().modseq;
  world.inbox.move(of(1, 1), world.account.mailbox("Junk").value()).value();
  const auto changes = world.account.changes(since).value();
  REQUIRE(changes.mailboxes.size() == 2);
  CHECK(find(changes, "INBOX")->changes.vanished == of(1, 1));
  CHECK(find(changes, "Junk")->changes.added == of(1, 1));
}

TEST_CASE("mailboxes that were made, renamed and removed") {
  Fixture world;
  world.account.create_mailbox("a/b").value();
  const ModSeq since = world.account.changes(0).value().modseq;
  world.account.create_mailbox("New").value();
  world.account.create_mailbox("Brief").value();
  world.account.rename_mailbox("Brief", "Short").value();
  world.account.remove_mailbox("Short").value();
  world.account.rename_mailbox("a", "z").value();
  world.account.rename_mailbox("z", "y").value();
  world.account.remove_mailbox("Junk").value();
  world.account.rename_mailbox("Sent", "Posted").value();
  world.account.rename_mailbox("Posted", "Sent").value();

  const auto changes = world.account.changes(since).value();
  CHECK(changes.is_complete);
  REQUIRE(changes.mailboxes.size() == 5);
  CHECK(changes.mailboxes[0].name == "New");
  CHECK(changes.mailboxes[0].is_made);
  CHECK(changes.mailboxes[1].name == "y");
  CHECK(changes.mailboxes[1].old_name == "a");
  CHECK(changes.mailboxes[2].name == "y/b");
  CHECK(changes.mailboxes[2].old_name == "a/b");
  CHECK(changes.mailboxes[3].name == "Short");
  CHECK(changes.mailboxes[3].is_made);
  CHECK(changes.mailboxes[3].is_removed);
  CHECK(changes.mailboxes[4].name == "Junk");
  CHECK(changes.mailboxes[4].is_removed);
  CHECK_FALSE(changes.mailboxes[4].is_made);
  CHECK(world.account.changes(changes.modseq).value().mailboxes.empty());
}

TEST_CASE("a mailbox that leaves its name to its children is removed") {
  Fixture world;
  world.account.create_mailbox("a/b").value();
  const ModSeq since = world.account.changes(0).value().modseq;
  const MailboxId old = world.account.mailbox("a").value().id();
  world.account.remove_mailbox("a").value();
  const auto gone = world.account.changes(since).value();
  REQUIRE(gone.mailboxes.size() == 1);
  CHECK(gone.mailboxes[0].id == old);
  CHECK(gone.mailboxes[0].is_removed);
  world.account.create_mailbox("a").value();
  const auto back = world.account.changes(gone.modseq).value();
  REQUIRE(back.mailboxes.size() == 1);
  CHECK(back.mailboxes[0].is_made);
  CHECK(back.mailboxes[0].id != old);
}

TEST_CASE("the feed goes on after a restart") {
  const std::string path = std::filesystem::temp_directory_path() / "postfach-feed-test";
  std::filesystem::remove_all(path);
  ModSeq since = 0;
  {
    const Store store = Store::open({.path = path, .password_cost = 1}).value();
    const Account account = store.create_account("alice", {}).value();
    account.deliver("x").value();
    since = account.changes(0).value().modseq;
    account.deliver("x").value();
    account.remove_mailbox("Junk").value();
  }
  {
    const Store store = Store::open({.path = path, .password_cost = 1}).value();
    const auto changes = store.account("alice").value().changes(since).value();
    CHECK(changes.is_complete);
    REQUIRE(changes.mailboxes.size() == 2);
    CHECK(changes.mailboxes[0].changes.added == of(2, 2));
    CHECK(changes.mailboxes[1].name == "Junk");
    CHECK(changes.mailboxes[1].is_removed);
  }
  std::filesystem::remove_all(path);
}

TEST_CASE("beyond the reach of its logs the feed says so, and loses no new message") {
  Fixture world;
  world.account.deliver("x").value();
  const ModSeq since = world.account.changes(0).value().modseq;
  SECTION("many arrivals") {
    for (int i = 0; i < 2001; ++i) world.account.deliver("x").value();
    CHECK_FALSE(world.account.changes(since).value().is_complete);
    CHECK(world.account.changes(since + 1).value().is_complete);
    const auto changes = world.account.changes(since).value();
    CHECK(find(changes, "INBOX")->changes.added == of(2, 2002));
  }
  SECTION("many other changes between arrivals") {
    for (int i = 0; i < 1100; ++i) {
      world.inbox.store(of(1, 1), {.flags = Flag::seen}).value();
      world.inbox.store(of(1, 1), {.change = FlagChange::remove, .flags = Flag::seen}).value();
    }
    CHECK(world.account.changes(since).value().is_complete);
    world.account.deliver("x").value();
    CHECK_FALSE(world.account.changes(since).value().is_complete);
  }
  SECTION("many mailboxes") {
    for (int i = 0; i < 501; ++i) {
      world.account.create_mailbox("m").value();
      world.account.remove_mailbox("m").value();
    }
    CHECK_FALSE(world.account.changes(since).value().is_complete);
    CHECK(world.account.changes(since + 4).value().is_complete);
  }
}

TEST_CASE("the logs begin with the first call") {
  Fixture world;
  world.account.deliver("x").value();
  const auto changes = world.account.changes(1).value();
  CHECK_FALSE(changes.is_complete);
  REQUIRE(find(changes, "INBOX") != nullptr);
  CHECK(find(changes, "INBOX")->changes.added == of(1, 1));
  CHECK(world.account.changes(changes.modseq).value().is_complete);
}
