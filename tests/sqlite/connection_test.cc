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

  std::string out = "<..>";
  BlobReader blobs(*db, "t", "b");
  blobs.read(1, 1, 2, out.data() + 1).value();
  CHECK(out == "<\xFF\r>");
  CHECK(blobs.read(1, 3, 2, out.data()).error().code == Errc::corrupt);
  CHECK(blobs.read(2, 0, 1, out.data()).error().code == Errc::corrupt);
}

TEST_CASE("blobs are read one after the other, whatever comes between") {
  const Scratch scratch;
  auto db = Connection::open(scratch.file("a.db"), {.create = true}).value();
  db->execute(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, x'61'), (2, x'6262'), (9, 'c'), (10, 5)")
      .value();
  db->run("INSERT INTO t VALUES (3, ?1)", Octets{std::string(20'000, 'd')}).value();
  {
    BlobReader blobs(*db, "t", "b");
    const auto read = [&](std::int64_t id, std::uint64_t offset, std::uint64_t size) -> std::string {
      std::string out(size, '.');
      const auto done = blobs.read(id, offset, size, out.data());
      return done ? out : "error";
    };
    CHECK(read(2, 0, 2) == "bb");
    CHECK(read(1, 0, 1) == "a");
    CHECK(read(4, 0, 1) == "error");   // no such row
    CHECK(read(10, 0, 1) == "error");  // no blob
    CHECK(read(3, 19'998, 2) == "dd");
    CHECK(read(3, 19'999, 2) == "error");
    CHECK(read(9, 0, 1) == "c");
    CHECK(read(9, 1, 0).empty());
    db->run("UPDATE t SET b = x'7A7A' WHERE id = 9").value();
    CHECK(read(9, 0, 2) == "zz");
    db->run("DELETE FROM t WHERE id = 9").value();
    CHECK(read(9, 0, 1) == "error");
    CHECK(read(2, 1, 1) == "b");
  }
  db->run("BEGIN IMMEDIATE").value();
  db->run("UPDATE t SET b = x'65' WHERE id = 1").value();
  db->run("COMMIT").value();
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
