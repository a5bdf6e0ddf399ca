#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "postfach/uid_list.h"

using namespace postfach;

namespace {

UidList list_of(const std::vector<Uid>& uids) {
  UidList::Builder builder;
  for (const Uid uid : uids) builder.add(uid);
  return std::move(builder).finish();
}

UidSet set_of(const std::vector<Uid>& uids) {
  UidSet set;
  for (const Uid uid : uids) set.add(uid);
  return set;
}

// Every second UID up to `last`: as many runs as there can be.
UidList scattered(Uid last) {
  UidList::Builder builder;
  for (Uid uid = 1; uid <= last; uid += 2) builder.add(uid);
  return std::move(builder).finish();
}

// What the list says must be what a plain vector says.
void check_equal(const UidList& list, const std::vector<Uid>& model, std::mt19937& random) {
  REQUIRE(list.size() == model.size());
  REQUIRE(list.empty() == model.empty());
  REQUIRE(list.first() == (model.empty() ? 0 : model.front()));
  REQUIRE(list.last() == (model.empty() ? 0 : model.back()));
  REQUIRE(list.to_set() == set_of(model));
  REQUIRE(list == list_of(model));
  const Uid beyond = list.last() + 10;
  for (int i = 0; i < 50; ++i) {
    const Uid uid = static_cast<Uid>(random() % beyond);
    const auto at = std::lower_bound(model.begin(), model.end(), uid);
    const bool is_there = at != model.end() && *at == uid;
    const auto before = static_cast<std::uint32_t>(at - model.begin());
    REQUIRE(list.number_of(uid) == (is_there ? before + 1 : 0));
    REQUIRE(list.count_through(uid) == before + (is_there ? 1 : 0));
    if (!model.empty()) {
      const auto index = random() % model.size();
      REQUIRE(list.uid_of(static_cast<std::uint32_t>(index + 1)) == model[index]);
    }
  }
  UidSet asked;
  for (int i = 0; i < 5; ++i) {
    const Uid first = static_cast<Uid>(random() % beyond + 1);
    asked.add(first, first + static_cast<Uid>(random() % 300));
  }
  const UidSet exact = set_of(model).intersection(asked);
  REQUIRE(list.intersection(asked) == exact);
  REQUIRE(list.count(asked) == exact.count());
  const UidSet span = list.span(asked);
  REQUIRE(list.intersection(span) == exact);
  for (const UidRange& range : span.ranges()) {
    REQUIRE(exact.contains(range.first));
    REQUIRE(exact.contains(range.last));
  }
}

}  // namespace

TEST_CASE("the empty list of UIDs") {
  const UidList list;
  CHECK(list.size() == 0);
  CHECK(list.number_of(1) == 0);
  CHECK(list.count_through(4294967295U) == 0);
  CHECK(list.to_set().empty());
  CHECK(list.without(UidSet::all()).empty());
  CHECK(list.with(UidSet::of(5, 6)).uid_of(2) == 6);
  CHECK_FALSE(UidList::Weak(list).lock());
}

TEST_CASE("a list of UIDs at both ends of the range") {
  const UidList list = UidList().with(UidSet::of(1, 1)).with(UidSet::of(4294967294U, 4294967295U));
  CHECK(list.size() == 3);
  CHECK(list.number_of(1) == 1);
  CHECK(list.number_of(4294967295U) == 3);
  CHECK(list.uid_of(2) == 4294967294U);
  CHECK(list.count(UidSet::all()) == 3);
  CHECK(list.span(UidSet::all()) == UidSet::of(1, 4294967295U));
  CHECK(list.without(UidSet::of(2, 4294967294U)).uid_of(2) == 4294967295U);
  CHECK(UidList().with(UidSet::all()).size() == 4294967295U);
}

TEST_CASE("a list of UIDs says what a vector says, whatever comes and goes") {
  const auto seed = GENERATE(range(1U, 13U));
  CAPTURE(seed);
  std::mt19937 random(seed);
  UidList list;
  std::vector<Uid> model;
  Uid next = 1;
  for (int round = 0; round < 60; ++round) {
    if (random() % 2 == 0 || model.size() < 100) {
      UidSet added;
      const auto batches = 1 + random() % (seed % 3 == 0 ? 600 : 5);
      for (unsigned i = 0; i < batches; ++i) {
        next += static_cast<Uid>(random() % 3);
        const Uid last = next + static_cast<Uid>(random() % (seed % 4 == 0 ? 1 : 40));
        for (Uid uid = next; uid <= last; ++uid) model.push_back(uid);
        added.add(next, last);
        next = last + 1;
      }
      list = list.with(added);
    } else {
      UidSet gone;
      const auto holes = 1 + random() % (seed % 2 == 0 ? 400 : 3);
      for (unsigned i = 0; i < holes; ++i) {
        const Uid first = static_cast<Uid>(random() % next + 1);
        gone.add(first, first + static_cast<Uid>(random() % (holes > 10 ? 3 : 500)));
      }
      list = list.without(gone);
      std::erase_if(model, [&](Uid uid) { return gone.contains(uid); });
    }
    check_equal(list, model, random);
  }
  CHECK(list.without(UidSet::all()).empty());
}

TEST_CASE("copies of a list of UIDs and lists without a change are the same memory") {
  const UidList list = scattered(20'001);
  const UidList copy = list;
  CHECK(copy.is_same(list));
  CHECK(list.with({}).is_same(list));
  CHECK(list.without(UidSet::of(2, 2)).is_same(list));  // no member
  CHECK_FALSE(scattered(20'001).is_same(list));
  CHECK(scattered(20'001) == list);
  CHECK_FALSE(scattered(19'999) == list);

  UidList::Weak weak(list);
  REQUIRE(weak.lock());
  CHECK(weak.lock()->is_same(list));
  weak = UidList::Weak(scattered(9));
  CHECK(weak.expired());
  CHECK_FALSE(weak.lock());
}

TEST_CASE("the memory of a list of UIDs follows its runs, also after many small changes") {
  CHECK(UidList().with(UidSet::of(1, 1'000'000)).memory() < 200);
  UidList list = scattered(200'001);
  CHECK(list.memory() < 100'001 * 10);
  // 49 of 50 go one after the other, and their chunks with them.
  for (Uid uid = 1; uid <= 199'001; uid += 100) {
    for (Uid each = uid; each < uid + 98; each += 2) list = list.without(UidSet::of(each, each));
  }
  CHECK(list.size() == 2'442);
  CHECK(list.number_of(199'099) != 0);
  CHECK(list.memory() < 2'442 * 10);
  for (Uid uid = 300'001; uid < 310'001; uid += 2) list = list.with(UidSet::of(uid, uid));
  CHECK(list.memory() < 7'442 * 10);
}
