// What is remembered of an account from one transaction to the next: whoever else writes, it is never older than the
// database.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"
#include "postfach/delivery.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

// A store that two programs have open.
struct TwoStores {
  explicit TwoStores(StoreOptions options = {})
      : f(std::move(options)), other(Store::open(f.store.options()).value()) {}

  Fixture f;
  Store other;
  Account there = other.account("alice@example.org").value();
  Mailbox inbox_there = there.mailbox("INBOX").value();
};

RecipientResult deliver(const Store& store, std::string_view address) {
  auto delivery = Delivery::begin(store, {.sender = "bob@example.org"}).value();
  delivery.add_recipient(address);
  delivery.write("Subject: x\r\n\r\nbody\r\n").value();
  return delivery.finish().front();
}

}  // namespace

TEST_CASE("each of two programs goes on from where the other one was") {
  TwoStores two;
  const Mailbox& here = two.f.inbox;
  for (Uid uid = 1; uid <= 20; uid += 4) {
    CHECK(here.append(message_text("x")).value().uids.front() == uid);
    CHECK(here.append(message_text("x")).value().uids.front() == uid + 1);
    CHECK(two.inbox_there.append(message_text("x")).value().uids.front() == uid + 2);
    CHECK(two.inbox_there.store(UidSet::of(uid, uid), {.flags = Flag::seen}).value().changed.count() == 1);
    CHECK(deliver(two.f.store, "alice@example.org").uid == uid + 3);
    CHECK(here.store(UidSet::of(uid + 1, uid + 1), {.flags = Flag::seen}).value().changed.count() == 1);
    CHECK(here.status().value().unseen == 2 * (uid + 3) / 4);
    CHECK(two.f.account.usage().value() == two.there.usage().value());
  }
  CHECK(two.f.problems().empty());
}

TEST_CASE("a quota that another program sets counts from then on, and one that it lifts no longer") {
  TwoStores two;
  two.f.inbox.append(message_text("x")).value();
  CHECK(two.f.account.check_quota({1000, 1}));
  two.there.set_quota({.messages = 1}).value();
  CHECK(two.f.account.check_quota({1000, 1}).error().code == Errc::over_quota);
  CHECK(two.f.account.quota().value().messages == 1U);
  CHECK(deliver(two.f.store, "alice@example.org").status == DeliveryStatus::over_quota_now);
  CHECK(two.f.inbox.append(message_text("x")).error().code == Errc::over_quota);
  two.there.set_quota({}).value();
  CHECK(two.f.account.check_quota({1000, 1}));
  CHECK(deliver(two.f.store, "alice@example.org").status == DeliveryStatus::stored);
}

TEST_CASE("a mailbox that another program renames or removes is found under its name and no other") {
  TwoStores two;
  const Account& account = two.f.account;
  const Mailbox list = account.create_mailbox("Lists").value();
  list.append(message_text("x")).value();
  CHECK(account.mailbox("Lists").value().id() == list.id());
  two.there.rename_mailbox("Lists", "Old").value();
  CHECK(account.mailbox("Lists").error().code == Errc::not_found);
  CHECK(account.mailbox("Old").value().id() == list.id());
  list.append(message_text("x")).value();
  CHECK(account.mailbox("Old").value().id() == list.id());
  two.there.remove_mailbox("Old").value();
  CHECK(account.mailbox("Old").error().code == Errc::not_found);
  CHECK(list.append(message_text("x")).error().code == Errc::not_found);
  CHECK(list.store(UidSet::of(1, 1), {.flags = Flag::seen}).error().code == Errc::not_found);
}

TEST_CASE("keywords that another program makes keep their bits") {
  TwoStores two;
  const Mailbox& here = two.f.inbox;
  for (int i = 0; i < 2; ++i) here.append(message_text("x")).value();
  here.store(UidSet::of(1, 1), {.keywords = {"one"}}).value();
  two.inbox_there.store(UidSet::of(1, 1), {.keywords = {"two"}}).value();
  here.store(UidSet::of(2, 2), {.keywords = {"three"}}).value();
  const auto stored = here.store(UidSet::of(1, 2), {.keywords = {"four"}, .wants_flags = true}).value();
  CHECK(*stored.keyword_names == KeywordNames{"one", "two", "three", "four"});
  CHECK(stored.messages[0].keywords == 0b1011U);
  CHECK(stored.messages[1].keywords == 0b1100U);
}

TEST_CASE("an account that another program disables or removes gets no mail any more") {
  TwoStores two({.delivery = {.disabled = DeliveryRules::Disabled::refuse}});
  const Store& store = two.f.store;
  CHECK(deliver(store, "alice+list@example.org").status == DeliveryStatus::stored);
  CHECK(deliver(store, "alice+list@example.org").status == DeliveryStatus::stored);
  two.other.create_account("alice+list@example.org", {.password = "secret"}).value();
  CHECK(deliver(store, "alice+list@example.org").account == "alice+list@example.org");
  two.other.set_enabled("alice@example.org", false).value();
  CHECK(deliver(store, "alice@example.org").status == DeliveryStatus::disabled);
  two.other.set_enabled("alice@example.org", true).value();
  CHECK(deliver(store, "alice@example.org").status == DeliveryStatus::stored);
  two.other.remove_account("alice@example.org").value();
  CHECK(deliver(store, "alice@example.org").status == DeliveryStatus::unknown);
}

TEST_CASE("whatever two programs do in turn, nothing is counted twice and nothing is lost") {
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  std::minstd_rand random(seed);
  TwoStores two;
  const std::vector<Account> accounts = {two.f.account, two.there};
  two.f.account.create_mailbox("A").value();
  for (int step = 0; step < 300; ++step) {
    const Account& account = accounts[random() % 2];
    const std::string name = random() % 2 == 0 ? "INBOX" : "A";
    const Mailbox mailbox = account.mailbox(name).value();
    const Uid end = mailbox.status().value().uid_next;
    const Uid some = 1 + static_cast<Uid>(random() % end);
    const UidSet uids = UidSet::of(some, std::min(end, some + 2));
    switch (random() % 8) {
      case 0:
        (void)mailbox.remove(uids).value();
        break;
      case 1:
        (void)mailbox.store(uids, {.flags = Flag::seen}).value();
        break;
      case 2:
        (void)mailbox.store(uids, {.keywords = {"k" + std::to_string(random() % 5)}}).value();
        break;
      case 3:
        (void)mailbox.move(uids, account.mailbox(name == "A" ? "INBOX" : "A").value()).value();
        break;
      case 4:
        CHECK(deliver(random() % 2 == 0 ? two.f.store : two.other, "alice@example.org").status ==
              DeliveryStatus::stored);
        break;
      case 5: {
        std::vector<AppendRequest> requests;
        for (const char* const target : {"INBOX", "A"}) {
          Spool spool = account.spool().value();
          spool.write(message_text("x")).value();
          requests.push_back({.target = account.mailbox(target).value(), .message = {.content = std::move(spool)}});
        }
        for (const auto& each : account.append(std::move(requests))) CHECK(each);
        break;
      }
      default:
        CHECK(mailbox.append(message_text("x")).value().uids.front() == end);
    }
  }
  CHECK(two.f.problems().empty());
  CHECK(two.f.account.usage().value() == two.there.usage().value());
}
