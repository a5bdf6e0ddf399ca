#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "fixture.h"

using namespace postfach;

TEST_CASE("octets come out as they went in, whatever they are and however they were cut") {
  Fixture f;
  std::string odd("\0\r\n.\r\n\xFF\n\r", 9);
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{9}, std::size_t{65536}, std::size_t{65537}, std::size_t{300'000}}) {
    std::string octets;
    while (octets.size() < size) octets += odd;
    octets.resize(size);
    Spool spool = f.account.spool().value();
    for (std::size_t at = 0; at < size; at += 7777) spool.write(std::string_view(octets).substr(at, 7777)).value();
    CHECK(spool.size() == size);
    const Appended appended = f.inbox.append({std::move(spool)}).value();
    CHECK(octets_of(f.inbox, appended.uids[0]) == octets);
    std::string part;
    const Body body = f.inbox.open(appended.uids[0], size / 2, 5).value();
    body.read(0, 100, part).value();
    CHECK(part == octets.substr(size / 2, 5));
    CHECK(f.inbox.open(appended.uids[0], size + 10).value().size() == 0);
  }
  CHECK(f.large_files() == 2);
  CHECK(f.inbox.open(99).error().code == Errc::not_found);
  CHECK(f.problems().empty());
}

TEST_CASE("what a fetch tells of a message") {
  Fixture f;
  Spool spool = f.account.spool().value();
  spool.write("Subject: hi\r\n\r\nno line end").value();
  const DateTime date{1'000'000'000, -90};
  f.inbox.append(NewMessage{std::move(spool), Flag::flagged, {"$Forwarded", "x"}, date, "imported.1"}).value();
  int calls = 0;
  f.inbox
      .fetch(UidSet::all(), Field::envelope | Field::body_structure | Field::sections | Field::uidl,
             [&](const MessageView& view) {
               ++calls;
               CHECK(view.uid == 1);
               CHECK(view.flags == Flag::flagged);
               CHECK((*view.keyword_names)[0] == "$Forwarded");
               CHECK(view.keywords == 3);
               CHECK(view.internal_date == date);
               CHECK(view.size == 26);
               CHECK(view.header_size == 15);
               CHECK_FALSE(view.ends_with_crlf);
               CHECK(view.envelope.find("\"hi\"") != std::string_view::npos);
               CHECK(view.body_structure.starts_with("("));
               CHECK_FALSE(view.sections.empty());
               CHECK(view.uidl == "imported.1");
               return true;
             })
      .value();
  CHECK(calls == 1);
  f.inbox
      .fetch(UidSet::all(), Field::none,
             [](const MessageView& view) {
               CHECK(view.envelope.empty());
               return true;
             })
      .value();
}

TEST_CASE("a fetch stops when it is told to, and survives a visitor that throws") {
  Fixture f;
  for (int i = 0; i < 10; ++i) f.inbox.append(message_text("m")).value();
  UidSet some;
  for (const Uid uid : {1U, 2U, 5U, 9U, 20U}) some.add(uid);
  std::vector<Uid> seen;
  f.inbox
      .fetch(some, Field::none,
             [&](const MessageView& view) {
               seen.push_back(view.uid);
               return view.uid < 5;
             })
      .value();
  CHECK(seen == std::vector<Uid>{1, 2, 5});
  for (int i = 0; i < 5; ++i) {
    CHECK_THROWS_AS((void)f.inbox.fetch(some, Field::none, [](const MessageView&) -> bool { throw 1; }), int);
  }
  CHECK(f.inbox.append(message_text("after")).value().uids == std::vector<Uid>{11});
}

TEST_CASE("an append that is refused leaves nothing") {
  Fixture f({.max_message_size = 200'000});
  const auto spooled = [&](std::size_t size) {
    Spool spool = f.account.spool().value();
    if (size > 0) spool.write(std::string(size, 'x')).value();
    return spool;
  };
  CHECK(f.inbox.append({spooled(0)}).error().code == Errc::invalid_argument);
  CHECK(f.inbox.append({spooled(1), {}, {"not an atom"}}).error().code == Errc::invalid_argument);
  CHECK(f.inbox.append({spooled(1), {}, {}, {}, "a b"}).error().code == Errc::invalid_argument);
  CHECK(f.account.spool(200'001).error().code == Errc::limit);
  {
    Spool spool = spooled(100'000);
    CHECK(spool.write(std::string(100'001, 'x')).error().code == Errc::limit);
    CHECK(spool.write("x").error().code == Errc::limit);
    CHECK(f.large_files() == 1);
  }
  CHECK(f.large_files() == 0);
  f.inbox.append({spooled(1), {}, {}, {}, "same"}).value();
  CHECK(f.inbox.append({spooled(100'000), {}, {}, {}, "same"}).error().code == Errc::already_exists);
  CHECK(f.large_files() == 0);

  std::vector<NewMessage> two;
  two.push_back({spooled(100'000)});
  two.push_back({spooled(10), {}, {}, {}, "same"});
  CHECK_FALSE(f.inbox.append(std::move(two)));
  CHECK(f.inbox.append({f.store.create_account("bob").value().spool().value()}).error().code == Errc::invalid_argument);
  CHECK(f.inbox.append({spooled(1)}).value().uids == std::vector<Uid>{2});
  CHECK(f.large_files() == 0);
  CHECK(f.problems().empty());
}

TEST_CASE("quota: refused at the edge, counted for copies, and never in the way of an expunge") {
  Fixture f;
  const std::string text = message_text("q", 1000);
  f.account.set_quota({.bytes = text.size() * 3, .messages = 3}).value();
  CHECK(f.account.quota().value().messages == 3U);
  f.inbox.append(text).value();
  f.inbox.append(text).value();
  const Mailbox trash = f.account.mailbox("Trash").value();
  CHECK(f.inbox.copy(UidSet::all(), trash).error().code == Errc::over_quota);
  f.inbox.copy(UidSet::of(1, 1), trash).value();
  CHECK(f.inbox.append(text).error().code == Errc::over_quota);
  CHECK(f.account.spool(1).error().code == Errc::over_quota);
  f.inbox.move(UidSet::all(), trash).value();
  f.account.set_quota({.bytes = 1}).value();
  CHECK(f.account.usage().value().messages == 3);
  CHECK(trash.remove(UidSet::all()).value().uids.count() == 3);
  CHECK(f.account.usage().value().bytes == 0);
  CHECK(f.account.deliver("x").value().uids.size() == 1);
  CHECK(f.account.deliver("x").error().code == Errc::over_quota);
}

TEST_CASE("a body that is open is read to its end after the message has gone") {
  Fixture f;
  for (const std::size_t size : {std::size_t{100}, std::size_t{200'000}}) {
    const std::string text = message_text("x", size);
    const Uid uid = f.inbox.append(text).value().uids[0];
    const Body body = f.inbox.open(uid).value();
    f.inbox.remove(UidSet::of(uid, uid)).value();
    CHECK(f.large_files() == 0);
    std::string out;
    while (body.read(out.size(), 1000, out).value() > 0) {
    }
    CHECK(out == text);
  }
}

TEST_CASE("delivery makes the mailbox that it names") {
  Fixture f;
  f.account.deliver(message_text("x"), {.mailbox = "Lists/dev", .flags = Flag::seen}).value();
  const Mailbox dev = f.account.mailbox("Lists/dev").value();
  CHECK(dev.status().value().messages == 1);
  CHECK(flags_of(dev, 1) == Flag::seen);
  CHECK(f.account.deliver("x", {.mailbox = "a//b"}).error().code == Errc::invalid_argument);
}

TEST_CASE("recent messages are claimed once") {
  Fixture f;
  f.inbox.append(message_text("1")).value();
  f.inbox.append(message_text("2")).value();
  CHECK(f.inbox.status().value().recent == 2);
  CHECK(f.inbox.snapshot(false).value().first_recent == 1);
  const auto claimed = f.inbox.snapshot(true).value();
  CHECK(claimed.first_recent == 1);
  CHECK(claimed.status.recent == 2);
  CHECK(f.inbox.status().value().recent == 0);
  f.inbox.append(message_text("3"), Flag::seen).value();
  const auto next = f.inbox.snapshot(true).value();
  CHECK(next.first_recent == 3);
  CHECK(next.status.recent == 1);
  CHECK(next.uids.to_set() == UidSet::of(1, 3));
  CHECK(next.first_unseen == 1);
  CHECK(f.inbox.snapshot(true).value().first_recent == 4);
}

TEST_CASE("files that no body names go when the account is opened; those being written stay") {
  Fixture scratch;
  const std::string path = scratch.store.options().path + "/s";
  const std::string large = path + "/accounts/01/1/large/";
  const StoreOptions options{.path = path, .password_cost = 1};
  std::optional<Spool> spool;
  const auto store = Store::open(options).value();
  const Account account = store.create_account("bob").value();
  account.deliver(message_text("kept", 100'000)).value();
  spool = account.spool().value();
  spool->write(std::string(100'000, 'x')).value();
  std::ofstream(large + "tmp-0123") << "left by a crash";
  std::ofstream(large + "4567") << "left by a crash";
  {
    const auto second = Store::open(options).value();  // as another process would
    CHECK(second.account("bob").value().usage().value().messages == 1);
  }
  CHECK_FALSE(std::filesystem::exists(large + "tmp-0123"));
  CHECK_FALSE(std::filesystem::exists(large + "4567"));
  account.deliver(std::move(*spool)).value();
  CHECK(octets_of(account.mailbox("INBOX").value(), 2) == std::string(100'000, 'x'));
  CHECK(account.check().value().problems.empty());
}
