#include <catch2/catch.hpp>

#include "fixture.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

std::vector<std::string> names(const Account& account) {
  std::vector<std::string> list;
  const auto infos = account.mailboxes().value();
  for (const MailboxInfo& info : infos) {
    list.push_back(info.name + (info.selectable ? "" : " -") + (info.has_children ? " +" : ""));
  }
  return list;
}

Account empty_account(const Fixture& f) {
  return f.store.create_account("bob", {.mailboxes = std::vector<DefaultMailbox>{}}).value();
}

}  // namespace

TEST_CASE("a new account has the default mailboxes, INBOX first, all subscribed") {
  Fixture f;
  CHECK(names(f.account) == std::vector<std::string>{"INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash"});
  const auto infos = f.account.mailboxes().value();
  for (const MailboxInfo& info : infos) {
    CHECK(info.subscribed);
    CHECK(info.status.highest_modseq > 0);
    CHECK((info.special_use == SpecialUse::junk) == (info.name == "Junk"));
  }
}

TEST_CASE("one mailbox is told as the list tells it") {
  Fixture f;
  f.account.create_mailbox("Archive/2026").value();
  f.account.create_mailbox("Archives").value();
  f.account.create_mailbox("x/y").value();
  f.account.remove_mailbox("x").value();
  f.account.unsubscribe("Junk").value();
  f.inbox.append(message_text("m")).value();
  const auto infos = f.account.mailboxes().value();
  for (const MailboxInfo& info : infos) {
    const MailboxInfo one = f.account.mailbox_info(info.name).value();
    CAPTURE(info.name);
    CHECK(one.id == info.id);
    CHECK(one.name == info.name);
    CHECK(one.special_use == info.special_use);
    CHECK(one.selectable == info.selectable);
    CHECK(one.subscribed == info.subscribed);
    CHECK(one.has_children == info.has_children);
    CHECK(one.status.messages == info.status.messages);
    CHECK(one.status.highest_modseq == info.status.highest_modseq);
  }
  CHECK(f.account.mailbox_info("inbox").value().name == "INBOX");
  CHECK(f.account.mailbox_info("nowhere").error().code == Errc::not_found);
  CHECK(f.account.mailbox_info("a//b").error().code == Errc::not_found);
}

TEST_CASE("create: parents, a trailing separator, names that exist") {
  Fixture f;
  const Account bob = empty_account(f);
  CHECK(bob.create_mailbox("a/b/c/").value().name().value() == "a/b/c");
  CHECK(names(bob) == std::vector<std::string>{"INBOX", "a +", "a/b +", "a/b/c"});
  CHECK(bob.create_mailbox("a/b").error().code == Errc::already_exists);
  CHECK(bob.create_mailbox("inBox").error().code == Errc::already_exists);
  CHECK(bob.create_mailbox("a//x").error().code == Errc::invalid_argument);
  CHECK(bob.mailbox("A/b").error().code == Errc::not_found);
  CHECK(bob.mailbox("").error().code == Errc::not_found);
}

TEST_CASE("the number of mailboxes is limited") {
  Fixture f({.max_mailboxes = 7});
  CHECK(f.account.create_mailbox("x/y").error().code == Errc::limit);
  CHECK(f.account.mailbox("x").error().code == Errc::not_found);
  CHECK(f.account.create_mailbox("x"));
}

TEST_CASE("remove: children keep the name, which is made selectable again as another mailbox") {
  Fixture f;
  const Account bob = empty_account(f);
  const Mailbox parent = bob.create_mailbox("a").value();
  bob.create_mailbox("a/b").value();
  parent.append("x: y\r\n\r\n").value();
  const auto validity = parent.status().value().uid_validity;
  bob.remove_mailbox("a").value();
  CHECK(names(bob) == std::vector<std::string>{"INBOX", "a - +", "a/b"});
  CHECK(bob.usage().value().messages == 0);
  CHECK(parent.status().error().code == Errc::not_found);
  CHECK(bob.mailbox("a").error().code == Errc::not_found);
  CHECK(bob.remove_mailbox("a").error().code == Errc::not_permitted);
  const Mailbox again = bob.create_mailbox("a").value();
  CHECK(again.status().value().uid_validity > validity);
  CHECK(parent.status().error().code == Errc::not_found);
  bob.remove_mailbox("a/b").value();
  bob.remove_mailbox("a").value();
  CHECK(bob.remove_mailbox("a").error().code == Errc::not_found);
  CHECK(bob.remove_mailbox("INBOX").error().code == Errc::not_permitted);
  CHECK(bob.check().value().problems.empty());
}

TEST_CASE("UIDVALIDITY ascends whatever the clock says") {
  Fixture f;
  std::int64_t now = 2'000'000'000;
  f.store.impl()->clock = [&now] { return now; };
  const auto make = [&] {
    const auto validity = f.account.create_mailbox("x").value().status().value().uid_validity;
    f.account.remove_mailbox("x").value();
    return validity;
  };
  const auto first = make();
  CHECK(first == 2'000'000'000);
  now = 1'000'000'000;
  const auto second = make();
  CHECK(second > first);
  now = 5'000'000'000;  // beyond 32 bits
  CHECK(f.account.create_mailbox("y").error().code == Errc::limit);
}

TEST_CASE("rename: the tree moves, UIDVALIDITY and messages stay") {
  Fixture f;
  const Account bob = empty_account(f);
  const Mailbox leaf = bob.create_mailbox("a/b/c").value();
  leaf.append("x: y\r\n\r\n").value();
  const auto before = leaf.status().value();
  bob.rename_mailbox("a/b", "new/home").value();
  CHECK(names(bob) == std::vector<std::string>{"INBOX", "a", "new +", "new/home +", "new/home/c"});
  CHECK(leaf.name().value() == "new/home/c");
  CHECK(leaf.status().value().uid_validity == before.uid_validity);
  CHECK(octets_of(bob.mailbox("new/home/c").value(), 1) == "x: y\r\n\r\n");
  CHECK(bob.rename_mailbox("new", "new/x").error().code == Errc::not_permitted);
  CHECK(bob.rename_mailbox("new", "a").error().code == Errc::already_exists);
  CHECK(bob.rename_mailbox("nothing", "b").error().code == Errc::not_found);
  CHECK(bob.rename_mailbox("a", "b//c").error().code == Errc::invalid_argument);
  std::string long_name(255, 'x');
  long_name += "/" + std::string(255, 'x') + "/" + std::string(255, 'x') + "/" + std::string(230, 'x');
  CHECK(bob.rename_mailbox("new", long_name).error().code == Errc::invalid_argument);
  CHECK(bob.mailbox("new/home/c"));
}

TEST_CASE("rename of INBOX moves its messages and leaves its children") {
  Fixture f;
  const Account bob = empty_account(f);
  const Mailbox inbox = bob.mailbox("INBOX").value();
  bob.create_mailbox("INBOX/sub").value();
  inbox.append("x: y\r\n\r\n").value();
  const std::string uidl = uidl_of(inbox, 1);
  bob.rename_mailbox("inbox", "old").value();
  CHECK(names(bob) == std::vector<std::string>{"INBOX +", "INBOX/sub", "old"});
  CHECK(inbox.status().value().messages == 0);
  CHECK(uidl_of(bob.mailbox("old").value(), 1) == uidl);
  CHECK(inbox.append("x: y\r\n\r\n").value().uids == std::vector<Uid>{2});
  CHECK(bob.check().value().problems.empty());
}

TEST_CASE("subscriptions outlive their mailbox") {
  Fixture f;
  const Account bob = empty_account(f);
  bob.subscribe("later").value();
  bob.subscribe("later").value();
  CHECK(bob.subscriptions().value() == std::vector<std::string>{"INBOX", "later"});
  bob.create_mailbox("later").value();
  bob.remove_mailbox("later").value();
  CHECK(bob.subscriptions().value().size() == 2);
  bob.unsubscribe("later").value();
  bob.unsubscribe("never").value();
  CHECK(bob.subscriptions().value() == std::vector<std::string>{"INBOX"});
  CHECK(bob.subscribe("a\nb").error().code == Errc::invalid_argument);
}
