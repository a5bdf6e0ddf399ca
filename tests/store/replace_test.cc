#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"

using namespace postfach;

namespace {

NewMessage spooled(const Account& account, const std::string& octets, Flags flags = {}) {
  Spool spool = account.unchecked_spool();
  spool.write(octets).value();
  return {std::move(spool), flags, {}, {}, {}};
}

}  // namespace

TEST_CASE("replace within a mailbox: one MODSEQ, a new UID, the old one in the expunge log") {
  Fixture f;
  f.inbox.append(message_text("1"), Flag::seen | Flag::deleted).value();
  f.inbox.append(message_text("2")).value();
  const MailboxStatus before = f.inbox.status().value();
  const Replaced replaced = f.inbox.replace(1, f.inbox, spooled(f.account, message_text("new"), Flag::draft)).value();
  CHECK(replaced.appended.uids == std::vector<Uid>{3});
  CHECK(replaced.appended.uid_validity == before.uid_validity);
  const MailboxStatus after = f.inbox.status().value();
  CHECK(after.highest_modseq == before.highest_modseq + 1);
  CHECK(replaced.modseq == after.highest_modseq);
  CHECK(after.messages == 2);
  CHECK(after.unseen == 2);
  CHECK(after.deleted == 0);
  CHECK(f.inbox.uids().value() == std::vector<Uid>{2, 3});
  const Changes changes = f.inbox.changes_since(before.highest_modseq, before.uid_next).value();
  CHECK(changes.vanished == UidSet::of(1, 1));
  CHECK(changes.added == UidSet::of(3, 3));
  CHECK(octets_of(f.inbox, 3) == message_text("new"));
  CHECK(flags_of(f.inbox, 3) == Flag::draft);
  CHECK(f.problems().empty());
}

TEST_CASE("replace into another mailbox, with files") {
  Fixture f;
  const Mailbox sent = f.account.mailbox("Sent").value();
  f.inbox.append(message_text("draft", 100'000)).value();
  f.inbox.copy(UidSet::of(1, 1), f.inbox).value();
  CHECK(f.large_files() == 1);
  const std::string text = message_text("sent", 200'000);
  CHECK(f.inbox.replace(1, sent, spooled(f.account, text)).value().appended.uids == std::vector<Uid>{1});
  CHECK(f.inbox.uids().value() == std::vector<Uid>{2});
  CHECK(octets_of(sent, 1) == text);
  CHECK(f.large_files() == 2);  // the copy still has the old one
  f.inbox.replace(2, sent, spooled(f.account, message_text("x"))).value();
  CHECK(f.large_files() == 1);
  CHECK(f.problems().empty());
}

TEST_CASE("replace that fails changes nothing") {
  Fixture f;
  f.inbox.append(message_text("1")).value();
  const MailboxStatus before = f.inbox.status().value();
  const auto unchanged = [&] {
    const MailboxStatus now = f.inbox.status().value();
    return now.highest_modseq == before.highest_modseq && now.uid_next == before.uid_next && now.messages == 1 &&
           f.large_files() == 0 && f.problems().empty();
  };
  const std::string large = message_text("large", 100'000);
  SECTION("no such message") {
    CHECK(f.inbox.replace(2, f.inbox, spooled(f.account, large)).value().appended.uids.empty());
  }
  SECTION("no such mailbox") {
    const Mailbox gone = f.account.create_mailbox("gone").value();
    f.account.remove_mailbox("gone").value();
    CHECK(f.inbox.replace(1, gone, spooled(f.account, large)).error().code == Errc::not_found);
    CHECK(gone.replace(1, f.inbox, spooled(f.account, large)).error().code == Errc::not_found);
  }
  SECTION("quota") {
    f.account.set_quota({.bytes = 1000}).value();
    CHECK(f.inbox.replace(1, f.inbox, spooled(f.account, large)).error().code == Errc::over_quota);
  }
  SECTION("nothing to store, or for another account") {
    CHECK(f.inbox.replace(1, f.inbox, NewMessage{f.account.spool().value()}).error().code == Errc::invalid_argument);
    const Account bob = f.store.create_account("bob").value();
    CHECK(f.inbox.replace(1, f.inbox, spooled(bob, "x")).error().code == Errc::invalid_argument);
    CHECK(f.inbox.replace(1, bob.mailbox("INBOX").value(), spooled(f.account, "x")).error().code ==
          Errc::invalid_argument);
  }
  SECTION("a keyword that is none") {
    NewMessage message = spooled(f.account, "x");
    message.keywords = {"a b"};
    CHECK(f.inbox.replace(1, f.inbox, std::move(message)).error().code == Errc::invalid_argument);
  }
  CHECK(unchanged());
}

TEST_CASE("what does not grow needs no quota") {
  Fixture f;
  f.inbox.append(std::string(100, 'x')).value();
  f.account.set_quota({.bytes = 50, .messages = 1}).value();
  CHECK(f.account.check_quota({101, 1}, {100, 1}).error().code == Errc::over_quota);
  CHECK(f.account.check_quota({100, 2}, {100, 1}).error().code == Errc::over_quota);
  CHECK(f.account.check_quota({100, 1}, {100, 1}));
  CHECK(f.account.check_quota({0, 0}).error().code == Errc::over_quota);
  CHECK(f.inbox.replace(1, f.inbox, spooled(f.account, std::string(101, 'y'))).error().code == Errc::over_quota);
  CHECK(f.inbox.replace(1, f.inbox, spooled(f.account, std::string(100, 'y'))));
  CHECK(f.inbox.replace(2, f.inbox, spooled(f.account, std::string(40, 'z'))));
  CHECK(f.inbox.replace(3, f.inbox, spooled(f.account, std::string(51, 'z'))).error().code == Errc::over_quota);
  CHECK(f.inbox.replace(3, f.inbox, spooled(f.account, std::string(50, 'z'))));
  CHECK(f.account.usage().value().bytes == 50);
}

TEST_CASE("of two that replace one message, one does") {
  Fixture f;
  f.inbox.append("x").value();
  std::vector<std::thread> threads;
  std::atomic<int> stored{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto result = f.inbox.replace(1, f.inbox, spooled(f.account, "y"));
      if (result && !result->appended.uids.empty()) ++stored;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(stored == 1);
  CHECK(f.inbox.status().value().messages == 1);
  CHECK(f.problems().empty());
}

TEST_CASE("a spool can be read back, and takes nothing once it is finished") {
  Fixture f;
  for (const std::size_t size : {std::size_t{100}, std::size_t{200'000}}) {
    const std::string text = message_text("x", size);
    Spool spool = f.account.spool().value();
    spool.write(text).value();
    CHECK(spool.is_file() == (size > 65'536));
    std::string out;
    CHECK(spool.read(10, 20, out).value() == 20);
    CHECK(out == text.substr(10, 20));
    CHECK(spool.sections().empty());
    spool.finish().value();
    spool.finish().value();
    CHECK_FALSE(spool.sections().empty());
    CHECK(spool.memory() < 70'000);
    out.clear();
    CHECK(spool.read(0, SIZE_MAX, out).value() == text.size());
    CHECK(out == text);
    CHECK(spool.read(text.size(), 1, out).value() == 0);
    const Uid uid = f.inbox.append(NewMessage{std::move(spool), {}, {}, {}, {}}).value().uids[0];
    CHECK(octets_of(f.inbox, uid) == text);
  }
  Spool spool = f.account.spool().value();
  CHECK(spool.finish().error().code == Errc::invalid_argument);
  spool.write("x").value();
  spool.finish().value();
  CHECK(spool.write("y").error().code == Errc::invalid_argument);
}
