// The view of the selected mailbox: sequence numbers over gaps, and its memory, which sessions share.
#include <catch2/catch.hpp>
#include <optional>

#include "imap/session/world.h"
#include "imap/state/selected.h"
#include "store/store_impl.h"

using namespace postfach;
using namespace postfach::imap::test;
using postfach::imap::Selected;

namespace {

Selected select(const Mailbox& mailbox) { return {mailbox, mailbox.snapshot(false).value(), false, Subscription()}; }

// What a session does between two commands; may_expunge as there.
void update(Selected& selected, bool may_expunge = true) {
  REQUIRE(selected.pull());
  if (may_expunge) selected.drop_expunged([](std::uint32_t) { return true; });
  selected.clear_changed();
}

// The MODSEQ of the list that the next session would begin with; 0: there is none.
ModSeq shared_modseq(const Store& store, const Account& account) {
  const auto listed = store.impl()->lists.find(account.id(), inbox(account).id());
  return listed ? listed->modseq : 0;
}

}  // namespace

TEST_CASE("numbers and UIDs where messages are missing in between") {
  check_selected(R"(
    ! expunge 2
    ! expunge 4
    C: a NOOP
    S: * 4 EXPUNGE
    S: * 2 EXPUNGE
    S: a OK Done
    C: b FETCH 1:3 UID
    S: * 1 FETCH (UID 1)
    S: * 2 FETCH (UID 3)
    S: * 3 FETCH (UID 5)
    S: b OK Fetch completed
    C: c SEARCH 2:*
    S: * SEARCH 2 3 4
    S~ c OK *
    C: d UID FETCH 2:4 UID
    S: * 2 FETCH (UID 3)
    S: d OK Fetch completed
    C: e UID FETCH 4 UID
    S: e OK Fetch completed
    C: f STORE 1:2 FLAGS.SILENT (\Deleted)
    S: f OK Store completed
    ! expunge 5
    C: g FETCH 2:4 UID
    S: * 2 FETCH (UID 3)
    S: * 4 FETCH (UID 6)
    S: g OK [EXPUNGEISSUED] Fetch completed
    C: h STORE 3:4 +FLAGS (\Seen)
    S: * 4 FETCH (FLAGS (\Seen \Recent))
    S: h OK [EXPUNGEISSUED] Store completed
    C: i FETCH 5 UID
    S~ i BAD *
    C: j EXPUNGE
    S: * 3 EXPUNGE
    S: * 2 EXPUNGE
    S: * 1 EXPUNGE
    S: j OK Expunge completed
    C: k FETCH 1:* (UID FLAGS)
    S: * 1 FETCH (UID 6 FLAGS (\Seen \Recent))
    S: k OK Fetch completed
  )",
                 {.prepare = with_messages(6)});
}

TEST_CASE("sessions that know the same of a mailbox share one list") {
  WorldOptions options;
  options.prepare = with_messages(5);
  const Store store = make_store(options);
  const Account account = store.account("alice").value();
  std::optional<Selected> one = select(inbox(account));
  Selected two = select(inbox(account));
  inbox(account).remove(UidSet::of(2, 2)).value();
  account.deliver(imap::test::message("6")).value();
  const ModSeq now = inbox(account).status().value().highest_modseq;

  update(*one);
  CHECK(shared_modseq(store, account) == now);
  update(two);
  one.reset();
  CHECK(shared_modseq(store, account) == now);  // two holds the same
  CHECK(two.exists() == 5);
  CHECK(two.uid_of(2) == 3);
  CHECK(select(inbox(account)).exists() == 5);
}

TEST_CASE("a list that lacks what its mailbox had at its MODSEQ is not offered to others") {
  WorldOptions options;
  options.prepare = with_messages(5);
  const Store store = make_store(options);
  const Account account = store.account("alice").value();
  std::optional<Selected> one = select(inbox(account));
  const ModSeq before = one->modseq();

  SECTION("messages that the session expunged and has not pulled") {
    one->mark_expunged(inbox(account).remove(UidSet::of(2, 2)).value().uids);
    one->drop_expunged([](std::uint32_t) { return true; });
    one->clear_changed();
    CHECK(one->exists() == 4);
    CHECK(shared_modseq(store, account) == 0);
    update(*one);
    CHECK(shared_modseq(store, account) > before);
  }
  SECTION("messages that the client must not be told of yet") {
    inbox(account).remove(UidSet::of(2, 2)).value();
    update(*one, false);
    CHECK(one->exists() == 5);
    CHECK(shared_modseq(store, account) == before);
    CHECK(select(inbox(account)).exists() == 4);
    update(*one);
    CHECK(one->exists() == 4);
    CHECK(shared_modseq(store, account) == one->modseq());
  }
  SECTION("only a part is told, because the output is full") {
    inbox(account).remove(UidSet::of(1, 3)).value();
    REQUIRE(one->pull());
    std::uint32_t told = 0;
    one->drop_expunged([&](std::uint32_t number) {
      told = number;
      return false;
    });
    CHECK(told == 3);
    CHECK(one->exists() == 4);
    CHECK(one->expunged() == UidSet::of(1, 2));
    one->drop_expunged([](std::uint32_t) { return true; });
    CHECK(one->exists() == 2);
    CHECK(one->uid_of(1) == 4);
    CHECK(one->expunged().empty());
  }
}
