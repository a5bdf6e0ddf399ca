// The save date (RFC 8514): when a message came into the mailbox that it is in.
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>

#include "fixture.h"
#include "old_schema.h"
#include "sqlite/database.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

using Dates = std::map<Uid, std::optional<std::int64_t>>;

Dates dates(const Mailbox& mailbox) {
  Dates result;
  mailbox
      .fetch(UidSet::all(), Field::none,
             [&result](const MessageView& view) {
               result[view.uid] = view.saved;
               return true;
             })
      .value();
  return result;
}

std::vector<Uid> found(const Mailbox& mailbox, SearchKey::Kind kind, std::int64_t day = 0) {
  const SearchKey key{.kind = kind, .number = static_cast<std::uint64_t>(day)};
  return mailbox.search(key, UidSet::all(), 1).value().uids;
}

constexpr std::int64_t kDay = 86'400;

}  // namespace

TEST_CASE("a message is saved when it comes, and anew when it is copied or moved") {
  Fixture f;
  std::int64_t now = 1000 * kDay + 5;
  f.store.impl()->clock = [&now] { return now; };
  const Mailbox other = f.account.create_mailbox("Other").value();

  auto spool = f.account.spool().value();
  spool.write(message_text("appended")).value();
  f.inbox.append(NewMessage{.content = std::move(spool), .internal_date = DateTime{77, 60}}).value();
  f.account.deliver(message_text("delivered")).value();
  CHECK(dates(f.inbox) == Dates{{1, now}, {2, now}});

  const std::int64_t before = now;
  now += kDay;
  f.inbox.copy(UidSet::of(1, 1), other).value();
  f.inbox.move(UidSet::of(2, 2), other).value();
  CHECK(dates(f.inbox) == Dates{{1, before}});
  CHECK(dates(other) == Dates{{1, now}, {2, now}});
  now += kDay;
  f.inbox.store(UidSet::all(), {.flags = Flag::seen}).value();
  f.inbox.move(UidSet::of(1, 1), f.inbox).value();
  CHECK(dates(f.inbox) == Dates{{3, now}});
  CHECK(dates(other) == Dates{{1, now - kDay}, {2, now - kDay}});
  CHECK(f.problems().empty());
}

TEST_CASE("messages are found by the day on which they were saved") {
  Fixture f;
  std::int64_t now = 0;
  f.store.impl()->clock = [&now] { return now; };
  for (const std::int64_t at : {10 * kDay - 1, 10 * kDay, 11 * kDay - 1, 11 * kDay}) {
    now = at;
    f.inbox.append(message_text("x")).value();
  }
  using Kind = SearchKey::Kind;
  CHECK(found(f.inbox, Kind::saved_before, 10) == std::vector<Uid>{1});
  CHECK(found(f.inbox, Kind::saved_on, 10) == std::vector<Uid>{2, 3});
  CHECK(found(f.inbox, Kind::saved_since, 10) == std::vector<Uid>{2, 3, 4});
  CHECK(found(f.inbox, Kind::saved_since, 12).empty());
  CHECK(found(f.inbox, Kind::has_save_date) == std::vector<Uid>{1, 2, 3, 4});
}

TEST_CASE("an account of schema version 1 is brought up to date, and its messages have no save date") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .password_cost = 1};
  std::string file;
  {
    const Store store = Store::open(options).value();
    const Account account = store.create_account("alice").value();
    account.mailbox("INBOX").value().append(message_text("old")).value();
    file = store.impl()->locate(account.id()).database;
  }
  test::to_old_schema(file, sqlite::kMailSchema, 1);
  const Store store = Store::open(options).value();
  const Account account = store.account("alice").value();
  const Mailbox inbox = account.mailbox("INBOX").value();
  inbox.append(message_text("new")).value();
  const Dates both = dates(inbox);
  CHECK_FALSE(both.at(1));
  CHECK(both.at(2));
  CHECK(octets_of(inbox, 1) == message_text("old"));
  CHECK(account.check().value().problems.empty());
  // RFC 8514 §4.3: INTERNALDATE stands in for the date that there is not.
  using Kind = SearchKey::Kind;
  const std::int64_t today = *both.at(2) / kDay;
  CHECK(found(inbox, Kind::has_save_date) == std::vector<Uid>{2});
  CHECK(found(inbox, Kind::saved_since, today - 1) == std::vector<Uid>{1, 2});
  // Moved, it has one.
  inbox.move(UidSet::of(1, 1), inbox).value();
  CHECK(dates(inbox).at(3));
  // What panels read names it too.
  auto reader = sqlite::Connection::open(file, {.read_only = true}).value();
  CHECK(reader->value("SELECT count(*) FROM message_overview WHERE saved IS NOT NULL").value() == 2);
}
