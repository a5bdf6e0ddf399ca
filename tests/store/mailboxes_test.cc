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

TEST_CASE("mailboxes: names that are only subscribed come too, if they are asked for") {
  Fixture f;
  const Account bob = empty_account(f);
  bob.create_mailbox("b/c").value();
  for (const char* name : {"a", "b/c", "b/gone", "z", "b-"}) bob.subscribe(name).value();
  CHECK(names(bob) == std::vector<std::string>{"INBOX", "b +", "b/c"});
  const auto list = bob.mailboxes(MailboxNames::and_subscribed).value();
  std::vector<std::string> seen;
  for (const MailboxInfo& info : list) {
    seen.push_back(info.name + (info.exists ? " exists" : "") + (info.subscribed ? " subscribed" : "") +
                   (info.selectable ? " selectable" : "") + (info.has_children ? " +" : ""));
  }
  CHECK(seen == std::vector<std::string>{"INBOX exists subscribed selectable", "a subscribed", "b exists selectable +",
                                         "b- subscribed", "b/c exists subscribed selectable", "b/gone subscribed",
                                         "z subscribed"});
}

TEST_CASE("mailbox_info is what mailboxes says of one") {
  Fixture f;
  const Account bob = empty_account(f);
  bob.create_mailbox("a b").value();
  bob.create_mailbox("a/b/c", SpecialUse::archive).value().append("x: y\r\n\r\n").value();
  bob.remove_mailbox("a").value();
  bob.subscribe("a/b/c").value();
  for (const MailboxInfo& expected : bob.mailboxes().value()) {
    CAPTURE(expected.name);
    const MailboxInfo info = bob.mailbox_info(expected.name).value();
    CHECK(info.id == expected.id);
    CHECK(info.name == expected.name);
    CHECK(info.special_use == expected.special_use);
    CHECK(info.exists);
    CHECK(info.selectable == expected.selectable);
    CHECK(info.subscribed == expected.subscribed);
    CHECK(info.has_children == expected.has_children);
    CHECK(info.may_have_children);
    CHECK(info.status.messages == expected.status.messages);
    CHECK(info.status.uid_validity == expected.status.uid_validity);
  }
  CHECK(bob.mailbox_info("inBox").value().name == "INBOX");
  CHECK(bob.mailbox_info("a/b/c").value().status.messages == 1);
  CHECK_FALSE(bob.mailbox_info("a").value().selectable);
  CHECK(bob.mailbox_info("nothing").error().code == Errc::not_found);
  CHECK(bob.mailbox_info("a//b").error().code == Errc::not_found);
}

TEST_CASE("a special use belongs to one mailbox") {
  Fixture f;
  const Account bob = empty_account(f);
  const auto use = [&](const char* name) { return bob.mailbox_info(name).value().special_use; };
  bob.create_mailbox("Sent", SpecialUse::sent).value();
  bob.create_mailbox("Sent Items").value();
  CHECK(bob.create_mailbox("More", SpecialUse::sent).error().code == Errc::not_permitted);
  CHECK(bob.mailbox("More").error().code == Errc::not_found);

  // RFC 6154 §5.4: it moves.
  bob.set_special_use("Sent Items", SpecialUse::sent).value();
  CHECK(use("Sent") == SpecialUse::none);
  CHECK(use("Sent Items") == SpecialUse::sent);
  bob.set_special_use("Sent Items", SpecialUse::sent).value();
  bob.set_special_use("Sent Items", SpecialUse::archive).value();
  CHECK(use("Sent Items") == SpecialUse::archive);
  bob.set_special_use("Sent Items", SpecialUse::none).value();
  CHECK(use("Sent Items") == SpecialUse::none);

  CHECK(bob.set_special_use("inbox", SpecialUse::sent).error().code == Errc::not_permitted);
  CHECK(bob.set_special_use("nothing", SpecialUse::sent).error().code == Errc::not_found);
  bob.create_mailbox("p/q", SpecialUse::junk).value();
  bob.set_special_use("p", SpecialUse::trash).value();
  bob.remove_mailbox("p").value();
  CHECK(bob.set_special_use("p", SpecialUse::sent).error().code == Errc::not_found);
  CHECK(use("p") == SpecialUse::none);
  bob.create_mailbox("Bin", SpecialUse::trash).value();  // it went with the mailbox
  bob.rename_mailbox("p", "r").value();
  CHECK(use("r/q") == SpecialUse::junk);
  CHECK(f.store
            .create_account(
                "carol", {.mailboxes = std::vector<DefaultMailbox>{{"a", SpecialUse::sent}, {"b", SpecialUse::sent}}})
            .error()
            .code == Errc::not_permitted);
  CHECK(bob.check().value().problems.empty());
}

TEST_CASE("a rename leaves the subscriptions with the old names") {
  Fixture f;
  const Account bob = empty_account(f);
  bob.create_mailbox("a/b").value();
  bob.subscribe("a/b").value();
  bob.rename_mailbox("a", "c").value();
  CHECK(bob.subscriptions().value() == std::vector<std::string>{"INBOX", "a/b"});
  CHECK_FALSE(bob.mailbox_info("c/b").value().subscribed);
}

TEST_CASE("the number of subscriptions is limited") {
  Fixture f({.max_mailboxes = 6});
  const auto subscribed = f.account.subscriptions().value().size();
  for (std::size_t i = subscribed; i < 12; ++i) f.account.subscribe("s" + std::to_string(i)).value();
  CHECK(f.account.subscribe("one more").error().code == Errc::limit);
  CHECK(f.account.subscriptions().value().size() == 12);
  f.account.subscribe("s11").value();
}

TEST_CASE("the longest and the deepest names have no room below") {
  Fixture f;
  const Account bob = empty_account(f);
  std::string deep = "d";
  for (int level = 2; level < 64; ++level) deep += "/d";
  const std::string segment(249, 'x');
  const std::string length_998 = segment + "/" + segment + "/" + segment + "/" + std::string(248, 'x');
  REQUIRE(length_998.size() == 998);
  bob.create_mailbox(deep + "/d").value();
  bob.create_mailbox(length_998 + "y").value();
  bob.create_mailbox(length_998).value();
  CHECK(bob.mailbox_info(deep).value().may_have_children);
  CHECK_FALSE(bob.mailbox_info(deep + "/d").value().may_have_children);
  CHECK(bob.mailbox_info(length_998).value().may_have_children);
  CHECK_FALSE(bob.mailbox_info(length_998 + "y").value().may_have_children);
  CHECK(bob.create_mailbox(deep + "/d/d").error().code == Errc::invalid_argument);
  CHECK(bob.create_mailbox(length_998 + "y/z").error().code == Errc::invalid_argument);
  CHECK(bob.create_mailbox(length_998 + "/z"));
}

TEST_CASE("mailboxes that begin with some octets") {
  Fixture f;
  const Account bob = empty_account(f);
  for (const char* name : {"a/b/c", "ab", "a b", "INBOX/x", "\u00E4", "\u00E5"}) bob.create_mailbox(name).value();
  bob.subscribe("a/gone").value();
  bob.subscribe("b").value();
  const auto list = [&](std::string_view prefix) {
    std::string text;
    for (const MailboxInfo& info : bob.mailboxes(MailboxNames::and_subscribed, prefix).value()) {
      text += info.name + (info.has_children ? "+ " : " ");
    }
    return text;
  };
  CHECK(list("a/") == "a/b+ a/b/c a/gone ");
  CHECK(list("a") == "a+ a b a/b+ a/b/c a/gone ab ");
  CHECK(list("INBOX") == "INBOX+ INBOX/x ");
  CHECK(list("\u00E4") == "\u00E4 ");
  CHECK(list("\xC3") == "\u00E4 \u00E5 ");
  CHECK(list("\xFF").empty());
  CHECK(list("nothing").empty());
  CHECK(list("") == "INBOX+ INBOX/x a+ a b a/b+ a/b/c a/gone ab b \u00E4 \u00E5 ");
}
