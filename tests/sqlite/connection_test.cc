#include "sqlite/connection.h"

#include <catch2/catch.hpp>

#include "scratch.h"

using namespace postfach;
using namespace postfach::sqlite;

TEST_CASE("a file that does not exist is not made unless asked for") {
  const Scratch scratch;
  const auto opened = Connection::open(scratch.file("a.db"), {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::not_found);
  CHECK_FALSE(base::file_exists(scratch.file("a.db")));
}

TEST_CASE("a file that is no database is reported as corrupt") {
  const Scratch scratch;
  auto file = base::File::create(scratch.file("a.db")).value();
  file.write(std::string(8192, 'x')).value();
  const auto opened = Connection::open(scratch.file("a.db"), {});
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == Errc::corrupt);
}

TEST_CASE("values come back as they were bound") {
  const Scratch scratch;
  auto db = Connection::open(scratch.file("a.db"), {.create = true}).value();
  db->execute("CREATE TABLE t (id INTEGER PRIMARY KEY, i, s, b, n)").value();
  const std::string octets("\0\xFF\r\n", 4);
  db->run("INSERT INTO t VALUES (1, ?1, ?2, ?3, ?4)", INT64_MIN, std::string_view("text"), Octets{octets},
          std::optional<int>())
      .value();
  auto rows = db->query("SELECT i, s, b, n FROM t");
  REQUIRE(rows.next());
  CHECK(rows.integer(0) == INT64_MIN);
  CHECK(rows.text(1) == "text");
  CHECK(rows.blob(2) == octets);
  CHECK(rows.is_null(3));
  CHECK_FALSE(rows.next());
  CHECK(rows.ok());

  std::string out = "<";
  db->read_blob("t", "b", 1, 1, 2, out).value();
  CHECK(out == "<\xFF\r");
  CHECK(db->read_blob("t", "b", 1, 3, 2, out).error().code == Errc::corrupt);
  CHECK(db->read_blob("t", "b", 2, 0, 1, out).error().code == Errc::corrupt);
}

TEST_CASE("a statement that runs inside itself keeps both places") {
  const Scratch scratch;
  auto db = Connection::open(scratch.file("a.db"), {.create = true}).value();
  db->execute("CREATE TABLE t (i); INSERT INTO t VALUES (1), (2), (3)").value();
  const auto all = [&] { return db->query("SELECT i FROM t ORDER BY i"); };
  std::int64_t sum = 0;
  auto outer = all();
  while (outer.next()) {
    auto inner = all();
    while (inner.next()) sum += outer.integer(0) * inner.integer(0);
  }
  CHECK(sum == 36);
}

TEST_CASE("a statement that can't be prepared fails when it is run, with a message") {
  const Scratch scratch;
  auto db = Connection::open(scratch.file("a.db"), {.create = true}).value();
  const auto done = db->run("SELECT * FROM nothing", 1, std::string_view("x"));
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::internal);
  CHECK(done.error().message.find("nothing") != std::string::npos);
}

TEST_CASE("a read-only connection changes nothing") {
  const Scratch scratch;
  auto db = Connection::open(scratch.file("a.db"), {.create = true}).value();
  db->execute("CREATE TABLE t (i)").value();
  auto reader = Connection::open(scratch.file("a.db"), {.read_only = true}).value();
  CHECK_FALSE(reader->run("INSERT INTO t VALUES (1)"));
  CHECK(reader->value("SELECT count(*) FROM t").value() == 0);
}
