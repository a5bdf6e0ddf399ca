// Each thing is damaged, told, put right, and then not told any more.
#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fixture.h"
#include "postfach/quota_groups.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

struct Damaged : Fixture {
  Damaged() {
    for (int i = 0; i < 6; ++i) inbox.append(message_text(std::to_string(i), i == 2 ? 100'000 : 0)).value();
    inbox.copy(UidSet::of(2, 3), account.mailbox("Archive").value()).value();
    inbox.store(UidSet::of(1, 4), {.flags = Flag::seen | Flag::deleted}).value();
    inbox.remove(UidSet::of(5, 5)).value();
    NewMessage imported{account.spool().value(), {}, {}, {}, "0123"};
    imported.content.write("x").value();
    inbox.append(std::move(imported)).value();
  }
  void spoil(const char* sql) const {
    store.impl()
        ->open_account(account.id())
        .value()
        ->database->write([&](sqlite::Connection& db) { return db.execute(sql); })
        .value();
  }
  std::vector<std::string> repaired() const {
    const CheckReport report = account.check({.repair = true}).value();
    CHECK(report.problems == std::vector<std::string>());
    CHECK(problems().empty());
    return report.repaired;
  }
};

}  // namespace

TEST_CASE("a sound account has nothing to repair") {
  const Damaged f;
  CHECK(f.repaired().empty());
}

TEST_CASE("counters are put right") {
  const Damaged f;
  const MailboxStatus before = f.inbox.status().value();
  const Usage usage = f.account.usage().value();
  const char* sql = GENERATE(
      "UPDATE mailbox SET unseen = 7 WHERE name = 'INBOX'",
      "UPDATE mailbox SET deleted = 0, deleted_bytes = 3 WHERE name = 'INBOX'",
      "UPDATE mailbox SET messages = 1000, bytes = 1 WHERE name = 'INBOX'",
      "UPDATE mailbox SET recent = 99 WHERE name = 'INBOX'", "UPDATE mailbox SET uid_next = 3 WHERE name = 'INBOX'",
      "UPDATE mailbox SET highest_modseq = 1 WHERE name = 'INBOX'", "UPDATE account SET bytes = 7",
      "UPDATE account SET messages = 0", "UPDATE account SET removed_bytes = 10, removed_messages = 1",
      "UPDATE account SET next_message_id = 2");
  CAPTURE(sql);
  f.spoil(sql);
  CHECK_FALSE(f.problems().empty());
  CHECK_FALSE(f.repaired().empty());
  const MailboxStatus after = f.inbox.status().value();
  CHECK(after.messages == before.messages);
  CHECK(after.unseen == before.unseen);
  CHECK(after.deleted == before.deleted);
  CHECK(after.bytes == before.bytes);
  CHECK(after.uid_next == before.uid_next);
  CHECK(f.account.usage().value() == usage);
  CHECK(f.inbox.append("next").value().uids == std::vector<Uid>{before.uid_next});
  CHECK(f.problems().empty());
}

TEST_CASE("an account whose MODSEQ lags behind goes on above all that were given out") {
  const Damaged f;
  const ModSeq highest = f.inbox.status().value().highest_modseq;
  f.spoil("UPDATE account SET highest_modseq = 1");
  CHECK_FALSE(f.problems().empty());
  CHECK_FALSE(f.repaired().empty());
  f.inbox.append("x").value();
  CHECK(f.inbox.status().value().highest_modseq > highest);
}

TEST_CASE("an expunge log that lies is emptied") {
  const Damaged f;
  const char* sql = GENERATE("UPDATE mailbox SET log_ranges = 9 WHERE name = 'INBOX'",
                             "INSERT INTO expunged SELECT id, 3, 1, 2 FROM mailbox WHERE name = 'INBOX'; "
                             "UPDATE mailbox SET log_ranges = log_ranges + 1 WHERE name = 'INBOX'");
  f.spoil(sql);
  CHECK_FALSE(f.problems().empty());
  CHECK(f.repaired().size() == 1);
  // Whoever asks what went since before has to compare.
  CHECK(f.inbox.remove(UidSet::of(6, 6)).value().uids.count() == 1);
  CHECK(f.problems().empty());
}

TEST_CASE("references, bodies and octets that belong to nothing, UIDLs of nobody") {
  const Damaged f;
  const std::string octets = octets_of(f.inbox, 3);
  f.spoil("UPDATE body SET refs = refs + 1 WHERE file IS NOT NULL");
  f.spoil(
      "INSERT INTO body SELECT 900, 1, size, header_size, 'nobody', envelope, body_structure, sections, thread_refs, "
      "thread_id, header FROM body WHERE file IS NOT NULL");
  f.spoil("PRAGMA foreign_keys = OFF");
  f.spoil("INSERT INTO uidl VALUES (901, 'stray')");
  f.spoil("UPDATE account SET next_message_id = 1000");
  std::ofstream(f.account_directory() + "/large/nobody") << octets;
  std::ofstream(f.account_directory() + "/large/stray") << "x";
  CHECK(f.problems().size() >= 3);
  CHECK(f.large_files() == 3);
  const auto repaired = f.repaired();
  CHECK(repaired.size() == 3);
  CHECK(f.large_files() == 1);
  CHECK(octets_of(f.inbox, 3) == octets);
  // The reference that was too much would have kept the file.
  f.inbox.remove(UidSet::of(3, 3)).value();
  f.account.mailbox("Archive").value().remove(UidSet::all()).value();
  CHECK(f.large_files() == 0);
  CHECK(f.problems().empty());
}

TEST_CASE("a missing UIDL prefix is made anew, and told") {
  const Damaged f;
  f.spoil("DELETE FROM epoch");
  CHECK_FALSE(f.problems().empty());
  const auto repaired = f.repaired();
  REQUIRE(repaired.size() == 1);
  CHECK_THAT(repaired[0], Catch::Contains("UIDL"));
  CHECK_FALSE(uidl_of(f.inbox, 1).empty());
}

TEST_CASE("what quota.db says of an account is entered anew") {
  const Damaged f;
  const QuotaGroups groups(f.store);
  groups.set("example.org").value();
  f.store.impl()->usage->entered(f.account.id()).value();
  auto quota = sqlite::Connection::open(f.store.options().path + "/quota.db", {}).value();
  quota->run("UPDATE usage SET bytes = 12345678").value();
  quota.reset();
  CHECK(f.repaired().size() == 2);  // its group, too
  CHECK(groups.usage().value()[0].usage == f.account.usage().value());
  CHECK(groups.find("example.org").value().usage == f.account.usage().value());
}

TEST_CASE("sums of groups that are too large or too small are counted anew") {
  const Damaged f;
  const QuotaGroups groups(f.store);
  groups.set("tenant").value();
  groups.set("example.org", {.parent = "tenant"}).value();
  groups.set("elsewhere").value();
  const Usage usage = f.account.usage().value();
  f.store.impl()->usage->entered(f.account.id()).value();
  const char* sql = GENERATE("UPDATE quota_group SET bytes = bytes + 5000 WHERE name = 'tenant'",
                             "UPDATE quota_group SET bytes = 1, messages = 0", "UPDATE quota_group SET messages = 99");
  CAPTURE(sql);
  sqlite::Connection::open(f.store.options().path + "/quota.db", {}).value()->execute(sql).value();
  CHECK_FALSE(f.problems().empty());
  CHECK(f.repaired().size() == 1);
  for (const char* name : {"tenant", "example.org"}) CHECK(groups.find(name).value().usage == usage);
  CHECK(groups.find("elsewhere").value().usage == Usage{});
  // A group that seemed to be full takes mail again, and counts it.
  f.inbox.append("x").value();
  CHECK(groups.find("tenant").value().usage == f.account.usage().value());
}

TEST_CASE("what blocks say of their messages is put right") {
  const Damaged f;
  const MailboxStatus before = f.inbox.status().value();
  const char* sql = GENERATE("UPDATE message_block SET last_uid = 2", "UPDATE message_block SET last_uid = 4000000000",
                             "UPDATE message_block SET unseen = 0", "UPDATE message_block SET modseq = 1",
                             "UPDATE message_block SET modseq = 1 << 40");
  CAPTURE(sql);
  f.spoil(sql);
  CHECK_FALSE(f.problems().empty());
  CHECK_FALSE(f.repaired().empty());
  CHECK(f.inbox.status().value().unseen == before.unseen);
  CHECK(f.inbox.uids().value() == std::vector<Uid>{1, 2, 3, 4, 6, 7});
  CHECK(f.inbox.append("x").value().uids == std::vector<Uid>{8});
}

TEST_CASE("keywords without a name are taken from messages before another one gets their bit") {
  const Damaged f;
  f.inbox.store(UidSet::of(1, 3), {.keywords = {"$Work", "$Lost"}}).value();
  f.inbox.store(UidSet::of(4, 4), {.keywords = {"$Lost"}}).value();
  const MailboxStatus before = f.inbox.status().value();
  f.spoil("DELETE FROM keyword WHERE name = '$Lost'");
  f.spoil(
      "UPDATE message_block SET entries = (SELECT message_entries(uid, id, flags, "
      "CASE uid WHEN 6 THEN keywords | (1 << 63) ELSE keywords END, modseq, internal_date, zone, size, body_id, saved) "
      "FROM message WHERE mailbox_id = message_block.id >> 32)");
  CHECK(f.problems().size() == 1);
  CHECK(f.repaired().size() == 1);
  f.inbox.store(UidSet::of(6, 6), {.keywords = {"$New"}}).value();
  const auto holders = [&](std::string_view name) {
    const KeywordNames names = f.inbox.keywords().value();
    std::vector<Uid> uids;
    f.inbox
        .fetch(UidSet::all(), Field::none,
               [&](const MessageView& view) {
                 for (std::size_t bit = 0; bit < names.size(); ++bit) {
                   if (names[bit] == name && (view.keywords >> bit & 1U) != 0) uids.push_back(view.uid);
                 }
                 return true;
               })
        .value();
    return uids;
  };
  CHECK(holders("$New") == std::vector<Uid>{6});
  CHECK(holders("$Work") == std::vector<Uid>{1, 2, 3});
  // Whoever remembers flags by MODSEQ is told.
  CHECK(f.inbox.status().value().highest_modseq > before.highest_modseq);
  CHECK(f.inbox.status().value().unseen == before.unseen);
  CHECK(f.problems().empty());
}

TEST_CASE("threads are found again") {
  Fixture f;
  const auto add = [&](const std::string& id, const std::string& refs, std::size_t size = 0) {
    f.inbox
        .append("Message-ID: <" + id + "@x>\r\n" + (refs.empty() ? "" : "References: " + refs + "\r\n") + "\r\n" +
                std::string(size, 'x'))
        .value();
  };
  add("a", "");
  add("b", "<a@x>", 100'000);
  add("c", "<a@x> <b@x>");
  add("other", "<absent@x>");
  f.inbox.append("Subject: no identifier\r\n\r\n").value();
  const auto spoil = [&](const char* sql) {
    f.store.impl()
        ->open_account(f.account.id())
        .value()
        ->database->write([&](sqlite::Connection& db) { return db.execute(sql); })
        .value();
  };
  const auto threads = [&] {
    std::vector<std::string> list;
    f.inbox
        .fetch(UidSet::all(), Field::thread_id,
               [&](const MessageView& view) {
                 list.emplace_back(view.thread_id);
                 return true;
               })
        .value();
    return list;
  };
  const auto before = threads();
  REQUIRE(before == std::vector<std::string>{before[0], before[0], before[0], before[3], before[4]});
  struct Row {
    const char* sql;
    bool keeps = true;  // all have the threads of before
  };
  const Row row =
      GENERATE(Row{"DELETE FROM thread_ref"}, Row{"UPDATE thread_ref SET thread_id = 999999"},
               Row{"UPDATE thread_ref SET thread_id = -1"}, Row{"UPDATE body SET thread_refs = NULL"},
               Row{"UPDATE body SET thread_refs = x'00112233' WHERE id > 1"},
               Row{"UPDATE body SET thread_id = NULL WHERE id IN (SELECT body_id FROM message WHERE uid IN (2, 3, 4))"},
               Row{"UPDATE body SET thread_id = 0, thread_refs = NULL"}, Row{"UPDATE body SET thread_id = 1000000"},
               Row{"UPDATE body SET thread_id = NULL, thread_refs = NULL; DELETE FROM thread_ref"},
               // Which of two threads it was nobody knows; each has one afterwards.
               Row{"UPDATE body SET thread_id = (SELECT max(thread_id) FROM body) "
                   "WHERE id = (SELECT body_id FROM message WHERE uid = 2)",
                   false},
               Row{"INSERT INTO thread_backlog VALUES (1, (SELECT body_id FROM message WHERE uid = 4)); "
                   "UPDATE body SET thread_refs = NULL WHERE id >= (SELECT next_id FROM thread_backlog)"});
  CAPTURE(row.sql);
  spoil(row.sql);
  CHECK_FALSE(f.problems().empty());
  const CheckReport report = f.account.check({.repair = true}).value();
  CHECK(report.problems == std::vector<std::string>());
  while (f.account.assign_threads().value()) {
  }
  CHECK(f.problems().empty());
  if (row.keeps) CHECK(threads() == before);
  // What comes now joins them.
  add("d", "<c@x>");
  CHECK(threads()[5] == threads()[2]);
  add("absent", "");
  CHECK(threads()[6] == threads()[3]);
}

TEST_CASE("what can't be repaired is told and left alone") {
  const Damaged f;
  for (const auto& file : std::filesystem::directory_iterator(f.account_directory() + "/large")) {
    std::filesystem::resize_file(file.path(), 10);
  }
  f.spoil(
      "UPDATE message_block SET entries = (SELECT message_entries(uid, id, flags, keywords, modseq, internal_date, "
      "zone, "
      "CASE uid WHEN 1 THEN 3 ELSE size END, body_id, saved) FROM message WHERE mailbox_id = message_block.id >> 32)");
  const CheckReport report = f.account.check({.repair = true}).value();
  CHECK(report.problems.size() >= 2);
  CHECK(f.inbox.uids().value().size() == 6);
}

TEST_CASE("a repair while others write") {
  const Damaged f;
  f.spoil("UPDATE mailbox SET unseen = 7, messages = 900 WHERE name = 'INBOX'; UPDATE account SET bytes = 3");
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; !stop; ++i) {
      const Uid uid = f.inbox.append(message_text(std::to_string(i))).value().uids[0];
      if (i % 3 == 0) f.inbox.remove(UidSet::of(uid, uid)).value();
    }
  });
  const auto report = f.account.check({.repair = true});
  stop = true;
  writer.join();
  CHECK(report.value().problems.empty());
  CHECK(f.problems().empty());
}
