#include <catch2/catch.hpp>

#include "fixture.h"

using namespace postfach;

namespace {

struct Five : Fixture {
  Mailbox archive = account.mailbox("Archive").value();
  Five() {
    for (int i = 0; i < 5; ++i) inbox.append(message_text("m" + std::to_string(i))).value();
  }
};

}  // namespace

TEST_CASE("a copy shares octets, has flags and keywords, and a UIDL of its own") {
  Five f;
  f.archive.append(message_text("there before")).value();
  f.archive.store(UidSet::all(), {.keywords = {"other"}}).value();
  f.inbox.store(UidSet::of(2, 2), {.flags = Flag::seen, .keywords = {"x"}}).value();
  UidSet some = UidSet::of(2, 2);
  some.add(4, 9);
  const Copied copied = f.inbox.copy(some, f.archive).value();
  UidSet existing = UidSet::of(2, 2);
  existing.add(4, 5);
  CHECK(copied.source == existing);
  CHECK(copied.destination == UidSet::of(2, 4));
  CHECK(copied.uid_validity == f.archive.status().value().uid_validity);
  CHECK(octets_of(f.archive, 2) == message_text("m1"));
  CHECK(flags_of(f.archive, 2) == Flag::seen);
  CHECK(f.archive.keywords().value() == KeywordNames{"other", "x"});
  f.archive
      .fetch(UidSet::of(2, 2), Field::none,
             [](const MessageView& view) {
               CHECK(view.keywords == 2);
               return true;
             })
      .value();
  CHECK(uidl_of(f.archive, 2) != uidl_of(f.inbox, 2));
  CHECK(f.account.usage().value().messages == 9);
  CHECK(f.problems().empty());
}

TEST_CASE("a large message and its copies are one file, until the last of them goes") {
  Five f;
  const std::string text = message_text("large", 200'000);
  f.inbox.append(text).value();
  f.inbox.copy(UidSet::of(6, 6), f.archive).value();
  f.inbox.copy(UidSet::of(6, 6), f.inbox).value();
  CHECK(f.large_files() == 1);
  f.inbox.remove(UidSet::all()).value();
  CHECK(octets_of(f.archive, 1) == text);
  f.archive.remove(UidSet::all()).value();
  CHECK(f.large_files() == 0);
  CHECK(f.problems().empty());
}

TEST_CASE("a move keeps the identity of a message and tells the source's sessions") {
  Five f;
  const std::string uidl = uidl_of(f.inbox, 3);
  const auto before = f.inbox.status().value();
  const Copied moved = f.inbox.move(UidSet::of(3, 4), f.archive).value();
  CHECK(moved.source == UidSet::of(3, 4));
  CHECK(moved.destination == UidSet::of(1, 2));
  CHECK(uidl_of(f.archive, 1) == uidl);
  CHECK(f.inbox.changes_since(before.highest_modseq, before.uid_next).value().vanished == UidSet::of(3, 4));
  CHECK(f.account.usage().value().messages == 5);
  // A UIDL that came from elsewhere goes along, and goes with its message.
  Spool spool = f.account.spool().value();
  spool.write("a: b\r\n\r\n").value();
  f.inbox.append({std::move(spool), {}, {}, {}, "old-uidl"}).value();
  f.inbox.move(UidSet::of(6, 6), f.archive).value();
  CHECK(uidl_of(f.archive, 3) == "old-uidl");
  f.archive.remove(UidSet::of(3, 3)).value();
  CHECK(f.problems().empty());
}

TEST_CASE("a move within one mailbox gives new UIDs") {
  Five f;
  const std::string uidl = uidl_of(f.inbox, 2);
  CHECK(f.inbox.move(UidSet::of(2, 3), f.inbox).value().destination == UidSet::of(6, 7));
  CHECK(f.inbox.uids().value() == std::vector<Uid>{1, 4, 5, 6, 7});
  CHECK(uidl_of(f.inbox, 6) == uidl);
  CHECK(f.inbox.status().value().messages == 5);
  CHECK(f.problems().empty());
}

TEST_CASE("transfers that find nothing or nobody") {
  Five f;
  CHECK(f.inbox.copy(UidSet::of(50, 60), f.archive).value().source.empty());
  f.account.remove_mailbox("Archive").value();
  CHECK(f.inbox.copy(UidSet::all(), f.archive).error().code == Errc::not_found);
  CHECK(f.inbox.move(UidSet::all(), f.archive).error().code == Errc::not_found);
  const Mailbox foreign = f.store.create_account("bob").value().mailbox("INBOX").value();
  CHECK(f.inbox.copy(UidSet::all(), foreign).error().code == Errc::invalid_argument);
  CHECK(f.inbox.status().value().messages == 5);
}

TEST_CASE("expunge takes what is marked, of the set if there is one") {
  Five f;
  f.inbox.store(UidSet::of(1, 3), {.flags = Flag::deleted}).value();
  const Expunged some = f.inbox.expunge(UidSet::of(2, 5)).value();
  CHECK(some.uids == UidSet::of(2, 3));
  CHECK(some.modseq == f.inbox.status().value().highest_modseq);
  CHECK(f.inbox.expunge().value().uids == UidSet::of(1, 1));
  CHECK(f.inbox.expunge().value().modseq == 0);
  CHECK(f.inbox.remove(UidSet::of(5, 5)).value().uids == UidSet::of(5, 5));
  CHECK(f.inbox.uids().value() == std::vector<Uid>{4});
  CHECK(f.inbox.append("x").value().uids == std::vector<Uid>{6});
  CHECK(f.problems().empty());
}
