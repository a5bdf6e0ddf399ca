// Limits that several accounts share.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"
#include "postfach/quota_groups.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

template <class T>
Errc code(const Result<T>& result) {
  return result.error().code;
}

struct Two {
  Store store = Store::open_temporary({.default_mailboxes = {}, .password_cost = 1}).value();
  QuotaGroups groups{store};
  Account ann = store.create_account("ann@example.org").value();
  Account bob = store.create_account("bob@Example.ORG").value();
  Account other = store.create_account("cara@example.net").value();

  Usage usage_of(const std::string& group) const { return groups.find(group).value().usage; }
};

Result<Appended> deliver(const Account& account, std::size_t size = 100) {
  return account.deliver(message_text("x", size));
}

}  // namespace

TEST_CASE("a domain's limit holds for its accounts together") {
  Two t;
  deliver(t.ann).value();
  t.groups.set("example.org", {.quota = Quota{.messages = 3}}).value();
  CHECK(t.usage_of("EXAMPLE.org").messages == 1);  // what was there before
  deliver(t.bob).value();
  deliver(t.ann).value();
  CHECK(code(deliver(t.bob)) == Errc::over_quota);
  CHECK(code(t.bob.spool()) == Errc::over_quota);  // before the octets come
  CHECK(code(t.ann.mailbox("INBOX").value().copy(UidSet::of(1, 1), t.ann.create_mailbox("x").value())) ==
        Errc::over_quota);
  deliver(t.other).value();
  CHECK(t.usage_of("example.org") == Usage{t.ann.usage().value().bytes + t.bob.usage().value().bytes, 3});

  // What goes makes room for the others at once; limits count at once, too.
  t.ann.mailbox("INBOX").value().remove(UidSet::of(1, 1)).value();
  deliver(t.bob).value();
  CHECK(code(deliver(t.bob)) == Errc::over_quota);
  t.groups.set("example.org", {.quota = Quota{.messages = 4}}).value();
  deliver(t.bob).value();
  t.groups.set("example.org", {.quota = Quota{.bytes = 1}}).value();
  CHECK(code(deliver(t.ann)) == Errc::over_quota);
  t.ann.mailbox("INBOX").value().move(UidSet::of(2, 2), t.ann.mailbox("x").value()).value();  // nothing grows
  t.groups.set("example.org", {.quota = Quota{}}).value();
  deliver(t.ann).value();

  const Account dora = t.store.create_account("dora@example.org").value();
  deliver(dora).value();
  CHECK(t.usage_of("example.org").messages == 6);
  t.store.remove_account("dora@example.org").value();
  CHECK(t.usage_of("example.org").messages == 5);
}

TEST_CASE("groups are a tree: every limit above an account counts") {
  Two t;
  t.groups.set("tenant", {.quota = Quota{.messages = 5}}).value();
  t.groups.set("example.org", {.parent = "tenant", .quota = Quota{.messages = 3}}).value();
  t.groups.set("example.net", {.parent = "tenant"}).value();
  CHECK(code(t.groups.set("tenant", {.parent = "example.org"})) == Errc::not_permitted);
  CHECK(code(t.groups.set("tenant", {.parent = "tenant"})) == Errc::not_permitted);
  CHECK(code(t.groups.set("tenant", {.parent = "nobody"})) == Errc::not_found);
  CHECK(code(t.groups.set("", {})) == Errc::invalid_argument);
  CHECK(code(t.groups.set("x", {.quota = Quota{.bytes = UINT64_MAX}})) == Errc::invalid_argument);
  for (int i = 0; i < 3; ++i) deliver(t.other).value();
  deliver(t.ann).value();
  deliver(t.ann).value();
  CHECK(t.usage_of("tenant").messages == 5);
  CHECK(code(deliver(t.bob)) == Errc::over_quota);  // of the tenant
  t.groups.set("tenant", {.quota = Quota{.messages = 9}}).value();
  deliver(t.bob).value();
  CHECK(code(deliver(t.bob)) == Errc::over_quota);  // of the domain

  // Elsewhere in the tree, and into a group by hand.
  t.groups.set("example.org", {.parent = ""}).value();
  CHECK(t.usage_of("tenant").messages == 3);
  t.groups.set("tenant", {.quota = Quota{.messages = 3}}).value();
  CHECK(code(deliver(t.other)) == Errc::over_quota);
  t.groups.assign("ann@example.org", "tenant").value();
  CHECK(t.usage_of("tenant").messages == 5);
  CHECK(t.usage_of("example.org").messages == 1);
  CHECK(code(deliver(t.ann)) == Errc::over_quota);
  t.groups.assign("ann@example.org", std::nullopt).value();
  CHECK(t.usage_of("example.org").messages == 3);
  CHECK(code(t.groups.assign("ann@example.org", "nobody")) == Errc::not_found);
  CHECK(code(t.groups.assign("nobody", "tenant")) == Errc::not_found);

  t.groups.remove("example.net").value();
  CHECK(t.usage_of("tenant").messages == 3);
  CHECK(code(deliver(t.other)) == Errc::over_quota);  // in the tenant now
  t.groups.remove("tenant").value();
  deliver(t.other).value();
  CHECK(code(t.groups.remove("tenant")) == Errc::not_found);
  const auto list = t.groups.list().value();
  REQUIRE(list.size() == 1);
  CHECK(list.front().name == "example.org");
  CHECK(list.front().parent.empty());
  CHECK(list.front().quota == Quota{.messages = 3});
}

TEST_CASE("what all accounts use is listed without opening them") {
  Two t;
  t.groups.set("example.org", {}).value();
  deliver(t.ann).value();
  deliver(t.other, 500).value();
  t.other.set_quota({.bytes = 12345}).value();
  const auto list = t.groups.usage().value();
  REQUIRE(list.size() == 3);
  CHECK(list[0].name == "ann@example.org");
  CHECK(list[0].group == "example.org");
  CHECK(list[0].usage == t.ann.usage().value());
  CHECK(list[1].usage == Usage());
  CHECK(list[2].group.empty());
  CHECK(list[2].usage == t.other.usage().value());
  CHECK(list[2].quota == Quota{.bytes = 12345});
}

TEST_CASE("another process with the same store keeps to the same limits") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .default_mailboxes = {}, .password_cost = 1};
  const Store one = Store::open(options).value();
  const Store two = Store::open(options).value();  // what belongs to one of them the other does not see
  const Account ann = one.create_account("ann@example.org").value();
  const Account bob = two.create_account("bob@example.org").value();
  QuotaGroups(one).set("example.org", {.quota = Quota{.messages = 2}}).value();
  deliver(ann).value();
  deliver(bob).value();
  CHECK(code(deliver(ann)) == Errc::over_quota);
  CHECK(code(deliver(bob)) == Errc::over_quota);
  QuotaGroups(two).set("example.org", {.quota = Quota{.messages = 3}}).value();
  deliver(ann).value();
  CHECK(code(deliver(bob)) == Errc::over_quota);
}

TEST_CASE("after a crash what accounts use is looked at again") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .default_mailboxes = {}, .password_cost = 1};
  {
    const Store store = Store::open(options).value();
    store.create_account("ann@example.org").value();
    store.create_account("bob@example.org").value();
    store.create_account("cara@example.net").value();
    QuotaGroups(store).set("example.org", {.quota = Quota{.messages = 4}}).value();
  }
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    // Dies without closing; what it did to an account without a group was put off, and a charge was never used.
    const Store store = Store::open(options).value();
    const Account ann = store.account("ann@example.org").value();
    deliver(ann).value();
    deliver(store.account("cara@example.net").value()).value();
    store::Entry before;
    before.id = ann.id();
    before.name = ann.name();
    store::Entry after = before;
    after.usage = {1000, 3};
    after.modseq = 1000;
    store.impl()->usage->charge(before, after, false).value();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);

  const Store store = Store::open(options).value();
  const QuotaGroups groups(store);
  CHECK(groups.find("example.org").value().usage.messages == 4);
  CHECK(code(deliver(store.account("bob@example.org").value())) == Errc::over_quota);
  while (store.do_upkeep()) continue;
  CHECK(groups.find("example.org").value().usage.messages == 1);
  const auto list = groups.usage().value();
  CHECK(list[2].name == "cara@example.net");
  CHECK(list[2].usage.messages == 1);
  for (int i = 0; i < 3; ++i) deliver(store.account("bob@example.org").value()).value();
  CHECK(code(deliver(store.account("ann@example.org").value())) == Errc::over_quota);
}

TEST_CASE("usage that the power took is looked at before a limit lets anything in") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .default_mailboxes = {}, .password_cost = 1};
  {
    const Store store = Store::open(options).value();
    const Account ann = store.create_account("ann@example.org").value();
    store.create_account("bob@example.org").value();
    QuotaGroups(store).set("example.org", {.quota = Quota{.messages = 3}}).value();
    deliver(ann).value();
    deliver(ann).value();
  }
  {
    auto db = sqlite::Connection::open(options.path + "/quota.db", {}).value();
    db->execute(
          "UPDATE usage SET bytes = 0, messages = 0, modseq = 0; UPDATE quota_group SET bytes = 0, messages = 0;"
          "UPDATE state SET is_open = 1")
        .value();
  }
  const Store store = Store::open(options).value();
  const Account bob = store.account("bob@example.org").value();
  deliver(bob).value();
  CHECK(code(deliver(bob)) == Errc::over_quota);
  CHECK(QuotaGroups(store).find("example.org").value().usage.messages == 3);
}

TEST_CASE("accounts of a store that knew no groups are found") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .default_mailboxes = {}, .password_cost = 1};
  {
    const Store store = Store::open(options).value();
    deliver(store.create_account("ann@example.org").value()).value();
  }
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((options.path + "/quota.db" + suffix).c_str());
  const Store store = Store::open(options).value();
  CHECK(QuotaGroups(store).usage().value().front().usage.messages == 1);
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((options.path + "/quota.db" + suffix).c_str());
  const Store again = Store::open(options).value();
  QuotaGroups(again).set("example.org", {.quota = Quota{.messages = 1}}).value();
  CHECK(QuotaGroups(again).find("example.org").value().usage.messages == 1);
  CHECK(code(deliver(again.account("ann@example.org").value())) == Errc::over_quota);
}

TEST_CASE("no interleaving of many writers passes a limit, and the book is exact afterwards") {
  for (const unsigned seed : {1U, 20261125U, 7U}) {
    CAPTURE(seed);
    Two t;
    constexpr std::uint64_t kBytes = 6000;
    constexpr std::uint64_t kMessages = 40;
    t.groups.set("tenant", {.quota = Quota{.bytes = kBytes, .messages = kMessages}}).value();
    t.groups.set("example.org", {.parent = "tenant", .quota = Quota{.messages = 30}}).value();
    t.groups.set("example.net", {.parent = "tenant"}).value();
    const std::vector<Account> accounts = {t.ann, t.bob, t.other};
    t.bob.set_quota({.messages = 15}).value();
    std::atomic<bool> is_passed = false;
    std::atomic<unsigned> refused = 0;
    std::vector<std::thread> threads;
    for (unsigned number = 0; number < 6; ++number) {
      threads.emplace_back([&, number] {
        std::mt19937 random(seed * 100 + number);
        for (int step = 0; step < 150; ++step) {
          const Account& account = accounts[random() % accounts.size()];
          const Mailbox inbox = account.mailbox("INBOX").value();
          const Uid next = inbox.status().value().uid_next;
          const Uid uid = static_cast<Uid>(random() % next);
          const auto choice = random() % 10;
          Errc outcome{};
          if (choice < 5) {
            const auto done = deliver(account, 60 + random() % 300);
            if (!done) outcome = done.error().code;
          } else if (choice < 7) {
            const auto done = inbox.copy(UidSet::of(uid, uid + 1), inbox);
            if (!done) outcome = done.error().code;
          } else {
            (void)inbox.remove(UidSet::of(uid, uid + random() % 2));
          }
          if (outcome == Errc::over_quota) ++refused;
          if (outcome != Errc{} && outcome != Errc::over_quota) is_passed = true;
          const Usage usage = t.usage_of("tenant");
          if (usage.bytes > kBytes || usage.messages > kMessages) is_passed = true;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK_FALSE(is_passed);
    CHECK(refused > 0);
    Usage sum;
    for (const Account& account : accounts) {
      const Usage usage = account.usage().value();
      sum = {sum.bytes + usage.bytes, sum.messages + usage.messages};
      CHECK(account.check().value().problems.empty());
    }
    CHECK(t.usage_of("tenant") == sum);
    CHECK(sum.bytes <= kBytes);
  }
}
