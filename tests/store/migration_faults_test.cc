// A migration that is cut short at any operation of the disk leaves the old schema or the new one, and the next opening
// completes it.
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>

#include "fault/disk.h"
#include "fault/replay.h"
#include "fault/world.h"
#include "sqlite/database.h"
#include "sqlite/verify.h"

using namespace postfach;
using namespace postfach::fault;
using sqlite::Connection;
using sqlite::Database;
using sqlite::Schema;

namespace {

constexpr std::array<const char*, 2> kScripts = {
    "CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
    "INSERT INTO item SELECT i, printf('%0200d', i) FROM n;",
    "ALTER TABLE item ADD COLUMN extra INTEGER NOT NULL DEFAULT 7;"
    "CREATE INDEX item_extra ON item (extra);"
    "CREATE TABLE twin (id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
    "INSERT INTO twin SELECT id, text || text FROM item;"
    "UPDATE item SET text = 'new', extra = id;"};
const Schema kOld{"old", std::span(kScripts).first(1)};
const Schema kNew{"new", kScripts};

std::int64_t value(Connection& db, sqlite::Sql sql) { return db.value(sql).value().value_or(-1); }

// 1 or 2, and what is in the file agrees with it.
std::int64_t version_of(const std::string& path) {
  const auto db = Connection::open(path, {}).value();
  const std::int64_t version = value(*db, "PRAGMA user_version");
  CHECK(value(*db, "SELECT count(*) FROM item") == 200);
  CHECK(value(*db, "SELECT count(*) FROM sqlite_schema") == (version == 1 ? 1 : 3));
  CHECK(value(*db, "SELECT count(*) FROM item WHERE text = 'new'") == (version == 1 ? 0 : 200));
  auto sound = db->query("PRAGMA integrity_check");
  REQUIRE(sound.next());
  CHECK(sound.text(0) == "ok");
  return version;
}

void check_is_new(const std::string& path) {
  Database::open(path, kNew, {}).value();
  CHECK(version_of(path) == 2);
}

}  // namespace

TEST_CASE("a migration that meets a fault at any operation") {
  const Scratch scratch;
  const std::string path = scratch.path + "/mail.db";
  Disk& disk = Disk::instance();
  for (const Failure failure : {Failure::io, Failure::full, Failure::half_written}) {
    for (const bool is_lasting : {false, true}) {
      bool has_failed = false;
      for (std::uint64_t at = 1;; ++at) {
        CAPTURE(static_cast<int>(failure), is_lasting, at);
        for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
        Database::open(path, kOld, {.create = true}).value();
        disk.arm({.actions = action::kAllChanges | action::kSharedMemory | action::kRead,
                  .failure = failure,
                  .at = at,
                  .is_lasting = is_lasting,
                  .below = scratch.path});
        const auto opened = Database::open(path, kNew, {});
        const bool fired = disk.disarm();
        CHECK((opened || fired));
        if (opened) CHECK(version_of(path) == 2);
        if (!opened) CHECK(opened.error().code == Errc::unavailable);
        has_failed = has_failed || !opened;
        const std::int64_t version = version_of(path);
        CHECK((version == 1 || version == 2));
        check_is_new(path);
        if (!fired) break;
      }
      CHECK(has_failed);
    }
  }
}

TEST_CASE("power loss at any operation of a migration") {
  const Scratch scratch;
  const std::string root = scratch.path + "/s";
  const std::string image = scratch.path + "/image";
  std::filesystem::create_directory(root);
  Disk& disk = Disk::instance();
  Database::open(root + "/mail.db", kOld, {.create = true}).value();
  disk.watch(root);
  const auto database = Database::open(root + "/mail.db", kNew, {}).value();
  const std::size_t done = disk.position();
  const Recording recording = disk.stop();
  bool was_old = false;
  for (unsigned seed = 1; seed <= 2; ++seed) {
    Replay replay(recording, seed);
    for (std::size_t cut = 0; cut <= done; ++cut) {
      CAPTURE(seed, cut);
      replay.advance(cut);
      std::filesystem::remove_all(image);
      replay.write_image(image);
      const std::int64_t version = version_of(image + "/mail.db");
      was_old = was_old || version == 1;
      CHECK((version == 2 || (version == 1 && cut < done)));
      check_is_new(image + "/mail.db");
    }
  }
  CHECK(was_old);
}

TEST_CASE("power loss at any operation of the making of a database") {
  for (const Schema* schema : {&sqlite::kMailSchema, &sqlite::kDirectorySchema}) {
    const Scratch scratch;
    const std::string root = scratch.path + "/s";
    const std::string image = scratch.path + "/image";
    std::filesystem::create_directory(root);
    Disk& disk = Disk::instance();
    disk.watch(root);
    Database::open(root + "/mail.db", *schema, {.create = true}).value();
    const Recording recording = disk.stop();
    Replay replay(recording, 5);
    for (std::size_t cut = 0; cut <= recording.events.size(); ++cut) {
      CAPTURE(schema->name, cut);
      replay.advance(cut);
      std::filesystem::remove_all(image);
      replay.write_image(image);
      const auto database = Database::open(image + "/mail.db", *schema, {.create = true}).value();
      database
          ->write([&](Connection& db) -> Result<void> {
            CHECK(value(db, "PRAGMA user_version") == static_cast<std::int64_t>(schema->migrations.size()));
            if (schema != &sqlite::kMailSchema) return {};
            CHECK(value(db, "SELECT count(*) FROM account") == 1);
            auto verified = sqlite::verify_mail(db);
            if (!verified) return verified.error();
            CHECK(verified->problems == std::vector<std::string>{"there is no UIDL prefix (none)"});
            return {};
          })
          .value();
    }
  }
}
