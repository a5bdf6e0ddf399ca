// Mailbox::sort and Sorter.
#include "postfach/sort.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <random>

#include "fixture.h"

using namespace postfach;

namespace {

struct SortFixture : Fixture {
  Uid add(const std::string& header, DateTime date = {1'000'000, 0}, std::size_t padding = 0) {
    Spool spool = account.spool().value();
    spool.write(header + "\r\n\r\n" + std::string(padding, 'x') + "\r\n").value();
    NewMessage message{std::move(spool)};
    message.internal_date = date;
    return inbox.append(std::move(message)).value().uids[0];
  }
  std::vector<Uid> sort(const std::vector<SortCriterion>& criteria, const UidSet& within = UidSet::all(),
                        SearchBudget budget = {}, std::size_t piece = 100) {
    Sorter sorter(criteria);
    for (Uid from = 1; from != 0;) from = inbox.sort(sorter, within, from, budget).value();
    const std::size_t size = sorter.size();
    const Uid first = sorter.first();
    const Uid last = sorter.last();
    std::vector<Uid> all;
    std::vector<Uid> some(piece);
    while (const std::size_t count = sorter.take(some))
      all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
    CHECK(all.size() == size);
    CHECK(first == (all.empty() ? 0 : all.front()));
    CHECK(last == (all.empty() ? 0 : all.back()));
    CHECK(sorter.first() == 0);
    return all;
  }
};

using List = std::vector<Uid>;

}  // namespace

TEST_CASE("sort: dates and sizes") {
  SortFixture f;
  f.add("Date: Mon, 1 Jan 2024 12:00:00 +0000", {300, 0}, 50);
  f.add("Date: Mon, 1 Jan 2024 12:30:00 +0100", {100, 0}, 500);  // an hour earlier by its zone
  f.add("Date: Mon, 1 Jan 2024 25:00:00 +0000", {200, 0}, 5);    // a time that is none: midnight
  f.add("Subject: no date", {1'704'105'000, 0}, 50);             // 2024-01-01 10:30 by INTERNALDATE
  f.add("Date: Thu, 1 Jan 1960 00:00:00 +0000", {-5, 0}, 70);
  CHECK(f.sort({{SortField::date}}) == List{5, 3, 4, 2, 1});
  CHECK(f.sort({{SortField::date, true}}) == List{1, 2, 4, 3, 5});
  CHECK(f.sort({{SortField::arrival}}) == List{5, 2, 3, 1, 4});
  CHECK(f.sort({{SortField::size}}) == List{3, 4, 1, 5, 2});
  CHECK(f.sort({{SortField::size, true}}, UidSet::of(2, 4)) == List{2, 4, 3});
  CHECK(f.sort({{SortField::date}}, UidSet()).empty());
}

TEST_CASE("sort: base subjects, without regard to case, and ties by UID") {
  SortFixture f;
  f.add("Subject: Re: banana");
  f.add("Subject: =?utf-8?Q?=C3=84pfel?=");  // A with a mark, behind "apple"
  f.add("Subject: [list] Apple (fwd)");
  f.add("Subject: BANANA");
  f.add("X: none");
  f.add("Subject: Re:");
  f.add("Subject: apple");
  f.add("Subject: _first");
  CHECK(f.sort({{SortField::subject}}) == List{5, 6, 3, 7, 2, 1, 4, 8});
  CHECK(f.sort({{SortField::subject, true}}) == List{8, 1, 4, 2, 3, 7, 5, 6});
  CHECK(f.sort({{SortField::subject}, {SortField::size, true}, {SortField::subject, true}}).size() == 8);
}

TEST_CASE("sort: addresses by their mailbox, or as they are displayed") {
  SortFixture f;
  f.add("From: Zoe <b@x>\r\nTo: q@x, a@x\r\nCc: =?utf-8?Q?=C3=84?= <c@x>");
  f.add("From: \"Adam\" <C@a>\r\nTo: list: z@x;\r\nCc: b@x");
  f.add("From: a@z");
  f.add("X: none");
  f.add("From: =?utf-8?Q?B=C3=B6ll?= <a@y>\r\nTo: \"\" <k@x>");
  f.add("From: a@A");
  CHECK(f.sort({{SortField::from}}) == List{4, 3, 5, 6, 1, 2});
  CHECK(f.sort({{SortField::to}}) == List{3, 4, 6, 5, 2, 1});  // the group's name is the mailbox of its row
  CHECK(f.sort({{SortField::cc}}) == List{3, 4, 5, 6, 2, 1});
  CHECK(f.sort({{SortField::display_from}}) == List{4, 6, 3, 2, 5, 1});  // "a@A", "a@z", "Adam", "Böll", "Zoe"
  CHECK(f.sort({{SortField::display_to}}) == List{3, 4, 6, 5, 2, 1});    // "k@x", "list", "q@x"
}

TEST_CASE("sort: keys that are the beginning of others, and octets that end nothing") {
  SortFixture f;
  f.add("Subject: ab\r\nFrom: z@x");
  f.add("Subject: abc\r\nFrom: a@x");
  f.add("Subject: a\r\nFrom: zz@x");
  f.add("Subject: =?utf-8?Q?ab=01?=\r\nFrom: b@x");
  f.add("Subject: =?utf-8?Q?ab=00?=\r\nFrom: c@x");
  f.add("Subject: abcdefghijklmnopq\r\nFrom: c@x");
  f.add("Subject: abcdefghijklmnop\r\nFrom: d@x");
  CHECK(f.sort({{SortField::subject}, {SortField::from}}) == List{3, 1, 5, 4, 2, 7, 6});
  CHECK(f.sort({{SortField::subject, true}, {SortField::from}}) == List{6, 7, 2, 4, 5, 1, 3});
  CHECK(f.sort({{SortField::from, true}, {SortField::subject}}) == List{3, 1, 7, 5, 6, 4, 2});
}

TEST_CASE("sort: whatever the steps and pieces, the order is that of a plain sort") {
  SortFixture f;
  std::minstd_rand random(4);
  struct Row {
    Uid uid;
    std::string subject, from;
    std::int64_t arrival, sent;
    std::uint64_t size;
  };
  std::vector<Row> rows;
  const std::array words = {"A", "AB", "B", "LONG SUBJECT IN COMMON", "LONG SUBJECT IN COMMON 2", ""};
  for (int i = 0; i < 200; ++i) {
    Row row;
    row.subject = words[random() % words.size()];
    row.from = words[random() % 3];
    row.arrival = static_cast<std::int64_t>(random() % 5) - 2;
    row.sent = static_cast<std::int64_t>(random() % 5);
    const std::size_t padding = random() % 3;
    row.uid = f.add("Subject: " + row.subject + "\r\nFrom: " + row.from + "@x\r\nDate: Thu, 1 Jan 1970 00:00:0" +
                        std::to_string(row.sent) + " +0000",
                    {row.arrival, 0}, padding);
    f.inbox
        .fetch(UidSet::of(row.uid, row.uid), Field::none,
               [&](const MessageView& view) {
                 row.size = view.size;
                 return true;
               })
        .value();
    rows.push_back(row);
  }
  const std::vector<std::pair<SortField, std::function<int(const Row&, const Row&)>>> fields = {
      {SortField::subject, [](const Row& a, const Row& b) { return a.subject.compare(b.subject); }},
      {SortField::from, [](const Row& a, const Row& b) { return a.from.compare(b.from); }},
      {SortField::arrival,
       [](const Row& a, const Row& b) { return (a.arrival > b.arrival) - (a.arrival < b.arrival); }},
      {SortField::date, [](const Row& a, const Row& b) { return (a.sent > b.sent) - (a.sent < b.sent); }},
      {SortField::size, [](const Row& a, const Row& b) { return (a.size > b.size) - (a.size < b.size); }},
  };
  for (int round = 0; round < 60; ++round) {
    std::vector<SortCriterion> criteria;
    std::vector<std::pair<std::size_t, bool>> order;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      order.emplace_back(random() % fields.size(), random() % 2 == 0);
      criteria.push_back({fields[order.back().first].first, order.back().second});
    }
    std::vector<Row> expected = rows;
    std::stable_sort(expected.begin(), expected.end(), [&](const Row& a, const Row& b) {
      for (const auto& [field, reverse] : order) {
        const int result = fields[field].second(a, b);
        if (result != 0) return reverse ? result > 0 : result < 0;
      }
      return false;
    });
    List uids;
    for (const Row& row : expected) uids.push_back(row.uid);
    const SearchBudget budget{static_cast<std::uint32_t>(1 + random() % 250), round % 4 == 0 ? 1000U : 1'000'000U};
    REQUIRE(f.sort(criteria, UidSet::all(), budget, 1 + random() % 60) == uids);
  }
}

TEST_CASE("sort: some can be passed over, and what is expunged between steps is left out") {
  SortFixture f;
  for (int i = 0; i < 9; ++i) f.add("Subject: " + std::to_string(9 - i));
  Sorter sorter({{SortField::subject}});
  const Uid next = f.inbox.sort(sorter, UidSet::all(), 1, {4, 1'000'000}).value();
  CHECK(next == 5);
  f.inbox.remove(UidSet::of(6, 7)).value();
  CHECK(f.inbox.sort(sorter, UidSet::all(), next).value() == 0);
  CHECK(sorter.size() == 7);
  sorter.skip(2);
  CHECK(sorter.first() == 5);
  std::array<Uid, 3> some{};
  CHECK(sorter.take(some) == 3);
  CHECK(some == std::array<Uid, 3>{5, 4, 3});
  sorter.skip(100);
  CHECK(sorter.take(some) == 0);
}

TEST_CASE("sort: a subject without end fills no memory") {
  SortFixture f;
  const std::string endless(900'000, 'a');
  for (int i = 0; i < 3; ++i) f.add("Subject: " + endless + std::to_string(3 - i));
  // Equal in all that is compared.
  CHECK(f.sort({{SortField::subject}, {SortField::size}}) == List{1, 2, 3});
}

TEST_CASE("sort: by another comparator") {
  SortFixture f;
  for (const char* subject : {"b", "B", "A", "=?utf-8?Q?=C3=A4?=", "=?utf-8?Q?=C3=84?=", "a"}) {
    f.add("Subject: " + std::string(subject));
  }
  const auto sorted = [&](Comparator comparator) {
    Sorter sorter({{SortField::subject}}, comparator);
    CHECK(f.inbox.sort(sorter, UidSet::all(), 1).value() == 0);
    List uids(sorter.size());
    sorter.take(uids);
    return uids;
  };
  CHECK(sorted(Comparator::unicode_casemap) == List{3, 6, 4, 5, 1, 2});
  CHECK(sorted(Comparator::ascii_casemap) == List{3, 6, 1, 2, 5, 4});
  CHECK(sorted(Comparator::octet) == List{3, 2, 6, 1, 5, 4});
}

TEST_CASE("sort: the most relevant first") {
  SortFixture f;
  for (int i = 0; i < 5; ++i) f.add("X: y");
  Sorter sorter({{SortField::relevance}});
  sorter.set_relevance({1, 2, 4}, {10, 99, 10});
  CHECK(f.inbox.sort(sorter, UidSet::of(1, 4), 1).value() == 0);
  sorter.set_relevance({5}, {50});
  CHECK(f.inbox.sort(sorter, UidSet::of(5, 5), 1).value() == 0);
  std::array<Uid, 5> uids{};
  CHECK(sorter.take(uids) == 5);
  CHECK(uids == std::array<Uid, 5>{2, 5, 1, 4, 3});
}

TEST_CASE("sort in a mailbox that is gone") {
  SortFixture f;
  const Mailbox other = f.account.create_mailbox("other").value();
  f.account.remove_mailbox("other").value();
  Sorter sorter({{SortField::date}});
  CHECK(other.sort(sorter, UidSet::all(), 1).error().code == Errc::not_found);
}
