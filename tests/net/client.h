// A blocking client for the tests, in clear or under TLS.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postfach::test {

struct ClientTls {
  std::string server_name = {};
  int version = 0;           // the only one, if not 0
  std::string ciphers = {};  // of TLS 1.2
  SSL_SESSION* session = nullptr;
};

class Client {
 public:
  explicit Client(std::uint16_t port);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False if the handshake fails.
  bool start_tls(const ClientTls& options = {});
  SSL* ssl() const { return ssl_; }
  // Names of the certificate's subject (CN) that the server showed.
  std::string certificate_name() const;
  // A session to resume, once something was read; the caller frees it.
  SSL_SESSION* take_session();

  void send(std::string_view octets);
  // One read; empty at the end.
  std::string read();
  // Up to and with the next LF, or what came until the end.
  std::string line();
  // All until the end.
  std::string rest();
  // True if the server closed (also by a reset) and there was nothing more to read.
  bool at_end() { return rest().empty(); }
  void shut_writing();

 private:
  int socket_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  SSL_SESSION* session_ = nullptr;
  std::string buffer_;
};

}  // namespace postfach::test
