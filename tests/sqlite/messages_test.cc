// Blocks of messages do what a row for each message would do.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

#include "scratch.h"
#include "sqlite/backup_tables.h"
#include "sqlite/mailboxes.h"
#include "sqlite/messages.h"
#include "sqlite/migrations.h"

using namespace postfach;
using namespace postfach::sqlite;

namespace {

using Model = std::map<Uid, MessageRow>;

struct World {
  Scratch scratch;
  std::unique_ptr<Connection> db =
      Connection::open(scratch.file("mail.db"), {.create = true, .durable = false}).value();
  std::mt19937_64 random;
  std::vector<MailboxId> mailboxes;
  std::map<MailboxId, Model> models;
  std::int64_t next_id = 1;
  ModSeq modseq = 1;

  explicit World(std::uint64_t seed) : random(seed) {
    migrate(*db, kMailSchema).value();
    for (const char* name : {"INBOX", "Other", "Empty"}) {
      MailboxRow row;
      row.name = name;
      row.uid_validity = 1;
      insert_mailbox(*db, row).value();
      mailboxes.push_back(row.id);
      models[row.id];
    }
    db->run("BEGIN").value();
  }

  std::uint64_t below(std::uint64_t end) { return random() % end; }
  MessageRow made(Uid uid) {
    MessageRow row{.uid = uid, .id = MessageId{next_id++}, .modseq = modseq};
    row.flag_bits = static_cast<std::uint32_t>(below(128));
    row.keywords = random() & random();
    row.internal_date = {static_cast<std::int64_t>(random()) >> 20, static_cast<std::int16_t>(below(2879))};
    row.internal_date.zone_minutes = static_cast<std::int16_t>(row.internal_date.zone_minutes - 1439);
    row.size = 1 + (random() >> 20);
    row.body_id = static_cast<std::int64_t>(random() >> 1);
    if (below(2) == 0) row.saved = static_cast<std::int64_t>(random()) >> 20;
    return row;
  }
  UidSet some_uids(const Model& model) {
    const Uid end = model.empty() ? 3 : model.rbegin()->first + 3;
    UidSet uids;
    const std::uint64_t ranges = 1 + below(below(3) == 0 ? 80 : 3);
    for (std::uint64_t i = 0; i < ranges; ++i) {
      const auto first = static_cast<Uid>(1 + below(end));
      uids.add(first, first + static_cast<Uid>(below(below(2) == 0 ? 3 : 200)));
    }
    return uids;
  }

  void add_behind(MailboxId mailbox, Model& model) {
    Uid uid = model.empty() ? 1 : model.rbegin()->first + 1;
    std::vector<MessageRow> rows;
    const std::uint64_t count = 1 + below(below(4) == 0 ? 200 : 5);
    for (std::uint64_t i = 0; i < count; ++i, uid += static_cast<Uid>(1 + (below(8) == 0 ? below(100) : 0))) {
      rows.push_back(made(uid));
      model[uid] = rows.back();
    }
    insert_messages(*db, mailbox, rows).value();
  }
  void add_between(MailboxId mailbox, Model& model) {
    for (const Uid uid : {1U, static_cast<Uid>(1 + below(model.empty() ? 9 : model.rbegin()->first))}) {
      if (model.contains(uid)) {
        CHECK_FALSE(insert_message(*db, mailbox, made(uid)));
        continue;
      }
      model[uid] = made(uid);
      insert_message(*db, mailbox, model[uid]).value();
    }
  }
  void remove(MailboxId mailbox, Model& model) {
    const UidSet uids = some_uids(model);
    delete_messages(*db, mailbox, uids).value();
    std::erase_if(model, [&](const auto& each) { return uids.contains(each.first); });
  }
  void edit(MailboxId mailbox, Model& model) {
    const UidSet uids = some_uids(model);
    MessageEditor messages(*db, mailbox, uids);
    while (messages.next()) {
      if (below(3) == 0) continue;
      MessageRow row = messages.row();
      row.flag_bits = static_cast<std::uint32_t>(below(128));
      row.keywords = random();
      row.modseq = modseq;
      messages.replace(row);
      model[row.uid] = row;
    }
    CHECK(messages.ok());
  }
  void change() {
    ++modseq;
    const MailboxId mailbox = mailboxes[below(2)];
    Model& model = models[mailbox];
    switch (below(8)) {
      case 0:
      case 1:
      case 2:
        return add_behind(mailbox, model);
      case 3:
        return add_between(mailbox, model);
      case 4:
        return remove(mailbox, model);
      default:
        return edit(mailbox, model);
    }
  }

  void check(MailboxId mailbox) {
    const Model& model = models[mailbox];
    const UidSet uids = below(2) == 0 ? UidSet::all() : some_uids(model);
    auto expected = model.begin();
    MessageCursor messages(*db, mailbox, uids);
    while (messages.next()) {
      while (expected != model.end() && !uids.contains(expected->first)) ++expected;
      REQUIRE(expected != model.end());
      REQUIRE(messages.row() == expected->second);
      ++expected;
    }
    CHECK(messages.ok());
    CHECK(std::none_of(expected, model.end(), [&](const auto& each) { return uids.contains(each.first); }));

    const Uid from = static_cast<Uid>(1 + below(300));
    UidSet listed;
    for (auto each = model.lower_bound(from); each != model.end(); ++each) listed.add(each->first);
    CHECK(list_uids(*db, mailbox, from).value().to_set() == listed);
    const auto first_where = [&](auto begin, auto end, auto is_meant) {
      const auto found = std::find_if(begin, end, [&](const auto& each) { return is_meant(each.second); });
      return found == end ? Uid{0} : found->first;
    };
    CHECK(first_unseen(*db, mailbox).value() ==
          first_where(model.begin(), model.end(), [](const MessageRow& row) { return !row.flags().has(Flag::seen); }));
    const ModSeq since = below(modseq + 1);
    CHECK(last_up_to(*db, mailbox, since).value() ==
          first_where(model.rbegin(), model.rend(), [&](const MessageRow& row) { return row.modseq <= since; }));
    std::uint32_t skip = static_cast<std::uint32_t>(below(90));
    CHECK(last_shown(*db, mailbox, skip).value() ==
          first_where(model.rbegin(), model.rend(), [left = skip](const MessageRow& row) mutable {
            return (row.flag_bits & kHiddenFromPop3) == 0 && left-- == 0;
          }));
    KeywordMask keywords = 0;
    for (const auto& [uid, row] : model) keywords |= row.keywords;
    CHECK(keywords_in_use(*db, mailbox).value() == keywords);
    check_changed(mailbox, model, since);
  }

  void check_changed(MailboxId mailbox, const Model& model, ModSeq since) {
    const Uid end = static_cast<Uid>(below(model.empty() ? 9 : model.rbegin()->first + 9));
    UidSet changed;
    for (const auto& [uid, row] : model) {
      if (uid < end && row.modseq > since) changed.add(uid);
    }
    CHECK(changed_since(*db, mailbox, since, end).value() == changed);
    UidSet known;
    for (const UidRange& range : changed.ranges()) {
      if (below(2) == 0) known.add(range.first, range.last);
    }
    UidSet came;
    for (auto each = model.rbegin(); each != model.rend(); ++each) {
      if (each->first >= end) continue;
      if (each->second.modseq <= since) break;
      if (!known.contains(each->first)) came.add(each->first);
    }
    CHECK(came_since(*db, mailbox, since, end, known).value() == came);
  }

  void check_sql() {
    CHECK(db->value(kWrongBlocks).value() == std::nullopt);
    std::size_t count = 0;
    for (const auto& [mailbox, model] : models) count += model.size();
    CHECK(db->value("SELECT count(*) FROM message").value() == static_cast<std::int64_t>(count));
    const MailboxId mailbox = mailboxes[below(2)];
    const Model& model = models[mailbox];
    const auto first = static_cast<Uid>(below(200));
    const auto last = first + static_cast<Uid>(below(200));
    auto rows = db->query(
        "SELECT uid, id, flags, keywords, modseq, internal_date, zone, size, body_id, saved FROM messages_of('main') "
        "WHERE mailbox_id = ?1 AND uid > ?2 AND uid < ?3 ORDER BY uid",
        mailbox, first, last);
    auto expected = model.upper_bound(first);
    for (; rows.next(); ++expected) {
      REQUIRE(expected != model.end());
      const MessageRow& row = expected->second;
      CHECK(rows.number<Uid>(0) == row.uid);
      CHECK(rows.number<MessageId>(1) == row.id);
      CHECK(rows.number<std::uint32_t>(2) == row.flag_bits);
      CHECK(rows.number<KeywordMask>(3) == row.keywords);
      CHECK(rows.number<ModSeq>(4) == row.modseq);
      CHECK(rows.integer(5) == row.internal_date.seconds);
      CHECK(rows.integer(6) == row.internal_date.zone_minutes);
      CHECK(rows.number<std::uint64_t>(7) == row.size);
      CHECK(rows.integer(8) == row.body_id);
      CHECK(rows.is_null(9) == !row.saved);
      CHECK(rows.integer(9) == row.saved.value_or(0));
    }
    CHECK(rows.ok());
    CHECK((expected == model.end() || expected->first >= last));
    if (model.empty()) return;
    const auto some = std::next(model.begin(), static_cast<std::ptrdiff_t>(below(model.size())));
    CHECK(db->value("SELECT id FROM message WHERE uid = ?2 AND mailbox_id = ?1", mailbox, some->first).value() ==
          static_cast<std::int64_t>(some->second.id));
    CHECK(find_message(*db, mailbox, some->first).value().value() == some->second);
  }
};

struct Overview {
  std::vector<std::string> rows;
  explicit Overview(Connection& db) {
    auto found = db.query(
        "SELECT quote(mailbox) || uid || ' ' || message_id || ' ' || internal_date || ' ' || size || seen || answered "
        "|| "
        "flagged || deleted || draft || envelope || quote(saved) FROM message_overview ORDER BY mailbox, uid");
    while (found.next()) rows.emplace_back(found.text(0));
    CHECK(found.ok());
  }
};

}  // namespace

TEST_CASE("messages come, change and go in blocks as they would in rows") {
  const std::uint64_t seed = GENERATE(range<std::uint64_t>(1, 9));
  CAPTURE(seed);
  World world(seed);
  for (int i = 0; i < 250; ++i) {
    CAPTURE(i);
    world.change();
    for (const MailboxId mailbox : world.mailboxes) world.check(mailbox);
    if (i % 10 == 0) world.check_sql();
  }
}

TEST_CASE("wide columns come with their message, in whatever order the bodies are") {
  World world(7);
  std::vector<MessageRow> rows;
  for (Uid uid = 1; uid <= 150; ++uid) {
    MessageRow row = world.made(uid);
    row.body_id = uid % 5 == 0 ? 500 - uid : uid % 7 == 0 ? 3 : uid;
    rows.push_back(row);
    // A body that is missing takes its message out of sight, as long as nobody has mended that.
    if (uid % 50 == 1) continue;
    world.db
        ->run(
            "INSERT OR IGNORE INTO body (id, refs, size, header_size, envelope, body_structure, sections) "
            "VALUES (?1, 1, 1, ?1, 'e' || ?1, 's' || ?1, x'00')",
            row.body_id)
        .value();
  }
  insert_messages(*world.db, world.mailboxes[0], rows).value();
  const UidSet all = UidSet::all();
  MessageCursor messages(*world.db, world.mailboxes[0], all, Wide::envelope | Wide::sections | Wide::header_size);
  std::size_t next = 0;
  while (messages.next()) {
    while (rows[next].uid % 50 == 1 && rows[next].uid % 5 != 0 && rows[next].uid % 7 != 0) ++next;
    REQUIRE(messages.row().uid == rows[next].uid);
    CHECK(messages.wide().envelope == "e" + std::to_string(rows[next].body_id));
    CHECK(messages.wide().body_structure.empty());
    CHECK(messages.wide().header_size == static_cast<std::uint64_t>(rows[next].body_id));
    ++next;
  }
  CHECK(messages.ok());
  CHECK(next == rows.size());
}

TEST_CASE("rows of schema version 9 become blocks, and panels see what they saw") {
  const Scratch scratch;
  const auto db = Connection::open(scratch.file("mail.db"), {.create = true, .durable = false}).value();
  for (const char* script : kMailSchema.migrations.first(9)) db->execute(script).value();
  db->execute(
        "PRAGMA user_version = 9;"
        "INSERT INTO mailbox (name, uid_validity, highest_modseq) VALUES ('INBOX', 1, 1), ('Ärger', 2, 1), ('None', 3, "
        "1);"
        "INSERT INTO body (id, refs, size, header_size, envelope, body_structure, sections) VALUES "
        "(1, 1, 1, 1, '(one)', '()', x''), (72057594037927936, 1, 1, 1, '(two)', '()', x'');"
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) "
        "INSERT INTO message SELECT 1 + (i > 130), 3 * i + (i > 190) * 4294960000, 256 * i, i % 128, 1 << i % 64, 7 * "
        "i, "
        "CASE WHEN i % 9 = 0 THEN -62135596800 ELSE 1700000000 + i * i END, i % 2 * -720, 1 << i % 40, "
        "CASE WHEN i % 2 THEN 1 ELSE 72057594037927936 END, CASE WHEN i % 3 THEN 1700000000 - i END FROM n")
      .value();
  const Overview before(*db);
  REQUIRE(before.rows.size() == 200);
  db->execute("CREATE TABLE old_message AS SELECT * FROM message").value();
  migrate(*db, kMailSchema).value();
  CHECK(Overview(*db).rows == before.rows);
  const char* const columns =
      "SELECT mailbox_id, uid, id, flags, keywords, modseq, internal_date, zone, size, body_id, saved ";
  const std::string all(columns);
  db->execute(("CREATE TABLE lost AS " + all + "FROM old_message EXCEPT " + all + "FROM message; CREATE TABLE won AS " +
               all + "FROM message EXCEPT " + all + "FROM old_message")
                  .c_str())
      .value();
  CHECK(db->value("SELECT count(*) FROM lost").value() == 0);
  CHECK(db->value("SELECT count(*) FROM won").value() == 0);
  CHECK(db->value("SELECT count(*) FROM message_block").value() == 5);
  CHECK(db->value(kWrongBlocks).value() == std::nullopt);
  CHECK(find_message(*db, MailboxId{2}, 4'294'960'600).value()->modseq == 1400);
}

TEST_CASE("a backup is read in the schema that it was made in") {
  const Scratch scratch;
  const std::string file = scratch.file("1.db");
  {
    const auto db = Connection::open(file, {.create = true, .durable = false}).value();
    for (const char* script : kMailSchema.migrations.first(9)) db->execute(script).value();
    db->execute(
          "PRAGMA user_version = 9; CREATE TABLE backup_body (id INTEGER PRIMARY KEY, refs INTEGER NOT NULL);"
          "INSERT INTO backup_body VALUES (1, 70);"
          "INSERT INTO mailbox (name, uid_validity, highest_modseq) VALUES ('INBOX', 1, 1);"
          "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 71) "
          "INSERT INTO message SELECT 1, 2 * i, i, 1, i, 1, 1700000000, 60, 5, 1 + (i = 71), NULL FROM n")
        .value();
  }
  const auto read = [&] {
    const auto db = open_scratch().value();
    attach(*db, file, "gen", false).value();
    CHECK(count_unknown(*db).value() == 1);
    return list_backup_messages(*db, MailboxId{1}, 10, 60).value();
  };
  const auto before = read();
  REQUIRE(before.size() == 60);
  CHECK(before.front().uid == 12);
  CHECK(before.front().keywords == 6);
  migrate(*Connection::open(file, {.durable = false}).value(), kMailSchema).value();
  CHECK(read() == before);
}
