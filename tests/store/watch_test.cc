#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "fixture.h"

using namespace postfach;

TEST_CASE("doorbells ring for their account or mailbox, once a change is there to be read") {
  Fixture f;
  const Mailbox sent = f.account.mailbox("Sent").value();
  f.inbox.append("warm up").value();
  int account_rings = 0;
  int inbox_rings = 0;
  int sent_rings = 0;
  {
    const Subscription a = f.account.watch([&] { ++account_rings; });
    const Subscription b = f.inbox.watch([&] { ++inbox_rings; });
    const Subscription c = sent.watch([&] { ++sent_rings; });
    f.inbox.append("x").value();
    CHECK(account_rings == 1);
    CHECK(inbox_rings == 1);
    CHECK(sent_rings == 0);
    f.inbox.move(UidSet::of(1, 1), sent).value();
    CHECK(inbox_rings == 2);
    CHECK(sent_rings == 1);
    f.inbox.store(UidSet::of(99, 99), {.flags = Flag::seen}).value();  // changes nothing
    CHECK(inbox_rings == 2);
    CHECK_FALSE(f.inbox.append(NewMessage{f.account.spool().value()}));
    CHECK(inbox_rings == 2);
    f.account.rename_mailbox("Sent", "Gesendet").value();
    CHECK(sent_rings == 2);
    f.account.remove_mailbox("Gesendet").value();
    CHECK(sent_rings == 3);
    f.account.create_mailbox("new").value();
    CHECK(account_rings == 5);
    CHECK(inbox_rings == 2);
  }
  f.inbox.append("x").value();
  CHECK(account_rings == 5);
}

TEST_CASE("a doorbell may drop its own subscription, and throw") {
  Fixture f;
  f.inbox.append("warm up").value();
  int rings = 0;
  Subscription once;
  once = f.inbox.watch([&] {
    ++rings;
    once = Subscription();
    throw 1;
  });
  f.inbox.append("x").value();
  f.inbox.append("x").value();
  CHECK(rings == 1);
}

TEST_CASE("no call after the destructor, whatever other threads commit") {
  Fixture f;
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) f.inbox.append("x").value();
  });
  for (int i = 0; i < 200; ++i) {
    auto alive = std::make_shared<std::atomic<bool>>(true);
    std::atomic<bool> late{false};
    {
      const Subscription subscription = f.inbox.watch([&late, alive] {
        if (!*alive) late = true;
      });
      std::this_thread::yield();
    }
    *alive = false;
    std::this_thread::yield();
    CHECK_FALSE(late);
  }
  stop = true;
  writer.join();
}

TEST_CASE("what another process writes is noticed, and what we wrote is not taken for it") {
  Fixture f;
  // A second Store on the same directory has its own connections and doorbells, as another process would.
  const Store other = Store::open({.path = f.store.options().path, .password_cost = 1}).value();
  const Mailbox theirs = other.account("alice@example.org").value().mailbox("INBOX").value();
  f.inbox.append("warm up").value();
  int rings = 0;
  const Subscription subscription = f.inbox.watch([&] { ++rings; });
  f.store.notice_other_processes();
  rings = 0;
  f.store.notice_other_processes();
  CHECK(rings == 0);

  theirs.append("x").value();
  CHECK(rings == 0);
  f.store.notice_other_processes();
  CHECK(rings == 1);
  f.store.notice_other_processes();
  CHECK(rings == 1);
  CHECK(f.inbox.status().value().messages == 2);

  f.inbox.append("ours").value();
  rings = 0;
  f.store.notice_other_processes();
  CHECK(rings == 0);

  // Theirs first, then ours to another mailbox: the watchers of the first one hear of it at once.
  theirs.append("x").value();
  f.account.deliver("x", {.mailbox = "Sent"}).value();
  CHECK(rings == 1);
  CHECK(f.account.usage().value().messages == 5);
}

TEST_CASE("a quota set by another process counts at once") {
  Fixture f;
  const Store other = Store::open({.path = f.store.options().path, .password_cost = 1}).value();
  f.inbox.append("x").value();
  other.account("alice@example.org").value().set_quota({.messages = 1}).value();
  CHECK(f.inbox.append("x").error().code == Errc::over_quota);
}
