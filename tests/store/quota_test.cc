// Limits of an account, of its mailboxes and of one message, and warnings before they are reached.
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "fixture.h"
#include "old_schema.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

Errc code(const Result<void>& result) { return result.error().code; }
template <class T>
Errc code(const Result<T>& result) {
  return result.error().code;
}

}  // namespace

TEST_CASE("a mailbox has limits of its own, for all that comes into it") {
  Fixture f;
  const Mailbox small = f.account.create_mailbox("Small").value();
  CHECK(code(small.set_quota({.bytes = UINT64_MAX})) == Errc::invalid_argument);
  small.set_quota({.bytes = 350, .messages = 2}).value();
  CHECK(small.quota().value() == Quota{.bytes = 350, .messages = 2});
  CHECK(f.inbox.quota().value() == Quota());

  f.inbox.append(message_text("1", 100)).value();
  f.inbox.append(message_text("2", 100)).value();
  f.inbox.append(message_text("3", 400)).value();
  CHECK(code(f.inbox.copy(UidSet::of(3, 3), small)) == Errc::over_quota);
  CHECK(code(f.inbox.move(UidSet::of(3, 3), small)) == Errc::over_quota);
  CHECK(code(small.append(message_text("x", 400))) == Errc::over_quota);
  CHECK(code(f.inbox.replace(1, small, {.content = [&] {
                               Spool spool = f.account.unchecked_spool();
                               spool.write(message_text("x", 400)).value();
                               return spool;
                             }()})) == Errc::over_quota);
  f.inbox.move(UidSet::of(1, 1), small).value();
  f.inbox.copy(UidSet::of(2, 2), small).value();
  CHECK(code(f.inbox.copy(UidSet::of(2, 2), small)) == Errc::over_quota);  // a third message
  // Within the mailbox nothing grows.
  small.move(UidSet::of(1, 1), small).value();
  CHECK(code(small.copy(UidSet::of(2, 2), small)) == Errc::over_quota);

  f.account.rename_mailbox("Small", "Renamed").value();
  CHECK(f.account.mailbox("Renamed").value().quota().value() == Quota{.bytes = 350, .messages = 2});
  const Mailbox renamed = f.account.mailbox("Renamed").value();
  renamed.set_quota({}).value();
  f.inbox.copy(UidSet::of(2, 3), renamed).value();
  CHECK(f.problems().empty());
}

TEST_CASE("an account has limits on its mailboxes and on the size of a message") {
  Fixture f({.default_mailboxes = {}});
  f.account.set_quota({.mailboxes = 3, .message_size = 200}).value();
  CHECK(f.account.quota().value() == Quota{.mailboxes = 3, .message_size = 200});
  f.account.create_mailbox("a").value();
  CHECK(code(f.account.create_mailbox("b/c")) == Errc::limit);  // with its parent a fourth
  f.account.create_mailbox("b").value();
  CHECK(code(f.account.rename_mailbox("a", "c/d")) == Errc::limit);
  CHECK(code(f.account.spool(201)) == Errc::limit);
  CHECK(code(f.inbox.append(message_text("x", 250))) == Errc::limit);
  f.inbox.append(message_text("x", 100)).value();
  f.account.set_quota({}).value();
  f.account.create_mailbox("b/c").value();
  f.inbox.append(message_text("x", 250)).value();
  CHECK(f.account.usage().value().messages == 2);
}

TEST_CASE("the host hears when an account becomes full, once, and when it is no longer") {
  std::vector<std::string> heard;
  bool sends_mail = false;
  StoreOptions options;
  options.quota_warnings.thresholds = {80, 95};
  options.quota_warnings.hysteresis = 10;
  options.quota_warnings.hook = [&](const QuotaWarning& warning) {
    CHECK(warning.account == "alice@example.org");
    heard.push_back((warning.is_over ? "over " : "under ") + std::to_string(warning.percent) + " at " +
                    std::to_string(warning.usage.messages));
    return sends_mail ? message_text("nearly full", 5000) : std::string();
  };
  Fixture f(options);
  f.account.set_quota({.messages = 20}).value();
  const auto to = [&](std::uint64_t messages) {
    while (f.account.usage().value().messages < messages) f.inbox.append(message_text("x")).value();
    while (f.account.usage().value().messages > messages) {
      f.inbox.remove(UidSet::of(f.inbox.uids().value().back(), f.inbox.uids().value().back())).value();
    }
    return std::exchange(heard, {});
  };
  using Heard = std::vector<std::string>;
  CHECK(to(15) == Heard{});
  CHECK(to(16) == Heard{"over 80 at 16"});
  CHECK(to(14) == Heard{});
  CHECK(to(18) == Heard{});
  CHECK(to(19) == Heard{"over 95 at 19"});
  CHECK(to(17) == Heard{});
  CHECK(to(16) == Heard{"under 95 at 16"});
  CHECK(to(13) == Heard{"under 80 at 13"});
  CHECK(to(19) == Heard{"over 80 at 16", "over 95 at 19"});
  // A higher limit is as good as less mail.
  f.account.set_quota({.messages = 100}).value();
  CHECK(std::exchange(heard, {}) == Heard{"under 95 at 19"});
  sends_mail = true;
  f.account.set_quota({.messages = 19}).value();
  // The message that tells the user comes in although there is no room.
  CHECK(std::exchange(heard, {}) == Heard{"over 95 at 19"});
  CHECK(f.account.usage().value().messages == 20);
  CHECK(octets_of(f.inbox, f.inbox.uids().value().back()).starts_with("Subject: nearly full"));
  CHECK(code(f.inbox.append(message_text("x"))) == Errc::over_quota);
  CHECK(f.problems().empty());
}

TEST_CASE("thresholds are percentages") {
  CHECK(code(Store::open_temporary({.quota_warnings = {.thresholds = {0}}})) == Errc::invalid_argument);
  CHECK(code(Store::open_temporary({.quota_warnings = {.thresholds = {101}}})) == Errc::invalid_argument);
}

TEST_CASE("an account of a version without these limits gets them") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .password_cost = 1};
  std::string file;
  {
    const Store store = Store::open(options).value();
    const Account account = store.create_account("alice", {.quota = {.bytes = 1000}}).value();
    account.deliver(message_text("old")).value();
    file = store.impl()->locate(account.id()).database;
  }
  test::to_old_schema(file, sqlite::kMailSchema, 3);
  const Account account = Store::open(options).value().account("alice").value();
  CHECK(account.quota().value() == Quota{.bytes = 1000});
  account.set_quota({.bytes = 1000, .message_size = 100}).value();
  CHECK(code(account.deliver(message_text("x", 200))) == Errc::limit);
  account.deliver(message_text("x")).value();
  CHECK(account.check().value().problems.empty());
}
