#include "postfach/imap/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// Sends the octets and reads until the server closes.
std::string talk(std::uint16_t port, std::string_view octets) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string result;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::write(fd, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size())) {
    char buffer[4096];
    for (ssize_t size = 0; (size = ::read(fd, buffer, sizeof buffer)) > 0;) {
      result.append(buffer, static_cast<std::size_t>(size));
    }
  }
  ::close(fd);
  return result;
}

}  // namespace

TEST_CASE("a server answers on its port and says goodbye when it is shut down") {
  const Store store = make_store({.prepare = with_messages(1)});
  asio::io_context io;
  imap::Server server{io.get_executor(), store};
  const std::uint16_t port = server.listen("127.0.0.1:0", net::TlsMode::cleartext).value();
  std::thread thread([&io] { io.run(); });
  const std::string output =
      talk(port, "a LOGIN alice secret\r\nb SELECT INBOX\r\nc FETCH 1 BODY[TEXT]\r\nd LOGOUT\r\n");
  server.shutdown();
  thread.join();
  CHECK(output.find("* OK [CAPABILITY IMAP4rev1") == 0);
  CHECK(output.find("BODY[TEXT] {9}\r\nHello 1\r\n)\r\n") != std::string::npos);
  CHECK(output.find("d OK Logout completed\r\n") != std::string::npos);
}

TEST_CASE("a server without a certificate listens in clear alone") {
  const Store store = make_store({});
  asio::io_context io;
  imap::Server without{io.get_executor(), store};
  CHECK(without.listen("127.0.0.1:0").error().code == Errc::invalid_argument);
  imap::Server wrong{io.get_executor(), store, {.tls = {"/nowhere/cert.pem", "/nowhere/key.pem"}}};
  CHECK(wrong.listen("127.0.0.1:0", net::TlsMode::starttls).error().code == Errc::not_found);
}
