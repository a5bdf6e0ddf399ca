// The smallest IMAP server: one account in the folder `mail`, TLS with cert.pem and key.pem of this folder.
// Made by: openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=localhost -keyout key.pem -out cert.pem
#include <asio/io_context.hpp>

#include "postfach/imap/server.h"

int main() {
  auto store = postfach::Store::open({.path = "mail"}).value();
  if (!store.account("alice@example.org")) {
    store.create_account("alice@example.org", {.password = "secret"}).value();
  }
  asio::io_context io;
  postfach::imap::Server imap{io.get_executor(), store, {.tls = {"cert.pem", "key.pem"}}};
  imap.listen("127.0.0.1:1993").value();
  io.run();
}
