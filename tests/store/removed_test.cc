#include "postfach/removed.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "fixture.h"
#include "store/store_impl.h"

using namespace postfach;
using namespace std::chrono_literals;

namespace {

struct Undelete : Fixture {
  explicit Undelete(UndeleteOptions options = {.window = 24h}) : Fixture(with(options)) {
    store.impl()->clock = [this] { return now; };
  }
  static StoreOptions with(UndeleteOptions undelete) {
    StoreOptions options;
    options.undelete = undelete;
    return options;
  }
  std::vector<RemovedMessage> removed(const RemovedFilter& filter = {}) const {
    return list_removed(account, filter).value().messages;
  }
  std::vector<RemovedKey> keys() const {
    std::vector<RemovedKey> list;
    const auto messages = removed();
    for (const RemovedMessage& message : messages) list.push_back(message.key);
    return list;
  }
  void upkeep() const {
    while (store.do_upkeep(1s)) {
    }
  }

  std::int64_t now = 1'800'000'000;
};

}  // namespace

TEST_CASE("what was expunged comes back as it was") {
  Undelete f;
  f.inbox.append(message_text("first")).value();
  NewMessage second{f.account.spool().value(), Flag::flagged, {"$Work", "later"}, DateTime{1'700'000'000, 60}, {}};
  second.content.write(message_text("second", 100'000)).value();
  f.inbox.append(std::move(second)).value();
  const std::string uidl = uidl_of(f.inbox, 2);
  const std::string octets = octets_of(f.inbox, 2);
  f.inbox.store(UidSet::of(2, 2), {.flags = Flag::deleted}).value();
  f.inbox.expunge().value();
  CHECK(f.account.usage().value() == Usage{message_text("first").size(), 1});
  CHECK(removed_usage(f.account).value() == Usage{octets.size(), 1});
  CHECK(f.problems().empty());

  const auto list = f.removed();
  REQUIRE(list.size() == 1);
  CHECK(list[0].mailbox == "INBOX");
  CHECK(list[0].mailbox_exists);
  CHECK(list[0].uid == 2);
  CHECK(list[0].key.removed == f.now);
  CHECK(list[0].keywords == std::vector<std::string>{"$Work", "later"});
  CHECK(list[0].internal_date == DateTime{1'700'000'000, 60});
  CHECK(list[0].uidl == uidl);
  CHECK_THAT(list[0].envelope, Catch::Contains("second"));

  const auto restored = restore_removed(f.account, f.keys()).value();
  REQUIRE(restored.size() == 1);
  CHECK(restored[0].mailbox == "INBOX");
  CHECK(restored[0].uid == 3);
  CHECK(uidl_of(f.inbox, 3) == uidl);
  CHECK(octets_of(f.inbox, 3) == octets);
  CHECK(flags_of(f.inbox, 3) == Flags(Flag::flagged));
  CHECK(f.removed().empty());
  CHECK(removed_usage(f.account).value() == Usage{});
  CHECK(f.account.usage().value().messages == 2);
  CHECK(f.problems().empty());
  CHECK(restore_removed(f.account, {list[0].key}).value().empty());
}

TEST_CASE("a mailbox that was removed is made anew for what comes back; a renamed one is found") {
  Undelete f;
  const Mailbox work = f.account.create_mailbox("Work/2026").value();
  for (int i = 0; i < 3; ++i) work.append(message_text(std::to_string(i))).value();
  const Mailbox other = f.account.create_mailbox("Other").value();
  other.append(message_text("other")).value();
  other.remove(UidSet::all()).value();
  f.account.rename_mailbox("Other", "Renamed").value();
  f.account.remove_mailbox("Work/2026").value();
  f.account.remove_mailbox("Work").value();
  CHECK(f.removed({.mailbox = "Work/2026"}).size() == 3);
  CHECK_FALSE(f.removed({.mailbox = "Work/2026"})[0].mailbox_exists);
  CHECK(f.removed({.mailbox = "Renamed"}).size() == 1);
  CHECK(f.removed({.mailbox = "Other"}).empty());
  const auto restored = restore_removed(f.account, f.keys()).value();
  CHECK(restored.size() == 4);
  CHECK(f.account.mailbox("Work/2026").value().uids().value() == std::vector<Uid>{1, 2, 3});
  CHECK(octets_of(f.account.mailbox("Work/2026").value(), 1) == message_text("0"));
  CHECK(f.account.mailbox("Renamed").value().uids().value() == std::vector<Uid>{2});
  CHECK(f.problems().empty());

  f.account.mailbox("Renamed").value().remove(UidSet::all()).value();
  CHECK(restore_removed(f.account, f.keys(), "Back/again").value()[0].mailbox == "Back/again");
  CHECK(f.account.mailbox("Back/again").value().status().value().messages == 1);
}

TEST_CASE("a mailbox that is made anew has its special use, its limits and a subscription again") {
  Undelete f;
  const Mailbox work = f.account.create_mailbox("Work").value();
  work.append(message_text("x")).value();
  work.remove(UidSet::all()).value();
  // Known when it goes, not when it lost its last message.
  work.set_quota({.bytes = 100'000, .messages = 3}).value();
  f.account.set_special_use("Work", SpecialUse::archive).value();
  f.account.remove_mailbox("Work").value();
  const bool is_taken = GENERATE(false, true);
  if (is_taken) f.account.set_special_use("Archive", SpecialUse::archive).value();
  CHECK(restore_removed(f.account, f.keys()).value().size() == 1);
  const Mailbox again = f.account.mailbox("Work").value();
  CHECK(again.quota().value() == Quota{.bytes = 100'000, .messages = 3});
  const auto mailboxes = f.account.mailboxes().value();
  const auto info =
      std::find_if(mailboxes.begin(), mailboxes.end(), [](const MailboxInfo& each) { return each.name == "Work"; });
  REQUIRE(info != mailboxes.end());
  CHECK(info->special_use == (is_taken ? SpecialUse::none : SpecialUse::archive));
  CHECK(info->subscribed);
  for (int i = 0; i < 2; ++i) again.append("x").value();
  CHECK(again.append("x").error().code == Errc::over_quota);
  CHECK(f.problems().empty());

  // Not where they go elsewhere.
  again.remove(UidSet::all()).value();
  f.account.remove_mailbox("Work").value();
  restore_removed(f.account, f.keys(), "Elsewhere").value();
  CHECK(f.account.mailbox("Elsewhere").value().quota().value() == Quota{});
}

TEST_CASE("a MOVE keeps nothing, a REPLACE and a POP3 deletion do") {
  Undelete f;
  for (int i = 0; i < 3; ++i) f.inbox.append(message_text(std::to_string(i))).value();
  f.inbox.move(UidSet::of(1, 1), f.account.mailbox("Archive").value()).value();
  CHECK(f.removed().empty());
  NewMessage next{f.account.spool().value(), {}, {}, {}, {}};
  next.content.write(message_text("next")).value();
  f.inbox.replace(2, f.inbox, std::move(next)).value();
  CHECK(f.removed().size() == 1);
  f.now += 10;
  f.inbox.remove(UidSet::of(3, 3)).value();
  const auto list = f.removed();
  REQUIRE(list.size() == 2);
  CHECK(list[0].uid == 3);  // the newest first
  CHECK(f.removed({.since = f.now}).size() == 1);
}

TEST_CASE("pages of removed messages") {
  Undelete f;
  for (int i = 0; i < 25; ++i) f.inbox.append(message_text(std::to_string(i))).value();
  f.inbox.remove(UidSet::of(1, 12)).value();
  ++f.now;
  f.inbox.remove(UidSet::all()).value();
  std::vector<Uid> uids;
  RemovedKey before;
  int pages = 0;
  for (bool more = true; more; ++pages) {
    const RemovedPage page = list_removed(f.account, {}, before, 10).value();
    for (const RemovedMessage& message : page.messages) uids.push_back(message.uid);
    more = page.next.has_value();
    if (more) before = *page.next;
  }
  CHECK(pages == 3);
  std::vector<Uid> expected;
  for (Uid uid = 25; uid > 0; --uid) expected.push_back(uid);
  CHECK(uids == expected);
  CHECK(list_removed(f.account, {}, {}, 0).error().code == Errc::invalid_argument);
}

TEST_CASE("what is too old is purged, with its octets and its UIDL") {
  Undelete f;
  f.inbox.append(message_text("x", 100'000)).value();
  f.inbox.append(message_text("y")).value();
  f.inbox.remove(UidSet::of(1, 1)).value();
  f.now += 3600;
  f.inbox.remove(UidSet::all()).value();
  f.upkeep();
  CHECK(f.removed().size() == 2);
  CHECK(f.large_files() == 1);
  f.now += 23 * 3600;
  f.upkeep();
  CHECK(f.removed().size() == 1);
  CHECK(f.large_files() == 0);
  CHECK(f.problems().empty());
  CHECK(purge_removed(f.account, f.keys()).value() == 1);
  CHECK(f.removed().empty());
  CHECK(removed_usage(f.account).value() == Usage{});
  CHECK(f.problems().empty());
}

TEST_CASE("a window that was taken away purges what was kept") {
  const Undelete scratch;
  StoreOptions options{.path = scratch.store.options().path + "/s", .password_cost = 1};
  options.undelete.window = 24h;
  {
    const Store store = Store::open(options).value();
    const Mailbox inbox = store.create_account("bob").value().mailbox("INBOX").value();
    for (int i = 0; i < 1200; ++i) inbox.append("x").value();
    inbox.remove(UidSet::all()).value();
  }
  CHECK(std::filesystem::exists(options.path + "/undelete"));
  options.undelete.window = 0s;
  for (int opened = 0; opened < 2; ++opened) {
    const Store store = Store::open(options).value();
    while (store.do_upkeep(1s)) {
    }
    CHECK(removed_usage(store.account("bob").value()).value() == Usage{});
    CHECK(store.account("bob").value().check().value().problems.empty());
  }
  CHECK_FALSE(std::filesystem::exists(options.path + "/undelete"));
}

TEST_CASE("without a window nothing is kept") {
  const Fixture f;
  f.inbox.append("x").value();
  f.inbox.remove(UidSet::all()).value();
  CHECK(list_removed(f.account).value().messages.empty());
  CHECK_FALSE(std::filesystem::exists(f.store.options().path + "/undelete"));
}

TEST_CASE("removed messages count for the quota as the provider chooses") {
  const bool counts = GENERATE(false, true);
  Undelete f({.window = 24h, .counts_for_quota = counts});
  f.account.set_quota({.messages = 2}).value();
  f.inbox.append("x").value();
  f.inbox.append("y").value();
  f.inbox.remove(UidSet::of(1, 1)).value();
  CHECK(f.account.usage().value().messages == (counts ? 2 : 1));
  CHECK(f.removed()[0].is_counted == counts);
  CHECK(f.inbox.append("z").has_value() == !counts);
  CHECK(f.problems().empty());
  const auto restored = restore_removed(f.account, f.keys());
  CHECK(restored.has_value() == counts);  // "z" has taken the room
  if (!counts) CHECK(restored.error().code == Errc::over_quota);
  CHECK(f.account.usage().value().messages == 2);
  purge_removed(f.account, INT64_MAX).value();
  CHECK(f.problems().empty());
}

TEST_CASE("the oldest go early beyond the most that is kept") {
  Undelete f({.window = 24h, .most_bytes = 2500});
  for (int i = 0; i < 10; ++i) {
    f.inbox.append(message_text("m", 1000)).value();
    f.inbox.remove(UidSet::all()).value();
    ++f.now;
  }
  const auto list = f.removed();
  CHECK(list.size() == 2);
  CHECK(list[0].uid == 10);
  CHECK(f.problems().empty());
}
