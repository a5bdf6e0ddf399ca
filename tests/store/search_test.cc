// Mailbox::search against a store.
#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "postfach/store.h"
#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

struct Fixture {
  Fixture() {
    account = store.create_account("demo@example.org").value();
    mailbox = account->mailbox("INBOX").value();
  }

  Uid append(const std::string& octets, Flags flags = {}, std::vector<std::string> keywords = {}) {
    Spool spool = account->spool(octets.size()).value();
    spool.write(octets).value();
    NewMessage message{std::move(spool)};
    message.flags = flags;
    message.keywords = std::move(keywords);
    message.internal_date = DateTime{86'400 * 10, 0};
    return mailbox->append(std::move(message)).value().uids.front();
  }

  // In as many steps as the budget makes of it.
  std::vector<Uid> search(const SearchKey& key, SearchBudget budget = {}, std::size_t* steps = nullptr) {
    std::vector<Uid> uids;
    Uid from = 1;
    do {
      const SearchPage page = mailbox->search(key, UidSet::all(), from, budget).value();
      uids.insert(uids.end(), page.uids.begin(), page.uids.end());
      from = page.next;
      if (steps != nullptr) ++*steps;
    } while (from != 0);
    return uids;
  }

  Store store = Store::open_temporary().value();
  std::optional<Account> account;
  std::optional<Mailbox> mailbox;
};

std::string numbered(std::size_t number, std::size_t padding = 0) {
  return "Subject: number " + std::to_string(number) + "\r\n\r\nbody " + std::to_string(number % 3) + "\r\n" +
         std::string(padding, '.') + " end " + std::to_string(number % 5) + "\r\n";
}

TEST_CASE("search of stored messages") {
  Fixture f;
  const Uid first = f.append("From: a@h\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n\r\nsmall body\r\n", Flag::seen);
  const Uid second =
      f.append("From: b@h\r\nSubject: two\r\n\r\n" + std::string(300'000, 'x') + "far away\r\n", {}, {"$Work"});
  CHECK(f.search({}) == std::vector<Uid>{first, second});
  CHECK(f.search(text_key(Kind::subject, "GRÜSSE")) == std::vector<Uid>{first});
  CHECK(f.search(text_key(Kind::from, "b@h")) == std::vector<Uid>{second});
  CHECK(f.search(text_key(Kind::body, "small")) == std::vector<Uid>{first});
  CHECK(f.search(text_key(Kind::body, "FAR AWAY")) == std::vector<Uid>{second});
  CHECK(f.search(text_key(Kind::text, "subject: two")) == std::vector<Uid>{second});
  CHECK(f.search(text_key(Kind::keyword, "$work")) == std::vector<Uid>{second});
  CHECK(f.search(number_key(Kind::larger, 1000)) == std::vector<Uid>{second});
  CHECK(f.search(number_key(Kind::on, 10)) == std::vector<Uid>{first, second});
  CHECK(f.search(number_key(Kind::since, 11)).empty());
  CHECK(f.search(group(Kind::none_of, {text_key(Kind::body, "far away")})) == std::vector<Uid>{first});
}

TEST_CASE("only messages of the set are looked at, from the given UID on") {
  Fixture f;
  for (std::size_t i = 1; i <= 9; ++i) f.append(numbered(i));
  UidSet set = UidSet::of(2, 4);
  set.add(8);
  CHECK(f.mailbox->search({}, set, 1).value().uids == std::vector<Uid>{2, 3, 4, 8});
  CHECK(f.mailbox->search({}, set, 4).value().uids == std::vector<Uid>{4, 8});
  CHECK(f.mailbox->search({}, set, 9).value().uids.empty());
  CHECK(f.mailbox->search({}, UidSet(), 1).value().next == 0);
}

TEST_CASE("small budgets give the same as one go") {
  Fixture f;
  for (std::size_t i = 1; i <= 40; ++i) f.append(numbered(i, i % 10 == 0 ? 100'000 : 10));
  const SearchKey key = group(Kind::any_of, {text_key(Kind::body, "body 1"), text_key(Kind::body, "end 4")});
  const std::vector<Uid> all = f.search(key);
  REQUIRE(all.size() > 10);
  for (const SearchBudget budget : {SearchBudget{0, 0}, SearchBudget{1, 1}, SearchBudget{7, 1'000'000},
                                    SearchBudget{1000, 300}, SearchBudget{1000, 150'000}}) {
    std::size_t steps = 0;
    CHECK(f.search(key, budget, &steps) == all);
    CHECK(steps > 1);
    CHECK(steps <= 40);
  }
  std::size_t steps = 0;
  f.search(key, {}, &steps);
  CHECK(steps == 1);
}

TEST_CASE("a step with many criteria looks at fewer messages") {
  Fixture f;
  f.append(numbered(1));
  for (std::uint32_t have = 1; have < 2048; have *= 2) f.mailbox->copy(UidSet::all(), *f.mailbox).value();
  std::vector<SearchKey> keys;
  for (std::int64_t i = 0; i < 2000; ++i) keys.push_back(number_key(Kind::larger, 1'000'000 + i));
  std::size_t steps = 0;
  CHECK(f.search(group(Kind::any_of, keys), {}, &steps).empty());
  CHECK(steps == 3);
  keys.resize(10);
  CHECK(f.search(group(Kind::any_of, keys), {}, &steps).empty());
}

TEST_CASE("messages far apart and next to each other are told apart") {
  Fixture f;
  for (std::size_t i = 1; i <= 60; ++i) f.append(numbered(i), i % 20 < 3 ? Flag::flagged : Flags());
  f.mailbox->remove(UidSet::of(30, 35)).value();
  SearchKey flagged;
  flagged.kind = Kind::flag;
  flagged.flags = Flag::flagged;
  // Only the flagged ones are read: 1, 2, 20, 21, 22, …
  const SearchKey subject = text_key(Kind::subject, "number 2");
  CHECK(f.search(group(Kind::all_of, {flagged, subject})) == std::vector<Uid>{2, 20, 21, 22});
  const SearchKey body = text_key(Kind::text, "body 1");
  CHECK(f.search(group(Kind::all_of, {flagged, body})) == std::vector<Uid>{1, 22, 40});
  CHECK(f.search(text_key(Kind::subject, "number 3")) == std::vector<Uid>{3, 36, 37, 38, 39});
}

TEST_CASE("what is expunged or changed between two steps") {
  Fixture f;
  for (std::size_t i = 1; i <= 6; ++i) f.append(numbered(i, 70'000));
  const SearchKey key = text_key(Kind::body, "body");
  const SearchPage first = f.mailbox->search(key, UidSet::all(), 1, {2, 1'000'000'000}).value();
  CHECK(first.uids == std::vector<Uid>{1, 2});
  CHECK(first.next == 3);
  f.mailbox->remove(UidSet::of(3, 4)).value();
  const ModSeq changed = f.mailbox->store(UidSet::of(5, 5), {.flags = Flag::flagged}).value().modseq;
  const SearchPage rest = f.mailbox->search(key, UidSet::all(), first.next).value();
  CHECK(rest.uids == std::vector<Uid>{5, 6});
  CHECK(rest.next == 0);
  CHECK(rest.highest_modseq == changed);
  CHECK(rest.highest_modseq > first.highest_modseq);
  CHECK(f.search(number_key(Kind::modseq, static_cast<std::int64_t>(changed))) == std::vector<Uid>{5});
  CHECK(f.mailbox->search(text_key(Kind::body, "nowhere"), UidSet::all(), 1).value().highest_modseq == 0);
}

TEST_CASE("a search in a mailbox that is gone") {
  Fixture f;
  const Mailbox other = f.account->create_mailbox("other").value();
  f.account->remove_mailbox("other").value();
  const auto page = other.search({}, UidSet::all(), 1);
  REQUIRE_FALSE(page);
  CHECK(page.error().code == Errc::not_found);
}

}  // namespace
}  // namespace postfach
