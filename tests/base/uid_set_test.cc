#include <catch2/catch.hpp>
#include <cstdint>
#include <set>

#include "postfach/types.h"

using namespace postfach;

namespace {

constexpr Uid kLast = 4294967295U;

UidSet of(std::initializer_list<UidRange> ranges) {
  UidSet set;
  for (const UidRange& range : ranges) set.add(range.first, range.last);
  return set;
}

bool is_normal(const UidSet& set) {
  std::uint64_t next = 1;
  for (const UidRange& range : set.ranges()) {
    if (range.first < next || range.last < range.first) return false;
    next = std::uint64_t{range.last} + 2;
  }
  return true;
}

}  // namespace

TEST_CASE("ranges that overlap or touch become one") {
  struct Row {
    std::initializer_list<UidRange> added;
    const char* text;
  };
  const Row rows[] = {
      {{}, ""},
      {{{5, 5}}, "5"},
      {{{1, 3}, {4, 6}}, "1:6"},
      {{{4, 6}, {1, 3}}, "1:6"},
      {{{1, 3}, {5, 6}}, "1:3,5:6"},
      {{{5, 6}, {1, 3}}, "1:3,5:6"},
      {{{1, 3}, {5, 6}, {4, 4}}, "1:6"},
      {{{9, 2}}, "2:9"},
      {{{0, 0}}, ""},
      {{{0, 2}}, "1:2"},
      {{{1, 1}, {3, 3}, {5, 5}, {7, 7}, {2, 6}}, "1:7"},
      {{{1, 1}, {4, 4}, {7, 7}, {3, 5}}, "1,3:5,7"},
      {{{10, 20}, {12, 14}}, "10:20"},
      {{{10, 20}, {30, 40}, {12, 14}}, "10:20,30:40"},
      {{{kLast, kLast}}, "4294967295"},
      {{{kLast, kLast}, {kLast, kLast}}, "4294967295"},
      {{{kLast, kLast}, {kLast - 1, kLast - 1}}, "4294967294:4294967295"},
      {{{kLast - 1, kLast - 1}, {kLast, kLast}}, "4294967294:4294967295"},
      {{{kLast, kLast}, {1, 1}}, "1,4294967295"},
      {{{1, 1}, {kLast, kLast}, {2, kLast}}, "1:4294967295"},
      {{{5, 5}, {1, kLast}}, "1:4294967295"},
      {{{1, kLast}, {5, 5}, {kLast, kLast}}, "1:4294967295"},
  };
  for (const Row& row : rows) {
    const UidSet set = of(row.added);
    CAPTURE(row.text);
    CHECK(set.to_string() == row.text);
    CHECK(is_normal(set));
  }
}

TEST_CASE("the whole space of UIDs is counted and asked for without overflow") {
  const UidSet all = UidSet::all();
  CHECK(all.count() == 4294967295U);
  CHECK(all.contains(1));
  CHECK(all.contains(kLast));
  CHECK_FALSE(all.contains(0));
  CHECK(all.minus(all).empty());
  CHECK(all.minus(UidSet::of(kLast, kLast)).to_string() == "1:4294967294");
  CHECK(all.minus(UidSet::of(1, 1)).to_string() == "2:4294967295");
  CHECK(all.minus({}) == all);
  CHECK(all.intersection(of({{3, 4}, {kLast, kLast}})).to_string() == "3:4,4294967295");
  CHECK(UidSet{}.minus(all).empty());
  CHECK(UidSet{}.max() == 0);
  CHECK(all.max() == kLast);
  CHECK(all.min() == 1);
}

TEST_CASE("one hole may cut several ranges, and several holes one range") {
  CHECK(of({{1, 3}, {5, 8}, {10, 12}}).minus(of({{2, 11}})).to_string() == "1,12");
  CHECK(of({{1, 10}}).minus(of({{2, 3}, {5, 5}, {9, 20}})).to_string() == "1,4,6:8");
  CHECK(of({{5, 10}}).minus(of({{1, 2}, {4, 5}})).to_string() == "6:10");
  CHECK(of({{1, 5}, {10, 15}}).intersection(of({{4, 11}, {15, 20}})).to_string() == "4:5,10:11,15");
}

TEST_CASE("random sets agree with std::set") {
  std::uint32_t state = 7;
  const auto next = [&state](std::uint32_t below) {
    state = state * 1664525U + 1013904223U;
    return (state >> 8U) % below;
  };
  for (int round = 0; round < 300; ++round) {
    UidSet sets[2];
    std::set<Uid> models[2];
    for (int which = 0; which < 2; ++which) {
      for (std::uint32_t i = next(12); i > 0; --i) {
        const Uid first = 1 + next(60);
        const Uid last = first + next(6);
        sets[which].add(first, last);
        for (Uid uid = first; uid <= last; ++uid) models[which].insert(uid);
      }
    }
    const UidSet both = sets[0].intersection(sets[1]);
    const UidSet rest = sets[0].minus(sets[1]);
    UidSet either = sets[0];
    either.add(sets[1]);
    bool ok = is_normal(sets[0]) && is_normal(both) && is_normal(rest) && is_normal(either) &&
              sets[0].count() == models[0].size();
    for (Uid uid = 0; uid <= 70; ++uid) {
      const bool a = models[0].count(uid) != 0;
      const bool b = models[1].count(uid) != 0;
      ok = ok && sets[0].contains(uid) == a && both.contains(uid) == (a && b) && rest.contains(uid) == (a && !b) &&
           either.contains(uid) == (a || b);
    }
    if (!ok) FAIL("round " << round << ": " << sets[0].to_string() << " and " << sets[1].to_string());
  }
}
