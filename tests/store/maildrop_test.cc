// POP3 policies in the store: what becomes of messages that a POP3 client deletes or retrieves.
#include <catch2/catch.hpp>

#include "fixture.h"
#include "postfach/maildrop.h"
#include "sqlite/maildrop_tables.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

constexpr std::int64_t kDay = 86'400;

struct Drop : Fixture {
  std::int64_t now = 20'000 * kDay;
  MaildropPolicy policy;

  explicit Drop(MaildropPolicy chosen = {}, StoreOptions options = {})
      : Fixture(std::move(options)), policy(std::move(chosen)) {
    store.impl()->clock = [this] { return now; };
  }

  void deliver(int count, const std::string& mailbox = "INBOX") {
    for (int i = 0; i < count; ++i) account.deliver(message_text("m"), {.mailbox = mailbox}).value();
  }
  MaildropUpdated quit(UidSet retrieved, UidSet deleted) {
    return account.update_maildrop(policy, {{inbox, std::move(retrieved), std::move(deleted)}}).value();
  }
  // UIDs that POP3 shows, by mailbox.
  std::vector<std::vector<Uid>> shown() {
    std::vector<std::vector<Uid>> all;
    for (const MaildropPart& part : account.maildrop(policy).value()) {
      std::vector<Uid>& uids = all.emplace_back();
      if (part.first >= part.end) continue;
      part.mailbox
          .fetch(UidSet::of(part.first, part.end - 1), Field::none,
                 [&](const MessageView& view) {
                   if (!view.is_hidden_from_pop3 && view.internal_date.seconds >= part.not_before) {
                     uids.push_back(view.uid);
                   }
                   return true;
                 })
          .value();
    }
    return all;
  }
  std::vector<Uid> uids(std::string_view name = "INBOX") const { return account.mailbox(name).value().uids().value(); }
  void wait(std::int64_t days) {
    now += days * kDay;
    while (store.do_upkeep()) {
    }
  }
};

using Uids = std::vector<Uid>;
using Shown = std::vector<std::vector<Uid>>;

}  // namespace

TEST_CASE("expunge: deletions and \\Seen are one change") {
  Drop f;
  f.deliver(4);
  const ModSeq before = f.inbox.status().value().highest_modseq;
  const MaildropUpdated updated = f.quit(UidSet::of(1, 3), UidSet::of(2, 2));
  CHECK(updated.deleted == 1);
  CHECK(updated.seen == 2);
  CHECK(f.uids() == Uids{1, 3, 4});
  CHECK(f.inbox.status().value().unseen == 1);
  const Changes changes = f.inbox.changes_since(before, 5).value();
  CHECK(changes.vanished.to_string() == "2");
  CHECK(changes.changed.to_string() == "1,3");
  CHECK(changes.modseq == before + 1);
  CHECK(f.problems().empty());
}

TEST_CASE("\\Seen is set only where the policy says so, and only once") {
  Drop f;
  f.deliver(1);
  f.policy.retr_sets_seen = false;
  CHECK(f.quit(UidSet::of(1, 1), {}).seen == 0);
  CHECK(flags_of(f.inbox, 1).empty());
  f.policy.retr_sets_seen = true;
  CHECK(f.quit(UidSet::of(1, 1), {}).seen == 1);
  CHECK(flags_of(f.inbox, 1) == Flag::seen);
  const ModSeq modseq = f.inbox.status().value().highest_modseq;
  CHECK(f.quit(UidSet::of(1, 1), {}).seen == 0);
  CHECK(f.inbox.status().value().highest_modseq == modseq);
}

TEST_CASE("hide: IMAP keeps the message, POP3 has none of it, wherever it goes") {
  Drop f({.on_delete = OnDelete::hide, .mailboxes = {"INBOX", "Archive"}});
  f.deliver(2);
  const ModSeq before = f.inbox.status().value().highest_modseq;
  CHECK(f.quit({}, UidSet::of(1, 1)).deleted == 1);
  CHECK(f.inbox.status().value().highest_modseq == before);  // no IMAP client has to hear of it
  CHECK(f.uids() == Uids{1, 2});
  CHECK(f.shown() == Shown{{2}, {}});
  // STORE of flags does not bring it back, nor does a MOVE.
  f.inbox.store(UidSet::of(1, 1), {.change = FlagChange::set, .flags = Flag::flagged}).value();
  CHECK(f.shown() == Shown{{2}, {}});
  const Mailbox archive = f.account.mailbox("Archive").value();
  f.inbox.move(UidSet::of(1, 1), archive).value();
  CHECK(f.shown() == Shown{{2}, {}});
  // A copy is another message.
  archive.copy(UidSet::of(1, 1), f.inbox).value();
  CHECK(f.shown() == Shown{{2, 3}, {}});
  CHECK(f.account.reset_maildrop().value() == 1);
  CHECK(f.shown() == Shown{{2, 3}, {1}});
  CHECK(f.problems().empty());
}

TEST_CASE("trash: deleted messages are in Trash, and do not come back from there") {
  Drop f({.on_delete = OnDelete::trash, .mailboxes = {"INBOX", "Trash"}});
  f.deliver(3);
  const std::string uidl = uidl_of(f.inbox, 2);
  CHECK(f.quit(UidSet::of(2, 2), UidSet::of(2, 2)).deleted == 1);
  CHECK(f.uids() == Uids{1, 3});
  const Mailbox trash = f.account.mailbox("Trash").value();
  CHECK(f.uids("Trash") == Uids{1});
  CHECK(flags_of(trash, 1) == Flag::seen);
  CHECK(uidl_of(trash, 1) == uidl);
  CHECK(f.shown() == Shown{{1, 3}, {}});
  SECTION("what is deleted in Trash is gone") {
    f.account.update_maildrop(f.policy, {{trash, {}, UidSet::of(1, 1)}}).value();
    CHECK(f.uids("Trash").empty());
  }
  SECTION("a Trash that is full refuses all of it") {
    trash.set_quota({.messages = 1}).value();
    const auto refused = f.account.update_maildrop(f.policy, {{f.inbox, UidSet::all(), UidSet::of(1, 1)}});
    CHECK(refused.error().code == Errc::over_quota);
    CHECK(f.uids() == Uids{1, 3});
    CHECK(flags_of(f.inbox, 3).empty());
  }
  CHECK(f.problems().empty());
}

TEST_CASE("trash: the mailbox is made where there is none") {
  Drop f({.on_delete = OnDelete::trash}, {.default_mailboxes = {{"Papierkorb", SpecialUse::trash}}});
  f.deliver(1);
  f.account.remove_mailbox("Papierkorb").value();
  f.quit({}, UidSet::of(1, 1));
  CHECK(f.account.mailbox_info("Papierkorb").value().special_use == SpecialUse::trash);
  CHECK(f.uids("Papierkorb") == Uids{1});
}

TEST_CASE("keep: hidden at once, gone after the days") {
  Drop f({.on_delete = OnDelete::keep, .keep_days = 14});
  f.deliver(3);
  CHECK(f.quit(UidSet::of(1, 2), UidSet::of(1, 2)).deleted == 2);
  CHECK(f.shown() == Shown{{3}});
  f.wait(13);
  CHECK(f.uids() == Uids{1, 2, 3});
  f.wait(1);
  CHECK(f.uids() == Uids{3});
  CHECK(f.inbox.changes_since(1, 4).value().vanished.to_string() == "1:2");
  CHECK(f.account.usage().value().messages == 1);
  CHECK(f.problems().empty());
}

TEST_CASE("a message that was moved is not removed, also when it is moved back") {
  Drop f({.on_delete = OnDelete::keep, .keep_days = 3, .expire_days = 1});
  f.deliver(3);
  f.quit(UidSet::of(3, 3), UidSet::of(1, 2));
  const Mailbox archive = f.account.mailbox("Archive").value();
  f.inbox.move(UidSet::of(1, 1), archive).value();
  archive.move(UidSet::all(), f.inbox).value();
  f.inbox.move(UidSet::of(3, 3), archive).value();
  f.wait(30);
  CHECK(f.uids() == Uids{4});
  CHECK(f.uids("Archive") == Uids{2});
  CHECK(f.shown() == Shown{{}});  // deleted it is for POP3
}

TEST_CASE("a renamed INBOX keeps what POP3 would have removed") {
  Drop f({.on_delete = OnDelete::keep, .keep_days = 3});
  f.deliver(2);
  f.quit({}, UidSet::of(1, 2));
  f.account.rename_mailbox("INBOX", "Old").value();
  f.wait(10);
  CHECK(f.uids("Old") == Uids{1, 2});
}

TEST_CASE("a deletion in a mailbox that is gone, or of a message that is, changes nothing else") {
  Drop f({.mailboxes = {"INBOX", "Archive"}});
  f.deliver(2);
  f.deliver(1, "Archive");
  const Mailbox archive = f.account.mailbox("Archive").value();
  f.account.remove_mailbox("Archive").value();
  f.inbox.remove(UidSet::of(1, 1)).value();
  const auto updated = f.account.update_maildrop(
      f.policy, {{archive, UidSet::of(1, 1), UidSet::of(1, 1)}, {f.inbox, {}, UidSet::of(1, 2)}});
  CHECK(updated.value().deleted == 1);
  CHECK(f.uids().empty());
}

TEST_CASE("expire: what was retrieved goes after the days, counted from the first time") {
  Drop f({.expire_days = 7});
  f.deliver(2);
  f.quit(UidSet::of(1, 1), {});
  f.wait(5);
  f.quit(UidSet::of(1, 1), {});
  CHECK(f.uids() == Uids{1, 2});
  f.wait(2);
  CHECK(f.uids() == Uids{2});  // nobody retrieved it
  f.wait(1000);
  CHECK(f.uids() == Uids{2});
}

TEST_CASE("expire by the other policies") {
  Drop f({.expire_days = 2});
  f.deliver(2);
  SECTION("at once, with 0 days") {
    f.policy.expire_days = 0;
    CHECK(f.quit(UidSet::of(1, 1), {}).deleted == 1);
    CHECK(f.uids() == Uids{2});
  }
  SECTION("hide") {
    f.policy.on_delete = OnDelete::hide;
    f.quit(UidSet::of(1, 1), {});
    f.wait(2);
    CHECK(f.uids() == Uids{1, 2});
    CHECK(f.shown() == Shown{{2}});
  }
  SECTION("trash") {
    f.policy.on_delete = OnDelete::trash;
    f.quit(UidSet::of(1, 1), {});
    f.wait(2);
    CHECK(f.uids() == Uids{2});
    CHECK(f.uids("Trash") == Uids{1});
  }
  SECTION("keep: both times one after the other") {
    f.policy.on_delete = OnDelete::keep;
    f.policy.keep_days = 3;
    f.quit(UidSet::of(1, 1), {});
    f.wait(4);
    CHECK(f.uids() == Uids{1, 2});
    f.wait(1);
    CHECK(f.uids() == Uids{2});
  }
}

TEST_CASE("removals survive a restart, of a store that did not look for a while") {
  const std::string path = (std::filesystem::temp_directory_path() / "postfach-maildrop-test").string();
  std::filesystem::remove_all(path);
  std::int64_t now = 20'000 * kDay;
  const auto open = [&] {
    Store store = Store::open({.path = path, .password_cost = 1}).value();
    store.impl()->clock = [&now] { return now; };
    return store;
  };
  {
    const Store store = open();
    const Account account = store.create_account("bob").value();
    account.deliver(message_text("a")).value();
    const Mailbox inbox = account.mailbox("INBOX").value();
    account.update_maildrop({.on_delete = OnDelete::keep, .keep_days = 1}, {{inbox, {}, UidSet::all()}}).value();
  }
  now += kDay;
  {
    const Store store = open();
    CHECK_FALSE(store.do_upkeep());
    CHECK(store.account("bob").value().mailbox("INBOX").value().uids().value().empty());
    // An idle account is looked at once more, and then forgotten.
    const auto rows = [&] {
      return store.impl()
          ->directory->read([](sqlite::Connection& db) { return db.value("SELECT count(*) FROM maildrop_due"); })
          .value();
    };
    CHECK(rows() == 1);
    now += 3600;
    store.do_upkeep();
    CHECK(rows() == 0);
  }
  std::filesystem::remove_all(path);
}

TEST_CASE("what is announced while an account is looked at is not forgotten") {
  const Drop f;
  const AccountId id = f.account.id();
  const auto write = [&](auto job) { f.store.impl()->directory->write(job).value(); };
  const auto row = [&] {
    return f.store.impl()->directory->read([&](sqlite::Connection& db) { return sqlite::find_due(db, id); }).value();
  };
  const auto announce = [&](std::int64_t due) {
    write([&](sqlite::Connection& db) { return sqlite::announce_due(db, id, due); });
  };
  const auto settle = [&](const sqlite::DueRow& looked, std::optional<std::int64_t> next) {
    write([&](sqlite::Connection& db) { return sqlite::settle_due(db, looked, next, f.now + 3600); });
  };
  announce(f.now);
  const sqlite::DueRow first = row().value();
  announce(f.now + kDay);            // and committed after the look
  settle(first, f.now + 30 * kDay);  // which saw nothing of it
  CHECK(row()->due == f.now + 3600);
  CHECK_FALSE(row()->covers(f.now + kDay));
  const sqlite::DueRow second = row().value();
  announce(f.now + 2 * kDay);
  settle(second, std::nullopt);
  REQUIRE(row().has_value());
  CHECK(row()->due == f.now + 3600);
  settle(row().value(), f.now + 30 * kDay);
  settle(row().value(), f.now + 30 * kDay);
  CHECK(row()->due == f.now + 30 * kDay);
  CHECK(row()->covers(f.now + 31 * kDay));
}

TEST_CASE("many removals are done in steps") {
  Drop f({.on_delete = OnDelete::keep, .keep_days = 1});
  std::vector<NewMessage> messages;
  for (int i = 0; i < 1200; ++i) {
    Spool spool = f.account.spool().value();
    spool.write(message_text("m")).value();
    messages.push_back({.content = std::move(spool)});
  }
  f.inbox.append(std::move(messages)).value();
  f.quit({}, UidSet::all());
  f.wait(1);
  CHECK(f.uids().empty());
  CHECK(f.problems().empty());
}

TEST_CASE("the window of the newest: what has left it does not come back") {
  Drop f({.newest = 3});
  f.deliver(5);
  CHECK(f.shown() == Shown{{3, 4, 5}});
  f.inbox.remove(UidSet::of(4, 5)).value();
  CHECK(f.shown() == Shown{{3}});
  f.deliver(1);
  CHECK(f.shown() == Shown{{3, 6}});
  f.policy.newest = 4;  // another window begins anew
  CHECK(f.shown() == Shown{{1, 2, 3, 6}});
}

TEST_CASE("the window of days, and several mailboxes") {
  Drop f({.mailboxes = {"Archive", "inbox", "No such"}, .days = 10});
  f.account.deliver(message_text("old"), {.internal_date = DateTime{f.now - 11 * kDay, 0}}).value();
  f.account.deliver(message_text("new"), {.internal_date = DateTime{f.now - 9 * kDay, 0}}).value();
  f.deliver(1, "Archive");
  CHECK(f.shown() == Shown{{1}, {2}});
  f.now += 2 * kDay;
  CHECK(f.shown() == Shown{{1}, {}});
}

TEST_CASE("policies of accounts") {
  Drop f({}, {.maildrop = {.on_delete = OnDelete::hide}});
  CHECK(f.account.maildrop_policy().value().on_delete == OnDelete::hide);
  CHECK_FALSE(f.store.maildrop_policy("alice@example.org").value().has_value());
  const MaildropPolicy own{.on_delete = OnDelete::keep,
                           .keep_days = 9,
                           .retr_sets_seen = false,
                           .mailboxes = {"INBOX", "Junk", "Ärger/Müll"},
                           .newest = 7,
                           .days = 8,
                           .login_delay = std::chrono::minutes(2),
                           .expire_days = 30};
  f.store.set_maildrop_policy("alice@example.org", own).value();
  CHECK(f.account.maildrop_policy().value() == own);
  CHECK(f.store.maildrop_policy("ALICE@example.org").value() == own);
  f.store.set_maildrop_policy("alice@example.org", std::nullopt).value();
  CHECK(f.account.maildrop_policy().value().on_delete == OnDelete::hide);
  CHECK(f.store.set_maildrop_policy("nobody", own).error().code == Errc::not_found);
}

TEST_CASE("policies that are none") {
  Drop f;
  const auto bad = GENERATE(MaildropPolicy{.keep_days = 0}, MaildropPolicy{.mailboxes = {}},
                            MaildropPolicy{.mailboxes = {"INBOX", "inbox"}}, MaildropPolicy{.mailboxes = {"a\nb"}},
                            MaildropPolicy{.days = 36'501}, MaildropPolicy{.login_delay = std::chrono::seconds(-1)},
                            MaildropPolicy{.expire_days = 36'501});
  CHECK(f.store.set_maildrop_policy("alice@example.org", bad).error().code == Errc::invalid_argument);
  CHECK(Store::open_temporary({.maildrop = bad}).error().code == Errc::invalid_argument);
}

TEST_CASE("bounds of all policies") {
  Drop f;
  const auto bounds = [&] { return f.store.maildrop_bounds().value(); };
  const auto set = [&](const MaildropPolicy& policy) {
    f.store.set_maildrop_policy("alice@example.org", policy).value();
  };
  CHECK_FALSE(bounds().expire_days.has_value());
  CHECK_FALSE(bounds().expire_days_differ);
  set({.login_delay = std::chrono::seconds(60), .expire_days = 5});
  CHECK(bounds().expire_days == 5U);
  CHECK(bounds().expire_days_differ);
  CHECK(bounds().login_delay.count() == 60);
  CHECK(bounds().login_delay_differs);
  set({});
  CHECK_FALSE(bounds().expire_days_differ);
  CHECK_FALSE(bounds().login_delay_differs);
}

TEST_CASE("the wait between two logins") {
  using namespace std::chrono_literals;
  Drop f;
  const auto start = std::chrono::steady_clock::now();
  CHECK(f.account.lease_maildrop(60s, start));
  CHECK(f.account.lease_maildrop(60s, start + 59s).error().code == Errc::limit);
  {
    const auto lease = f.account.lease_maildrop(60s, start + 60s).value();
    CHECK(f.account.lease_maildrop(60s, start + 90s).error().code == Errc::in_use);
  }
  CHECK(f.account.lease_maildrop(0s, start + 61s));
}

TEST_CASE("UIDLs of another server") {
  Drop f;
  f.deliver(3);
  const std::string own = uidl_of(f.inbox, 1);
  f.account.set_uidls({{f.inbox, 1, "0000000a4f3b2c1d"}, {f.inbox, 2, "+1234.old,S=99"}}).value();
  CHECK(uidl_of(f.inbox, 1) == "0000000a4f3b2c1d");
  CHECK(uidl_of(f.inbox, 2) == "+1234.old,S=99");
  SECTION("exchanged") {
    f.account.set_uidls({{f.inbox, 1, "+1234.old,S=99"}, {f.inbox, 2, "0000000a4f3b2c1d"}}).value();
    CHECK(uidl_of(f.inbox, 1) == "+1234.old,S=99");
  }
  SECTION("taken back") {
    f.account.set_uidls({{f.inbox, 1, ""}}).value();
    CHECK(uidl_of(f.inbox, 1) == own);
    f.account.set_uidls({{f.inbox, 1, own}}).value();
    CHECK(uidl_of(f.inbox, 1) == own);
  }
  SECTION("refused, and nothing of it done") {
    const auto code = [&](const std::vector<MessageUidl>& uidls) { return f.account.set_uidls(uidls).error().code; };
    CHECK(code({{f.inbox, 3, "x"}, {f.inbox, 2, "0000000a4f3b2c1d"}}) == Errc::already_exists);
    CHECK(code({{f.inbox, 3, "x"}, {f.inbox, 2, "x"}}) == Errc::already_exists);
    CHECK(code({{f.inbox, 3, uidl_of(f.inbox, 1)}}) == Errc::already_exists);
    CHECK(code({{f.inbox, 3, "x"}, {f.inbox, 3, "y"}}) == Errc::invalid_argument);
    CHECK(code({{f.inbox, 3, "x"}, {f.inbox, 4, "y"}}) == Errc::not_found);
    CHECK(code({{f.inbox, 3, "two words"}}) == Errc::invalid_argument);
    CHECK(code({{f.inbox, 3, std::string(71, 'x')}}) == Errc::invalid_argument);
    CHECK(uidl_of(f.inbox, 3) != "x");
    CHECK(uidl_of(f.inbox, 2) == "+1234.old,S=99");
  }
  SECTION("the same after MOVE away and back, and RENAME; a copy has its own") {
    const Mailbox archive = f.account.mailbox("Archive").value();
    f.inbox.move(UidSet::of(1, 1), archive).value();
    CHECK(uidl_of(archive, 1) == "0000000a4f3b2c1d");
    f.account.rename_mailbox("Archive", "Cupboard").value();
    CHECK(uidl_of(f.account.mailbox("Cupboard").value(), 1) == "0000000a4f3b2c1d");
    archive.copy(UidSet::of(1, 1), f.inbox).value();
    CHECK(uidl_of(f.inbox, 4) != "0000000a4f3b2c1d");
    archive.move(UidSet::of(1, 1), f.inbox).value();
    CHECK(uidl_of(f.inbox, 5) == "0000000a4f3b2c1d");
    f.account.rename_mailbox("INBOX", "Old").value();
    CHECK(uidl_of(f.account.mailbox("Old").value(), 4) == "0000000a4f3b2c1d");
  }
}

TEST_CASE("an import with the same UIDL twice") {
  Drop f;
  const auto message = [&](bool or_new) {
    Spool spool = f.account.spool().value();
    spool.write(message_text("m")).value();
    return NewMessage{.content = std::move(spool), .uidl = "1", .or_new_uidl = or_new};
  };
  f.inbox.append(message(false)).value();
  CHECK(f.inbox.append(message(false)).error().code == Errc::already_exists);
  f.inbox.append(message(true)).value();
  CHECK(uidl_of(f.inbox, 1) == "1");
  CHECK(uidl_of(f.inbox, 2) != "1");
  CHECK_FALSE(uidl_of(f.inbox, 2).empty());
}
