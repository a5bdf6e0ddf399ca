#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>
#include <cerrno>

using namespace postfach;
using namespace postfach::base;

namespace {

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_(make_temporary_directory().value()) {}
  ~TemporaryDirectory() { (void)remove_directory_tree(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return join_path(path_, name); }

 private:
  std::string path_;
};

void put(const std::string& path, std::string_view octets) { File::create(path).value().write(octets).value(); }

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

}  // namespace

TEST_CASE("what was written is read back, octet for octet") {
  const TemporaryDirectory directory;
  std::string octets(200000, '\0');
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] = static_cast<char>(i * 7);
  {
    File file = File::create(directory / "a").value();
    REQUIRE(file.write(std::string_view(octets).substr(0, 1000)));
    REQUIRE(file.write(std::string_view(octets).substr(1000)));
    REQUIRE(file.sync());
    CHECK(file.size().value() == octets.size());
  }
  CHECK(read_file(directory / "a").value() == octets);
  CHECK(read_file(directory / "a", octets.size()).value() == octets);
  CHECK(read_file(directory / "a", octets.size() - 1).error().code == Errc::limit);
  CHECK(mode_of(directory / "a") == 0600);

  const File file = File::open_for_reading(directory / "a").value();
  std::string part(10, '\0');
  CHECK(file.read_at(octets.size() - 4, part.data(), part.size()).value() == 4);
  CHECK(part.substr(0, 4) == octets.substr(octets.size() - 4));
  CHECK(file.read_at(5000, part.data(), part.size()).value() == 10);
  CHECK(part == octets.substr(5000, 10));
  CHECK(file.read_at(octets.size(), part.data(), part.size()).value() == 0);
  CHECK(file.read_at(UINT64_MAX - 3, part.data(), part.size()).value() == 0);
  std::string out = "x";
  CHECK(file.read_at(octets.size() - 4, 4, out));
  CHECK(out == "x" + octets.substr(octets.size() - 4));
  CHECK(file.read_at(octets.size() - 4, 5, out).error().code == Errc::unavailable);
  CHECK(out.size() == 5);
}

TEST_CASE("read_file reads files that do not know their size") {
  CHECK_FALSE(read_file("/proc/self/status").value().empty());
  CHECK(read_file("/proc/self/status", 10).error().code == Errc::limit);
  const TemporaryDirectory directory;
  put(directory / "empty", "");
  CHECK(read_file(directory / "empty", 0).value().empty());
}

TEST_CASE("opening files says why it failed") {
  const TemporaryDirectory directory;
  CHECK(File::open_for_reading(directory / "none").error().code == Errc::not_found);
  CHECK(read_file(directory / "none").error().code == Errc::not_found);
  put(directory / "a", "x");
  CHECK(File::create(directory / "a").error().code == Errc::already_exists);
  CHECK(read_file(directory / "a").value() == "x");
  CHECK(read_file(directory.path()).error().code == Errc::invalid_argument);
  CHECK(File::open_for_reading(directory / std::string(300, 'n')).error().code == Errc::limit);

  File file = File::open_or_create(directory / "a").value();
  REQUIRE(file.write("yz"));
  CHECK(read_file(directory / "a").value() == "yz");
  CHECK(File::open_or_create(directory / "b").has_value());
  CHECK(file_exists(directory / "b"));
}

TEST_CASE("a file owns its descriptor alone and no child process inherits it") {
  const TemporaryDirectory directory;
  File first = File::create(directory / "a").value();
  const int fd = first.fd();
  CHECK((::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
  File second = std::move(first);
  CHECK_FALSE(first.is_open());  // NOLINT: what a moved-from file is, is promised
  CHECK(second.fd() == fd);
  second = File::create(directory / "b").value();
  CHECK(::fcntl(fd, F_GETFD) == -1);
  second.close();
  second.close();
  CHECK_FALSE(second.is_open());
}

TEST_CASE("folders are made with all their parents and only for their owner") {
  const TemporaryDirectory directory;
  const std::string path = directory / "x/y//z/";
  REQUIRE(make_directories(path));
  REQUIRE(make_directories(path));
  CHECK(mode_of(directory / "x") == 0700);
  CHECK(mode_of(path) == 0700);
  REQUIRE(make_directories("/"));
  CHECK(make_directories("").error().code == Errc::not_found);
  put(directory / "file", "");
  CHECK(make_directories(directory / "file").error().code == Errc::already_exists);
  CHECK_FALSE(make_directories(directory / "file/below"));
  REQUIRE(sync_directory(path));
  CHECK(sync_directory(directory / "none").error().code == Errc::not_found);
}

TEST_CASE("rename replaces, remove tolerates absence") {
  const TemporaryDirectory directory;
  put(directory / "new", "new");
  put(directory / "old", "old");
  REQUIRE(rename_file(directory / "new", directory / "old"));
  CHECK(read_file(directory / "old").value() == "new");
  CHECK_FALSE(file_exists(directory / "new"));
  CHECK(rename_file(directory / "new", directory / "old").error().code == Errc::not_found);
  REQUIRE(remove_file(directory / "old"));
  REQUIRE(remove_file(directory / "old"));
  CHECK_FALSE(file_exists(directory / "old"));
}

TEST_CASE("list_directory gives sorted names, and a tree goes without what its links point at") {
  const TemporaryDirectory directory;
  put(directory / "kept", "kept");
  REQUIRE(make_directories(directory / "tree/sub"));
  for (const char* name : {"c", "a", ".hidden"}) put(directory / ("tree/" + std::string(name)), "");
  put(directory / "tree/sub/file", "");
  REQUIRE(::symlink("../kept", (directory / "tree/link").c_str()) == 0);
  REQUIRE(::symlink("..", (directory / "tree/up").c_str()) == 0);
  CHECK(list_directory(directory / "tree").value() ==
        std::vector<std::string>{".hidden", "a", "c", "link", "sub", "up"});
  REQUIRE(remove_directory_tree(directory / "tree"));
  REQUIRE(remove_directory_tree(directory / "tree"));
  CHECK(list_directory(directory.path()).value() == std::vector<std::string>{"kept"});
  CHECK(list_directory(directory / "tree").error().code == Errc::not_found);
  CHECK_FALSE(list_directory(directory / "kept"));
}

TEST_CASE("temporary folders differ and belong to their owner alone") {
  const TemporaryDirectory a, b;
  CHECK(a.path() != b.path());
  CHECK(a.path().starts_with("/tmp/"));
  CHECK(mode_of(a.path()) == 0700);
}

TEST_CASE("join_path puts exactly one slash between") {
  CHECK(join_path("a", "b") == "a/b");
  CHECK(join_path("a/", "b") == "a/b");
  CHECK(join_path("/", "b") == "/b");
  CHECK(join_path("", "b") == "b");
}

TEST_CASE("errors of the system tell the caller what to do") {
  struct Row {
    int number;
    Errc code;
  };
  for (const Row& row :
       {Row{ENOSPC, Errc::unavailable}, Row{EDQUOT, Errc::unavailable}, Row{EIO, Errc::unavailable},
        Row{EMFILE, Errc::unavailable}, Row{ENFILE, Errc::unavailable}, Row{ENOMEM, Errc::unavailable},
        Row{ENOENT, Errc::not_found}, Row{EEXIST, Errc::already_exists}, Row{EACCES, Errc::not_permitted},
        Row{EPERM, Errc::not_permitted}, Row{EROFS, Errc::not_permitted}, Row{ENAMETOOLONG, Errc::limit},
        Row{EBUSY, Errc::in_use}, Row{EISDIR, Errc::invalid_argument}}) {
    CAPTURE(row.number);
    CHECK(system_error(row.number, "x").code == row.code);
  }
  CHECK(system_error(ENOENT, "open /a").message.starts_with("open /a: "));
}

TEST_CASE("a full disk is an error of the write, and of nobody else") {
  auto full = File(::open("/dev/full", O_WRONLY | O_CLOEXEC));
  REQUIRE(full.is_open());
  CHECK(full.write("x").error().code == Errc::unavailable);
}
