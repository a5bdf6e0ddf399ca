// Mail that arrives: results, fields in front, plus-addresses, the hook, quotas and faults.
#include "postfach/delivery.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "fixture.h"
#include "postfach/quota_groups.h"

using namespace postfach;

namespace {

struct World : Fixture {
  explicit World(StoreOptions options = {}) : Fixture(std::move(options)) {
    bob = store.create_account("bob@example.org", {.addresses = {"robert@example.org"}}).value();
    bob_inbox = bob->mailbox("INBOX").value();
  }

  std::vector<RecipientResult> deliver(const std::vector<std::string>& recipients,
                                       std::string_view octets = "Subject: x\r\n\r\nbody\r\n",
                                       Envelope envelope = {.sender = "eve@example.com"}) const {
    auto delivery = Delivery::begin(store, std::move(envelope)).value();
    for (const std::string& recipient : recipients) delivery.add_recipient(recipient);
    for (std::size_t at = 0; at < octets.size(); at += 1000) (void)delivery.write(octets.substr(at, 1000));
    return delivery.finish();
  }
  std::vector<DeliveryStatus> statuses(const std::vector<std::string>& recipients,
                                       std::string_view octets = "Subject: x\r\n\r\nbody\r\n") const {
    std::vector<DeliveryStatus> list;
    for (const RecipientResult& result : deliver(recipients, octets)) list.push_back(result.status);
    return list;
  }
  std::uint32_t count(std::string_view mailbox = "INBOX") const {
    auto box = account.mailbox(mailbox);
    return box ? box->status().value().messages : 0;
  }
  std::int64_t body_of(std::string_view mailbox) const {
    std::int64_t body = 0;
    account.mailbox(mailbox)
        .value()
        .fetch(UidSet::all(), Field::none,
               [&](const MessageView& view) {
                 body = view.body_id;
                 return true;
               })
        .value();
    return body;
  }

  std::optional<Account> bob;
  std::optional<Mailbox> bob_inbox;
};

using Status = DeliveryStatus;

}  // namespace

TEST_CASE("a delivery to several accounts, each with its own fields and result") {
  World world;
  auto delivery = Delivery::begin(world.store, {.sender = "eve@example.com"}).value();
  CHECK(delivery.add_recipient("alice@example.org").status == Status::accepted);
  CHECK(delivery.add_recipient("nobody@example.org").status == Status::unknown);
  CHECK(delivery.add_recipient("Robert@Example.ORG").status == Status::accepted);
  delivery.write("Subject: x\r\n\r\n").value();
  delivery.write("body\r\n").value();
  CHECK(delivery.step());
  CHECK(delivery.results()[0].status == Status::stored);
  CHECK(delivery.results()[2].status == Status::accepted);
  CHECK_FALSE(delivery.step());
  const auto& results = delivery.results();
  REQUIRE(results.size() == 3);
  CHECK(results[0].account == "alice@example.org");
  CHECK(results[0].mailbox == "INBOX");
  CHECK(results[0].uid == 1);
  CHECK(results[1].status == Status::unknown);
  CHECK(results[1].account.empty());
  CHECK(results[2].status == Status::stored);
  CHECK(results[2].account == "bob@example.org");
  CHECK(octets_of(world.inbox, 1) ==
        "Return-Path: <eve@example.com>\r\nDelivered-To: alice@example.org\r\nSubject: x\r\n\r\nbody\r\n");
  CHECK(octets_of(*world.bob_inbox, 1) ==
        "Return-Path: <eve@example.com>\r\nDelivered-To: Robert@Example.ORG\r\nSubject: x\r\n\r\nbody\r\n");
  CHECK(flags_of(world.inbox, 1).empty());
  CHECK(world.problems().empty());
}

TEST_CASE("recipients of one account that lead to one mailbox get one message, and each is named once") {
  World world;
  const auto results =
      world.deliver({"bob@example.org", "robert@example.org", "bob+x@example.org", "bob@example.org"}, "x: y\r\n\r\n");
  for (const auto& result : results) CHECK(result.status == Status::stored);
  for (const auto& result : results) CHECK(result.uid == 1);
  CHECK(world.bob_inbox->status().value().messages == 1);
  CHECK(octets_of(*world.bob_inbox, 1) ==
        "Return-Path: <eve@example.com>\r\nDelivered-To: bob@example.org\r\nDelivered-To: robert@example.org\r\n"
        "Delivered-To: bob+x@example.org\r\nx: y\r\n\r\n");
}

TEST_CASE("a bounce has an empty Return-Path") {
  World world;
  world.deliver({"alice@example.org"}, "x: y\r\n\r\n", {});
  CHECK(octets_of(world.inbox, 1) == "Return-Path: <>\r\nDelivered-To: alice@example.org\r\nx: y\r\n\r\n");
}

TEST_CASE("Return-Path fields that came along are left out, and nothing else is") {
  const auto [given, kept] = GENERATE(table<std::string, std::string>({
      {"Return-Path: <a@b>\r\nSubject: x\r\n\r\nReturn-Path: y\r\n", "Subject: x\r\n\r\nReturn-Path: y\r\n"},
      {"Subject: x\r\nRETURN-path :\r\n <a@b>\r\n\t(c)\r\nTo: y\r\n\r\n", "Subject: x\r\nTo: y\r\n\r\n"},
      {"return-path: 1\nreturn-path: 2\n\nbody\n", "\nbody\n"},
      {"Return-Path-X: 1\r\nReturn-Pat: 2\r\nReturn-Path\r\n x\r\n\r\n",
       "Return-Path-X: 1\r\nReturn-Pat: 2\r\nReturn-Path\r\n x\r\n\r\n"},
      {"\r\nReturn-Path: x\r\n", "\r\nReturn-Path: x\r\n"},
      {" folded\r\nReturn-Path: x\r\n folded\r\n: y", " folded\r\n: y"},
      {"\r\rReturn-Path: x\r\n\r\n", "\r\rReturn-Path: x\r\n\r\n"},
      {"Subject: x\r\nReturn-P", "Subject: x\r\nReturn-P"},
      {"Subject: x\r\n\r", "Subject: x\r\n\r"},
      {"Return-Path: x", ""},
      {"\nReturn-Path: x", "\nReturn-Path: x"},
  }));
  World world;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, given.size()}) {
    auto delivery = Delivery::begin(world.store, {}).value();
    delivery.add_recipient("alice@example.org");
    for (std::size_t at = 0; at < given.size(); at += piece) delivery.write(given.substr(at, piece)).value();
    const auto result = delivery.finish().front();
    REQUIRE(result.status == Status::stored);
    CHECK(octets_of(world.inbox, result.uid) == "Return-Path: <>\r\nDelivered-To: alice@example.org\r\n" + kept);
  }
}

TEST_CASE("a Received field says who took the message in, and for whom if that is one") {
  World world;
  const Envelope envelope{.sender = "eve@example.com",
                          .server = "mx.example.org",
                          .protocol = "LMTP",
                          .client = "out",
                          .remote = "192.0.2.1"};
  auto delivery = Delivery::begin(world.store, envelope).value();
  delivery.add_recipient("alice@example.org");
  delivery.write("x: y\r\n\r\n").value();
  REQUIRE(delivery.finish().front().status == Status::stored);
  const std::string octets = octets_of(world.inbox, 1);
  const std::string before =
      "Return-Path: <eve@example.com>\r\nDelivered-To: alice@example.org\r\n"
      "Received: from out ([192.0.2.1])\r\n\tby mx.example.org with LMTP id " +
      delivery.id() + "\r\n\tfor <alice@example.org>;\r\n\t";
  CHECK(octets.substr(0, before.size()) == before);
  CHECK(octets.ends_with(" +0000\r\nx: y\r\n\r\n"));
  CHECK(delivery.id().size() == 16);

  world.deliver({"bob@example.org", "robert@example.org"}, "x: y\r\n\r\n",
                {.server = "mx", .protocol = "LMTP", .client = "out", .remote = "2001:db8::1"});
  const std::string both = octets_of(*world.bob_inbox, 1);
  CHECK(both.find(" ([IPv6:2001:db8::1])\r\n") != std::string::npos);
  CHECK(both.find("for <") == std::string::npos);
}

TEST_CASE("plus-addresses lead to mailboxes where that is allowed") {
  using Mailboxes = PlusAddresses::Mailboxes;
  const auto rule = GENERATE(Mailboxes::none, Mailboxes::existing, Mailboxes::create);
  StoreOptions options;
  options.delivery.plus.mailboxes = rule;
  World world(std::move(options));
  world.account.create_mailbox("Lists").value();
  const auto where = [&](const std::string& address) { return world.deliver({address}).front().mailbox; };
  const bool leads = rule != Mailboxes::none;
  CHECK(where("alice+Lists@example.org") == (leads ? "Lists" : "INBOX"));
  CHECK(where("ALICE+lists@example.org") == (leads ? "Lists" : "INBOX"));
  CHECK(where("alice+New/Deep@example.org") == (rule == Mailboxes::create ? "New/Deep" : "INBOX"));
  CHECK(where("alice+a+b@example.org") == (rule == Mailboxes::create ? "a+b" : "INBOX"));
  CHECK(where("alice+@example.org") == "INBOX");
  CHECK(where("alice+//@example.org") == "INBOX");
  CHECK(world.deliver({"+Lists@example.org"}).front().status == Status::unknown);
  CHECK(world.deliver({"alice@example.org+Lists"}).front().status == Status::unknown);
  CHECK(world.deliver({"\"alice+Lists\"@example.org"}).front().status == Status::unknown);
  // An address of its own comes first.
  world.store.add_address("bob@example.org", "alice+Lists@example.org").value();
  CHECK(world.deliver({"alice+Lists@example.org"}).front().account == "bob@example.org");
  CHECK(world.problems().empty());
}

TEST_CASE("another separator, or none") {
  StoreOptions options;
  options.delivery.plus.separator = GENERATE('-', '\0');
  const bool has = options.delivery.plus.separator == '-';
  World world(std::move(options));
  CHECK(world.deliver({"alice-x@example.org"}).front().status == (has ? Status::stored : Status::unknown));
  CHECK(world.deliver({"alice+x@example.org"}).front().status == Status::unknown);
}

TEST_CASE("two mailboxes of one account share one body") {
  StoreOptions options;
  options.delivery.plus.mailboxes = PlusAddresses::Mailboxes::create;
  World world(std::move(options));
  const std::string text = message_text("x", GENERATE(100U, 200'000U));
  const auto results =
      world.deliver({"alice@example.org", "alice+a@example.org", "alice+b@example.org", "alice+A@example.org"}, text);
  for (const auto& result : results) CHECK(result.status == Status::stored);
  CHECK(results[1].mailbox == "a");
  CHECK(results[3].mailbox == "a");
  CHECK(results[1].uid == results[3].uid);
  CHECK(world.count() == 1);
  CHECK(world.count("a") == 1);
  CHECK(world.body_of("INBOX") == world.body_of("a"));
  CHECK(world.body_of("INBOX") == world.body_of("b"));
  CHECK(uidl_of(world.inbox, 1) != uidl_of(world.account.mailbox("a").value(), 1));
  CHECK(world.account.usage().value().messages == 3);
  CHECK(world.large_files() == (text.size() > 65536 ? 1 : 0));
  CHECK(octets_of(world.account.mailbox("b").value(), 1) == octets_of(world.inbox, 1));
  CHECK(world.problems().empty());
  world.inbox.remove(UidSet::all()).value();
  CHECK(octets_of(world.account.mailbox("b").value(), 1).ends_with(text));
  CHECK(world.problems().empty());
}

TEST_CASE("the hook chooses") {
  StoreOptions options;
  DeliveryChoice choice;
  std::string seen;
  options.delivery.hook = [&](const Arrival& arrival) {
    seen = std::string(arrival.address) + " " + std::string(arrival.detail) + " " + std::string(arrival.mailbox) + " " +
           arrival.envelope.sender + " " + arrival.account.name() + " " + std::to_string(arrival.size) + " ";
    arrival.read(2, 5, seen).value();
    return choice;
  };
  World world(std::move(options));
  const std::string text = message_text("x", GENERATE(100U, 200'000U));
  const auto deliver = [&] { return world.deliver({"alice+y@example.org"}, text).front(); };

  choice = {.mailbox = "Junk", .flags = Flag::seen, .keywords = {"$Junk", "no keyword"}};
  auto result = deliver();
  CHECK(result.mailbox == "Junk");
  CHECK(seen ==
        "alice+y@example.org y INBOX eve@example.com alice@example.org " + std::to_string(text.size()) + " bject");
  const Mailbox junk = world.account.mailbox("Junk").value();
  CHECK(flags_of(junk, 1) == Flags(Flag::seen));
  CHECK(junk.keywords().value() == KeywordNames{"$Junk"});

  choice = {.mailbox = "New/One"};
  CHECK(deliver().mailbox == "New/One");
  CHECK(world.account.mailbox_info("New/One").value().subscribed);
  choice = {.mailbox = "a//b"};
  CHECK(deliver().mailbox == "INBOX");

  choice = {.action = DeliveryChoice::Action::discard};
  result = deliver();
  CHECK(result.status == Status::stored);
  CHECK(result.mailbox.empty());
  choice = {.action = DeliveryChoice::Action::reject, .text = "No\r\nspam \xFF"};
  result = deliver();
  CHECK(result.status == Status::refused);
  CHECK(result.text == "No  spam \xEF\xBF\xBD");
  choice = {.action = DeliveryChoice::Action::defer, .text = "Later"};
  CHECK(deliver().status == Status::deferred);
  CHECK(world.account.usage().value().messages == 3);
  CHECK(world.problems().empty());
  CHECK(world.large_files() == (text.size() > 65536 ? 3 : 0));
}

TEST_CASE("the hook can split the recipients of one account") {
  StoreOptions options;
  options.delivery.hook = [](const Arrival& arrival) -> DeliveryChoice {
    if (arrival.address.starts_with("robert")) return {.action = DeliveryChoice::Action::reject};
    return {.flags = arrival.detail.empty() ? Flags() : Flags(Flag::flagged)};
  };
  World world(std::move(options));
  CHECK(world.statuses({"robert@example.org", "bob@example.org", "bob+x@example.org"}) ==
        std::vector{Status::refused, Status::stored, Status::stored});
  CHECK(flags_of(*world.bob_inbox, 1) == Flags(Flag::flagged));
}

TEST_CASE("a mailbox with all its keywords taken still gets the message") {
  StoreOptions options;
  options.delivery.hook = [](const Arrival&) -> DeliveryChoice { return {.keywords = {"one-more"}}; };
  World world(std::move(options));
  std::vector<std::string> names;
  for (int i = 0; i < 64; ++i) names.push_back("k" + std::to_string(i));
  world.inbox.append("x").value();
  world.inbox.store(UidSet::of(1, 1), {.keywords = names}).value();
  CHECK(world.statuses({"alice@example.org"}) == std::vector{Status::stored});
  CHECK(world.problems().empty());
}

TEST_CASE("a mailbox that can't be made: the message goes to INBOX") {
  StoreOptions options;
  options.delivery.plus.mailboxes = PlusAddresses::Mailboxes::create;
  World world(std::move(options));
  world.account.set_quota({.mailboxes = world.account.mailboxes().value().size()}).value();
  CHECK(world.deliver({"alice+new@example.org"}).front().mailbox == "INBOX");
  CHECK(world.account.mailbox("new").error().code == Errc::not_found);
}

TEST_CASE("a name that is kept for its children becomes a mailbox again") {
  StoreOptions options;
  options.delivery.plus.mailboxes = PlusAddresses::Mailboxes::create;
  World world(std::move(options));
  world.account.create_mailbox("a/b").value();
  world.account.remove_mailbox("a").value();
  CHECK(world.deliver({"alice+a@example.org"}).front().mailbox == "a");
  CHECK(world.problems().empty());
}

TEST_CASE("over quota, now or for good, for the account that it concerns") {
  const auto [rule, status] = GENERATE(
      table<DeliveryRules::OverQuota, Status>({{DeliveryRules::OverQuota::now, Status::over_quota_now},
                                               {DeliveryRules::OverQuota::for_good, Status::over_quota_for_good}}));
  StoreOptions options;
  options.delivery.over_quota = rule;
  options.delivery.plus.mailboxes = PlusAddresses::Mailboxes::existing;
  World world(std::move(options));
  const std::string text = message_text("x", 2000);

  // Not certain before the octets are there, and certain once the size was told.
  world.account.set_quota({.bytes = 1000}).value();
  CHECK(world.statuses({"alice@example.org", "bob@example.org"}, text) == std::vector{status, Status::stored});
  auto delivery = Delivery::begin(world.store, {.size = text.size()}).value();
  CHECK(delivery.add_recipient("alice@example.org").status == status);
  CHECK(delivery.add_recipient("bob@example.org").status == Status::accepted);

  world.account.set_quota({.messages = 0}).value();
  CHECK(world.statuses({"alice@example.org"}, text) == std::vector{status});

  // A mailbox's own limit, and an account with room for one of two.
  world.account.set_quota({}).value();
  const Mailbox junk = world.account.mailbox("Junk").value();
  junk.set_quota({.messages = 0}).value();
  CHECK(world.statuses({"alice+Junk@example.org", "alice@example.org"}, text) == std::vector{status, Status::stored});
  junk.set_quota({}).value();
  world.account.set_quota({.messages = 2}).value();
  CHECK(world.statuses({"alice@example.org", "alice+Junk@example.org"}, text) == std::vector{Status::stored, status});
  CHECK(world.account.usage().value().messages == 2);
  CHECK(world.problems().empty());
}

TEST_CASE("the limit of a group stops a delivery, and lets in what still fits") {
  StoreOptions options;
  options.delivery.plus.mailboxes = PlusAddresses::Mailboxes::existing;
  World world(std::move(options));
  const QuotaGroups groups(world.store);
  groups.set("example.org", {.quota = Quota{.messages = 1}}).value();
  CHECK(world.statuses({"alice@example.org", "alice+Junk@example.org", "alice+Sent@example.org"}) ==
        std::vector{Status::stored, Status::over_quota_now, Status::over_quota_now});
  CHECK(world.statuses({"bob@example.org"}) == std::vector{Status::over_quota_now});
  CHECK(groups.find("example.org").value().usage.messages == 1);
  groups.set("example.org", {.quota = Quota{}}).value();
  CHECK(world.statuses({"bob@example.org"}) == std::vector{Status::stored});
  CHECK(world.problems().empty());
}

TEST_CASE("a message that is too large: for the store, and for one account") {
  StoreOptions options;
  options.max_message_size = 5000;
  World world(std::move(options));
  // Exactly as large as permitted, whatever is put in front of it.
  CHECK(world.statuses({"alice@example.org"}, std::string(5000, 'x')) == std::vector{Status::stored});
  CHECK(world.statuses({"alice@example.org", "bob@example.org"}, std::string(5001, 'x')) ==
        std::vector{Status::too_large, Status::too_large});
  auto delivery = Delivery::begin(world.store, {}).value();
  delivery.add_recipient("alice@example.org");
  CHECK(delivery.write(std::string(5001, 'x')).error().code == Errc::limit);
  CHECK(delivery.write("x").error().code == Errc::limit);
  CHECK(Delivery::begin(world.store, {.size = 5001}).error().code == Errc::limit);

  world.account.set_quota({.message_size = 100}).value();
  CHECK(world.statuses({"alice@example.org", "bob@example.org"}, std::string(100, 'x')) ==
        std::vector{Status::stored, Status::stored});
  CHECK(world.statuses({"alice@example.org", "bob@example.org"}, std::string(101, 'x')) ==
        std::vector{Status::too_large, Status::stored});
  auto second = Delivery::begin(world.store, {.size = 101}).value();
  CHECK(second.add_recipient("alice@example.org").status == Status::too_large);
}

TEST_CASE("disabled accounts, as the rule says") {
  const auto [rule, status] =
      GENERATE(table<DeliveryRules::Disabled, Status>({{DeliveryRules::Disabled::accept, Status::stored},
                                                       {DeliveryRules::Disabled::defer, Status::deferred},
                                                       {DeliveryRules::Disabled::refuse, Status::disabled}}));
  StoreOptions options;
  options.delivery.disabled = rule;
  World world(std::move(options));
  world.store.set_enabled("alice@example.org", false).value();
  CHECK(world.statuses({"alice@example.org", "bob@example.org"}) == std::vector{status, Status::stored});
}

TEST_CASE("recipients have a limit, and an order") {
  StoreOptions options;
  options.delivery.max_recipients = 2;
  World world(std::move(options));
  CHECK(world.statuses({"alice@example.org", "nobody@example.org", "bob@example.org"}) ==
        std::vector{Status::stored, Status::unknown, Status::too_many});
  auto delivery = Delivery::begin(world.store, {}).value();
  delivery.write("x").value();
  CHECK(delivery.add_recipient("alice@example.org").status == Status::deferred);
  CHECK(delivery.finish().size() == 1);
  CHECK(delivery.write("x").error().code == Errc::invalid_argument);
}

TEST_CASE("what could forge a field is no address") {
  World world;
  CHECK(Delivery::begin(world.store, {.sender = "a\r\nb"}).error().code == Errc::invalid_argument);
  CHECK(Delivery::begin(world.store, {.sender = "\xFF"}).error().code == Errc::invalid_argument);
  CHECK(Delivery::begin(world.store, {.sender = std::string(1001, 'a')}).error().code == Errc::invalid_argument);
  CHECK(Delivery::begin(world.store, {.client = "a\nb"}).error().code == Errc::invalid_argument);
  CHECK(world.statuses({"alice+\r\n@example.org", "", std::string(300, 'a')}) ==
        std::vector{Status::unknown, Status::unknown, Status::unknown});
}

TEST_CASE("a fault in the files of one account touches that account alone") {
  World world;
  const std::string text = message_text("x", GENERATE(100U, 200'000U));
  SECTION("its database is damaged") {
    const std::string path = world.account_directory() + "/mail.db";
    world.store.create_account("carol@example.org", {}).value();  // opens another one
    std::filesystem::remove(path + "-wal");
    std::filesystem::remove(path + "-shm");
    std::ofstream(path, std::ios::trunc | std::ios::binary) << std::string(8192, 'x');
  }
  SECTION("its folder of large messages is gone") {
    if (text.size() < 65536) return;
    std::filesystem::remove_all(world.account_directory() + "/large");
  }
  const auto results = world.deliver({"alice@example.org", "bob@example.org"}, text);
  CHECK(results[0].status == Status::deferred);
  CHECK_FALSE(results[0].detail.empty());
  CHECK(results[1].status == Status::stored);
  CHECK(octets_of(*world.bob_inbox, 1).ends_with(text));
}

TEST_CASE("a large message for many accounts, and one that nobody takes, leave no files behind") {
  World world;
  const std::string text = message_text("x", 300'000);
  CHECK(world.statuses({"alice@example.org", "bob@example.org"}, text) == std::vector{Status::stored, Status::stored});
  CHECK(octets_of(world.inbox, 1).ends_with("Delivered-To: alice@example.org\r\n" + text));
  CHECK(octets_of(*world.bob_inbox, 1).ends_with("Delivered-To: bob@example.org\r\n" + text));
  CHECK(world.statuses({"nobody@example.org"}, text) == std::vector{Status::unknown});
  {
    auto dropped = Delivery::begin(world.store, {}).value();
    dropped.add_recipient("alice@example.org");
    dropped.write(text).value();
  }
  CHECK(world.large_files() == 1);
  for (const auto& entry : std::filesystem::directory_iterator(world.store.options().path)) {
    CHECK(entry.path().filename().string().find("tmp") == std::string::npos);
  }
}

TEST_CASE("an account that is removed between its address and the message") {
  World world;
  auto delivery = Delivery::begin(world.store, {}).value();
  delivery.add_recipient("alice@example.org");
  delivery.add_recipient("bob@example.org");
  world.store.remove_account("alice@example.org").value();
  delivery.write("x: y\r\n\r\n").value();
  const auto& results = delivery.finish();
  CHECK(results[0].status == Status::deferred);
  CHECK(results[1].status == Status::stored);
}

TEST_CASE("statuses have names") {
  CHECK(to_string(Status::over_quota_for_good) == "over_quota_for_good");
  CHECK(to_string(Status::refused) == "refused");
  CHECK(to_string(Status::stored) == "stored");
}
