// What is gathered for the log reads like what was written at once, and is in the file when it is synced; what stays mapped
// reads like the file.
#include "sqlite/file_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "scratch.h"
#include "sqlite/connection.h"

namespace postfach::sqlite {
namespace {

// A log of its own, and the octets that it should have.
class Log {
 public:
  explicit Log(const Scratch& scratch)
      : path_(scratch.file("a.db-wal")), vfs_(sqlite3_vfs_find(file_vfs(LogWrites::gathered))) {
    REQUIRE(vfs_ != nullptr);
    (void)base::File::create(scratch.file("a.db")).value();  // whose mode the log gets
    memory_.resize(static_cast<std::size_t>(vfs_->szOsFile) / sizeof(std::max_align_t) + 1);
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_WAL;
    REQUIRE(vfs_->xOpen(vfs_, path_.c_str(), file(), kFlags, nullptr) == SQLITE_OK);
  }
  ~Log() { CHECK(close() == SQLITE_OK); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  int close() {
    return file()->pMethods == nullptr ? SQLITE_OK : std::exchange(file()->pMethods, nullptr)->xClose(file());
  }

  void write(std::size_t offset, const std::string& octets) {
    const auto size = static_cast<int>(octets.size());
    REQUIRE(file()->pMethods->xWrite(file(), octets.data(), size, static_cast<sqlite3_int64>(offset)) == SQLITE_OK);
    if (wanted.size() < offset + octets.size()) wanted.resize(offset + octets.size());
    wanted.replace(offset, octets.size(), octets);
  }
  std::string read(std::size_t offset, std::size_t size) {
    std::string octets(size, '?');
    const int code =
        file()->pMethods->xRead(file(), octets.data(), static_cast<int>(size), static_cast<sqlite3_int64>(offset));
    REQUIRE((code == SQLITE_OK || code == SQLITE_IOERR_SHORT_READ));
    return octets;
  }
  void truncate(std::size_t size) {
    REQUIRE(file()->pMethods->xTruncate(file(), static_cast<sqlite3_int64>(size)) == SQLITE_OK);
    wanted.resize(size);
  }
  void sync() { REQUIRE(file()->pMethods->xSync(file(), SQLITE_SYNC_NORMAL) == SQLITE_OK); }
  std::size_t size() {
    sqlite3_int64 size = 0;
    REQUIRE(file()->pMethods->xFileSize(file(), &size) == SQLITE_OK);
    return static_cast<std::size_t>(size);
  }
  std::string on_disk() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::string wanted;

 private:
  sqlite3_file* file() { return reinterpret_cast<sqlite3_file*>(memory_.data()); }

  std::string path_;
  sqlite3_vfs* vfs_;
  std::vector<std::max_align_t> memory_;
};

}  // namespace

TEST_CASE("a reader sees what others write, whether the file keeps its size or not") {
  const Scratch scratch;
  const std::string path = scratch.file("a.db");
  auto writer = Connection::open(path, {.create = true, .of_database = true}).value();
  auto reader = Connection::open(path, {.read_only = true, .of_database = true}).value();
  writer->execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n, fill)").value();
  const auto rows = [&] { return reader->value("SELECT count(*) FROM t").value().value(); };
  const auto sum = [&] { return reader->value("SELECT total(n) + total(length(fill)) FROM t").value().value(); };
  std::int64_t wanted_rows = 0;
  std::int64_t numbers = 0;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    if (round % 4 == 0) {  // grows
      for (int i = 0; i < 50; ++i) writer->run("INSERT INTO t (n, fill) VALUES (0, zeroblob(1000))").value();
      wanted_rows += 50;
    } else if (round % 16 == 15) {  // shrinks
      writer->run("DELETE FROM t WHERE id > 100").value();
      numbers = writer->value("SELECT total(n) FROM t").value().value();
      wanted_rows = writer->value("SELECT count(*) FROM t").value().value();
      writer->execute("VACUUM").value();
    } else {
      writer->run("UPDATE t SET n = n + 1").value();
      numbers += wanted_rows;
    }
    if (round % 3 != 0) writer->checkpoint(false);  // so that the file itself is read
    CHECK(rows() == wanted_rows);
    CHECK(sum() == numbers + 1000 * wanted_rows);
  }
}

TEST_CASE("what is written to the log comes together, and is in the file once it is synced") {
  const Scratch scratch;
  Log log(scratch);
  for (std::size_t page = 0; page < 40; ++page) {
    log.write(page * 4120, std::string(24, 'h'));
    log.write(page * 4120 + 24, std::string(4096, static_cast<char>('a' + page % 26)));
  }
  CHECK(log.on_disk().size() < log.wanted.size());
  log.sync();
  CHECK((log.on_disk() == log.wanted));
  log.write(100, "in between");
  CHECK(log.size() == log.wanted.size());
  log.write(0, std::string(100'000, 'x'));  // more than is gathered
  CHECK(log.read(90'000, 20'000) == log.wanted.substr(90'000, 20'000));
  CHECK(log.close() == SQLITE_OK);
  CHECK((log.on_disk() == log.wanted));
}

TEST_CASE("whatever is done to a log, it has what was written last") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(seed);
  std::minstd_rand random(seed);
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random()) % end; };
  const Scratch scratch;
  Log log(scratch);
  std::size_t next = 0;
  for (int step = 0; step < 3000; ++step) {
    switch (below(12)) {
      case 0:
        log.sync();
        CHECK((log.on_disk() == log.wanted));
        break;
      case 1: {
        const std::size_t size = 1 + below(9000);
        if (log.wanted.size() < size) break;
        const std::size_t offset = below(log.wanted.size() - size + 1);
        CHECK((log.read(offset, size) == log.wanted.substr(offset, size)));
        break;
      }
      case 2:
        CHECK(log.size() == log.wanted.size());
        break;
      case 3:
        if (below(10) == 0) log.truncate(below(log.wanted.size() + 1));
        break;
      case 4:
        next = below(log.wanted.size() + 1);
        break;
      default: {
        next = std::min(next, log.wanted.size());
        const std::string octets(1 + below(below(20) == 0 ? 80'000 : 5000), static_cast<char>('a' + below(26)));
        log.write(next, octets);
        next += octets.size();
      }
    }
  }
  CHECK(log.close() == SQLITE_OK);
  CHECK((log.on_disk() == log.wanted));
}

}  // namespace postfach::sqlite
