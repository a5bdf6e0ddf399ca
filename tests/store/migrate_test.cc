// What identified a message elsewhere stays with it.
#include "postfach/migrate.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"

using namespace postfach;

namespace {

IntakeMessage incoming(const Account& account, const std::string& key, Uid uid, const std::string& uidl = {},
                       std::size_t size = 0) {
  auto spool = account.unchecked_spool();
  spool.write(message_text(key, size)).value();
  return {.message = {.content = std::move(spool), .uidl = uidl}, .key = key, .uid = uid};
}

template <class... Messages>
std::vector<IntakeMessage> list(Messages... messages) {
  std::vector<IntakeMessage> out;
  (out.push_back(std::move(messages)), ...);
  return out;
}

}  // namespace

TEST_CASE("An empty mailbox takes over UIDVALIDITY, UIDs, UIDLs and UIDNEXT") {
  Fixture f;
  const auto old = f.inbox;
  auto intake = Intake::begin(f.account, {.source = "s", .uid_validity = 1'234'567, .uid_next = 100}).value();
  CHECK(intake.keeps_uids());
  const auto report = intake
                          .add(list(incoming(f.account, "a", 7, "first"),
                                    incoming(f.account, "b", 9, "second", 200'000), incoming(f.account, "c", 0)))
                          .value();
  CHECK(report.messages == 3);
  CHECK(report.new_uids == 0);
  const auto inbox = f.account.mailbox("INBOX").value();
  CHECK(inbox.uids().value() == std::vector<Uid>{7, 9, 100});
  CHECK(inbox.status().value().uid_validity == 1'234'567);
  CHECK(uidl_of(inbox, 7) == "first");
  CHECK(uidl_of(inbox, 9) == "second");
  CHECK(octets_of(inbox, 9) == message_text("b", 200'000));
  intake.finish().value();
  CHECK(inbox.status().value().uid_next == 101);
  // A session that had selected it does not go on with a UIDVALIDITY that is wrong now.
  CHECK(old.status().error().code == Errc::not_found);
  CHECK(f.problems().empty());

  auto other = Intake::begin(f.account, {.mailbox = "New", .source = "s", .uid_validity = 5, .uid_next = 50}).value();
  other.finish().value();
  CHECK(other.mailbox().status().value().uid_next == 50);
}

TEST_CASE("What an import brought does not come again, even after it was removed") {
  Fixture f;
  auto first = Intake::begin(f.account, {.source = "s", .uid_validity = 5}).value();
  first.add(list(incoming(f.account, "a", 1), incoming(f.account, "b", 2))).value();
  first.mailbox().remove(UidSet::of(1, 1)).value();
  auto again = Intake::begin(f.account, {.source = "s", .uid_validity = 5}).value();
  CHECK(again.present({"a", "b", "c"}).value() == std::vector<bool>{true, true, false});
  const auto report =
      again
          .add(list(incoming(f.account, "a", 1), incoming(f.account, "b", 2), incoming(f.account, "c", 3, "", 100'000)))
          .value();
  CHECK(report.messages == 1);
  CHECK(report.present == 2);
  CHECK(again.mailbox().uids().value() == std::vector<Uid>{2, 3});
  CHECK(f.large_files() == 1);
  // Another source, and another mailbox, have nothing to do with it.
  auto other = Intake::begin(f.account, {.source = "t", .uid_validity = 5}).value();
  CHECK(other.add(list(incoming(f.account, "a", 1))).value().new_uids == 1);
  f.account.remove_mailbox("Archive").value();
  CHECK(f.problems().empty());
}

TEST_CASE("A mailbox with mail keeps its UIDVALIDITY, and messages get new UIDs") {
  Fixture f;
  f.inbox.append("Subject: here\r\n\r\nx\r\n").value();
  const auto before = f.inbox.status().value();
  auto intake = Intake::begin(f.account, {.source = "s", .uid_validity = 99, .uid_next = 1000}).value();
  CHECK_FALSE(intake.keeps_uids());
  CHECK(intake.add(list(incoming(f.account, "a", 500))).value().new_uids == 1);
  intake.finish().value();
  CHECK(f.inbox.uids().value() == std::vector<Uid>{1, 2});
  CHECK(f.inbox.status().value().uid_validity == before.uid_validity);
}

TEST_CASE("A UID below UIDNEXT is not given again") {
  Fixture f;
  auto intake = Intake::begin(f.account, {.source = "s", .uid_validity = 99}).value();
  intake.add(list(incoming(f.account, "a", 10))).value();
  const auto report = intake.add(list(incoming(f.account, "b", 4), incoming(f.account, "c", 20))).value();
  CHECK(report.new_uids == 1);
  CHECK(intake.mailbox().uids().value() == std::vector<Uid>{10, 11, 20});
}

TEST_CASE("Of messages with one UIDL the first keeps it") {
  Fixture f;
  auto intake = Intake::begin(f.account, {.source = "s"}).value();
  const auto report =
      intake.add(list(incoming(f.account, "a", 0, "same"), incoming(f.account, "b", 0, "same"))).value();
  CHECK(report.messages == 2);
  CHECK(report.new_uidls == std::vector<std::string>{"same"});
  CHECK(uidl_of(f.inbox, 1) == "same");
  CHECK(uidl_of(f.inbox, 2) != "same");
}

TEST_CASE("An import over the quota stores nothing of its batch and leaves no file") {
  Fixture f;
  f.account.set_quota({.messages = 2}).value();
  auto intake = Intake::begin(f.account, {.source = "s", .uid_validity = 9}).value();
  const auto failed = intake.add(
      list(incoming(f.account, "a", 1, "", 100'000), incoming(f.account, "b", 2), incoming(f.account, "c", 3)));
  CHECK(failed.error().code == Errc::over_quota);
  CHECK(f.account.usage().value().messages == 0);
  CHECK(f.large_files() == 0);
  CHECK(intake.present({"a"}).value() == std::vector<bool>{false});
  // What is there already needs no room.
  intake.add(list(incoming(f.account, "a", 1), incoming(f.account, "b", 2))).value();
  CHECK(intake.add(list(incoming(f.account, "a", 1), incoming(f.account, "b", 2))).value().present == 2);
}

TEST_CASE("Save dates come along, and UIDVALIDITYs from the far future leave room for others") {
  Fixture f;
  auto intake =
      Intake::begin(f.account,
                    {.mailbox = "Far", .source = "s", .uid_validity = 4'294'967'295, .uid_next = 4'294'967'295})
          .value();
  auto message = incoming(f.account, "a", 1);
  message.saved = 1'000'000'000;
  intake.add(list(std::move(message))).value();
  intake.finish().value();
  std::optional<std::int64_t> saved;
  intake.mailbox()
      .fetch(UidSet::all(), Field::none,
             [&](const MessageView& view) {
               saved = view.saved;
               return true;
             })
      .value();
  CHECK(saved == 1'000'000'000);
  CHECK(f.account.create_mailbox("One more").value().status().value().uid_validity < 4'294'967'295);
  intake.mailbox().append("Subject: x\r\n\r\n").value();

  CHECK(Intake::begin(f.account, {.source = ""}).error().code == Errc::invalid_argument);
  CHECK(Intake::begin(f.account, {.mailbox = "a//b", .source = "s"}).error().code == Errc::invalid_argument);
  CHECK(intake.state().value().empty());
  intake.set_state("17 4").value();
  CHECK(Intake::begin(f.account, {.mailbox = "Far", .source = "s"}).value().state().value() == "17 4");
}
