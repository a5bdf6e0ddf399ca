#include <catch2/catch.hpp>

#include "fixture.h"

using namespace postfach;

namespace {

struct Ten : Fixture {
  Ten() {
    for (int i = 0; i < 10; ++i) inbox.append(message_text("m")).value();
  }
  Stored store_flags(const UidSet& uids, FlagChange change, Flags flags, std::vector<std::string> keywords = {}) {
    return inbox.store(uids, {.change = change, .flags = flags, .keywords = std::move(keywords)}).value();
  }
};

}  // namespace

TEST_CASE("add, remove and set: what changes, and the counters") {
  Ten f;
  const auto before = f.inbox.status().value();
  auto stored = f.store_flags(UidSet::of(2, 4), FlagChange::add, Flag::seen | Flag::deleted);
  CHECK(stored.changed == UidSet::of(2, 4));
  CHECK(stored.modseq > before.highest_modseq);
  auto status = f.inbox.status().value();
  CHECK(status.unseen == 7);
  CHECK(status.deleted == 3);
  CHECK(status.deleted_bytes == before.bytes / 10 * 3);
  CHECK(status.highest_modseq == stored.modseq);

  // Messages that have the flags already keep their MODSEQ.
  const auto again = f.store_flags(UidSet::of(1, 4), FlagChange::add, Flag::seen);
  CHECK(again.changed == UidSet::of(1, 1));
  const auto nothing = f.store_flags(UidSet::of(1, 4), FlagChange::add, Flag::seen);
  CHECK(nothing.changed.empty());
  CHECK(nothing.modseq == 0);

  f.store_flags(UidSet::of(2, 2), FlagChange::set, Flag::draft);
  CHECK(flags_of(f.inbox, 2) == Flag::draft);
  f.store_flags(UidSet::of(3, 3), FlagChange::remove, Flag::deleted | Flag::answered);
  CHECK(flags_of(f.inbox, 3) == Flag::seen);
  CHECK(f.inbox.status().value().deleted == 1);
  CHECK(f.problems().empty());
}

TEST_CASE("keywords: made by add and set, unknown to remove") {
  Ten f;
  f.store_flags(UidSet::of(1, 2), FlagChange::add, {}, {"$Label1", "Junk"});
  CHECK(f.inbox.keywords().value() == KeywordNames{"$Label1", "Junk"});
  CHECK(f.store_flags(UidSet::of(1, 1), FlagChange::remove, {}, {"JUNK", "nobody"}).changed == UidSet::of(1, 1));
  CHECK(f.inbox.keywords().value().size() == 2);
  CHECK(f.store_flags(UidSet::of(2, 2), FlagChange::set, Flag::seen, {"$label1"}).changed == UidSet::of(2, 2));
  f.inbox
      .fetch(UidSet::of(1, 2), Field::none,
             [](const MessageView& view) {
               CHECK(view.keywords == 1);
               return true;
             })
      .value();
  CHECK(f.inbox.store(UidSet::all(), {.keywords = {"a b"}}).error().code == Errc::invalid_argument);
}

TEST_CASE("a set of flags does not touch what is not a flag") {
  Fixture f;
  f.inbox.append("a: b\r\n\r\nno end").value();
  f.inbox.store(UidSet::all(), {.change = FlagChange::set, .flags = Flag::seen}).value();
  f.inbox
      .fetch(UidSet::all(), Field::none,
             [](const MessageView& view) {
               CHECK_FALSE(view.ends_with_crlf);
               CHECK(view.flags == Flag::seen);
               return true;
             })
      .value();
}

TEST_CASE("UNCHANGEDSINCE leaves newer messages alone and names them") {
  Ten f;
  const auto seen = f.inbox.status().value().highest_modseq;
  f.store_flags(UidSet::of(5, 6), FlagChange::add, Flag::flagged);
  const auto stored =
      f.inbox.store(UidSet::of(4, 12), {.flags = Flag::seen, .unchanged_since = seen, .known_modseq = seen}).value();
  CHECK(stored.failed == UidSet::of(5, 6));
  CHECK(stored.changed_by_others == UidSet::of(5, 6));
  UidSet expected = UidSet::of(4, 4);
  expected.add(7, 10);
  CHECK(stored.changed == expected);
  CHECK(flags_of(f.inbox, 5) == Flag::flagged);
  CHECK(f.inbox.store(UidSet::all(), {.flags = Flag::answered, .unchanged_since = 0}).value().failed.count() == 10);
  CHECK(
      f.inbox.store(UidSet::all(), {.flags = Flag::answered, .unchanged_since = UINT64_MAX}).value().changed.count() ==
      10);
}

TEST_CASE("UNCHANGEDSINCE 0 is for keywords that a message does not have") {
  Ten f;
  const auto conditional = [&f](const UidSet& uids, FlagChange change, Flags flags, std::vector<std::string> keywords) {
    return f.inbox
        .store(uids, {.change = change, .flags = flags, .keywords = std::move(keywords), .unchanged_since = ModSeq{0}})
        .value();
  };
  f.store_flags(UidSet::of(3, 4), FlagChange::add, {}, {"$MDNSent"});
  auto stored = conditional(UidSet::of(1, 6), FlagChange::add, {}, {"$mdnsent"});
  CHECK(stored.failed == UidSet::of(3, 4));
  UidSet changed = UidSet::of(1, 2);
  changed.add(5, 6);
  CHECK(stored.changed == changed);
  CHECK(conditional(UidSet::of(1, 6), FlagChange::add, {}, {"$MDNSent"}).failed == UidSet::of(1, 6));
  CHECK(conditional(UidSet::of(6, 8), FlagChange::remove, {}, {"$MDNSent"}).failed == UidSet::of(6, 6));
  CHECK(conditional(UidSet::of(7, 8), FlagChange::remove, {}, {"nobody"}).failed.empty());
  // A system flag exists whether it is set or not, and a list of all flags is about those, too.
  CHECK(conditional(UidSet::of(9, 9), FlagChange::add, Flag::seen, {"new"}).failed == UidSet::of(9, 9));
  CHECK(conditional(UidSet::of(9, 9), FlagChange::set, {}, {"new"}).failed == UidSet::of(9, 9));
  CHECK(conditional(UidSet::of(9, 9), FlagChange::add, {}, {}).failed == UidSet::of(9, 9));
  CHECK(f.problems().empty());
}

TEST_CASE("a store tells which of its messages are gone") {
  Ten f;
  const auto known = f.inbox.status().value().highest_modseq;
  f.inbox.remove(UidSet::of(3, 5)).value();
  const auto stored = f.inbox.store(UidSet::of(4, 7), {.flags = Flag::seen, .known_modseq = known}).value();
  CHECK(stored.missing == UidSet::of(4, 5));
  CHECK(stored.changed == UidSet::of(6, 7));
  const auto later = f.inbox.store(UidSet::of(4, 7), {.flags = Flag::draft, .known_modseq = stored.modseq}).value();
  CHECK(later.missing.empty());
  CHECK(later.changed_by_others.empty());
}
