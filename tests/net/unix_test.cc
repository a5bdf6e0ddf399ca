// Unix sockets, and networks of clients.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "net/stage.h"
#include "net/unix_socket.h"
#include "postfach/net/networks.h"

namespace postfach::test {
namespace {

using net::Networks;
using net::TlsMode;

// A socket that listens, or none.
int listen_at(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(descriptor, 1) == 0);
  return descriptor;
}

std::string talk_at(const std::string& path, std::string_view input) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  (void)!::write(descriptor, input.data(), input.size());
  std::string out;
  char buffer[1000];
  for (ssize_t got = 0; (got = ::read(descriptor, buffer, sizeof buffer)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(descriptor);
  return out;
}

TEST_CASE("a server listens at a Unix socket and takes it away again") {
  Certificates directory;
  const std::string path = directory.directory() + "/socket";
  {
    Stage stage({.max_connections_per_address = 1, .unix_mode = 0640});
    CHECK(stage.server().listen("unix:" + path, TlsMode::cleartext).value() == 0);
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    CHECK(S_ISSOCK(status.st_mode));
    CHECK((status.st_mode & 0777U) == 0640U);
    CHECK(talk_at(path, "echo x\nquit\n") == "hello\nx\nbye\n");
    CHECK(talk_at(path, "peer\nquit\n").find("unix") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("where no Unix socket can be") {
  Certificates directory;
  const std::string path = directory.directory() + "/socket";
  Stage stage;
  const auto code = [&](const std::string& endpoint) {
    return stage.server().listen(endpoint, TlsMode::cleartext).error().code;
  };
  CHECK(code("unix:") == Errc::invalid_argument);
  CHECK(code("unix:socket") == Errc::invalid_argument);
  CHECK(code("unix:/" + std::string(200, 'x')) == Errc::invalid_argument);
  CHECK(code("unix:" + directory.directory() + "/no/such/folder") == Errc::unavailable);
  std::ofstream(path) << "precious";
  CHECK(code("unix:" + path) == Errc::in_use);
  CHECK(std::filesystem::file_size(path) == 8);
  std::filesystem::remove(path);
  const int other = listen_at(path);
  CHECK(code("unix:" + path) == Errc::in_use);
  CHECK(std::filesystem::exists(path));
  // What a server leaves that was killed.
  ::close(other);
  CHECK(std::filesystem::exists(path));
  CHECK(stage.server().listen("unix:" + path, TlsMode::cleartext));
  CHECK(talk_at(path, "quit\n") == "hello\nbye\n");
}

TEST_CASE("the file of another server is left alone") {
  Certificates directory;
  const std::string path = directory.directory() + "/socket";
  {
    Stage stage;
    stage.server().listen("unix:" + path, TlsMode::cleartext).value();
    std::filesystem::remove(path);
    ::close(listen_at(path));
  }
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("networks") {
  const Networks networks =
      Networks::parse({"192.0.2.0/24", "10.9.8.7", "172.16.0.0/12", "2001:db8::/33", "::1"}).value();
  for (const char* inside : {"192.0.2.0", "192.0.2.255", "10.9.8.7", "172.16.0.1", "172.31.255.255", "2001:db8:7fff::1",
                             "::1", "::ffff:192.0.2.7"}) {
    INFO(inside);
    CHECK(networks.contains(inside));
  }
  for (const char* outside : {"192.0.3.0", "10.9.8.6", "172.32.0.0", "172.15.255.255", "2001:db8:8000::", "::2", "unix",
                              "", "127.0.0.1", "::192.0.2.7"}) {
    INFO(outside);
    CHECK_FALSE(networks.contains(outside));
  }
  CHECK(Networks::parse({"0.0.0.0/0"}).value().contains("203.0.113.9"));
  CHECK_FALSE(Networks::parse({"0.0.0.0/0"}).value().contains("2001:db8::1"));
  CHECK_FALSE(Networks().contains("127.0.0.1"));
  for (const char* bad :
       {"", "x", "192.0.2.0/33", "192.0.2.0/", "192.0.2/24", "2001:db8::/129", "192.0.2.0/-1", "unix"}) {
    INFO(bad);
    CHECK(Networks::parse({bad}).error().code == Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace postfach::test
