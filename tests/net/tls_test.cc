#include "postfach/net/tls.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "base/files.h"
#include "net/client.h"
#include "net/stage.h"

namespace postfach::test {
namespace {

using net::TlsContext;
using net::TlsMode;

TEST_CASE("the library is BoringSSL") { CHECK(net::check_tls_library()); }

TEST_CASE("a made key is for its owner's eyes alone") {
  Certificates certificates;
  const net::TlsFiles files = certificates.make("mail.example.org", "made");
  struct stat status {};
  REQUIRE(::stat(files.key.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  CHECK(TlsContext::load(files));
  CHECK(TlsContext::load(certificates.make("mail.example.org", "made")));  // again, over the old one
  CHECK(net::make_self_signed({"127.0.0.1", "::1", "*.example.org"}, certificates.directory()));
  CHECK_FALSE(net::make_self_signed({}, certificates.directory()));
  CHECK_FALSE(net::make_self_signed({"a,DNS:evil.example"}, certificates.directory()));
}

TEST_CASE("bad certificates are refused with an error, and the old one stays") {
  Certificates certificates;
  const net::TlsFiles good = certificates.make("a.test", "a");
  const net::TlsFiles other = certificates.make("b.test", "b");
  CHECK(TlsContext::load({"/nowhere/cert.pem", good.key}).error().code == Errc::not_found);
  CHECK(TlsContext::load({good.certificate, other.key}).error().code == Errc::invalid_argument);
  CHECK(TlsContext::load({good.key, good.key}).error().code == Errc::invalid_argument);
  CHECK(TlsContext::load({good.certificate, good.certificate}).error().code == Errc::invalid_argument);

  const TlsContext context = TlsContext::load(good).value();
  CHECK_FALSE(context.replace({good.certificate, other.key}));
  CHECK(context.replace("x y", other).error().code == Errc::invalid_argument);
  Stage stage({.tls = context});
  Client client(stage.listen(TlsMode::implicit));
  REQUIRE(client.start_tls());
  CHECK(client.certificate_name() == "a.test");
}

TEST_CASE("the certificate is chosen by server name, and can be replaced while clients are connected") {
  Certificates certificates;
  const TlsContext context = certificates.context();
  REQUIRE(context.replace("mail.example.org", certificates.make("mail.example.org", "exact")));
  REQUIRE(context.replace("*.Example.org", certificates.make("wildcard.test", "wildcard")));
  Stage stage({.tls = context});
  const std::uint16_t port = stage.listen(TlsMode::implicit);
  const auto name_for = [&](const std::string& server_name) {
    Client client(port);
    REQUIRE(client.start_tls({.server_name = server_name}));
    return client.certificate_name();
  };
  CHECK(name_for("") == "default.test");
  CHECK(name_for("unknown.test") == "default.test");
  CHECK(name_for("mail.example.org") == "mail.example.org");
  CHECK(name_for("MAIL.example.ORG") == "mail.example.org");
  CHECK(name_for("other.example.org") == "wildcard.test");
  CHECK(name_for("a.other.example.org") == "default.test");
  CHECK(name_for("example.org") == "default.test");

  Client open(port);
  REQUIRE(open.start_tls());
  CHECK(open.line() == "hello\n");
  REQUIRE(context.replace(certificates.make("renewed.test", "renewed")));
  context.remove("mail.example.org");
  CHECK(name_for("") == "renewed.test");
  CHECK(name_for("mail.example.org") == "wildcard.test");
  open.send("echo still here\n");
  CHECK(open.line() == "still here\n");
}

TEST_CASE("old versions and weak ciphers are refused") {
  Certificates certificates;
  Stage stage({.tls = certificates.context()});
  const std::uint16_t port = stage.listen(TlsMode::implicit);
  struct Row {
    int version;
    const char* ciphers;
    bool good;
  };
  const Row rows[] = {
      {TLS1_VERSION, "", false},
      {TLS1_1_VERSION, "", false},
      {TLS1_2_VERSION, "", true},
      {TLS1_3_VERSION, "", true},
      {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", true},
      {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", true},
      {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", false},  // CBC
      {TLS1_2_VERSION, "AES128-GCM-SHA256", false},       // RSA key exchange
      {TLS1_2_VERSION, "DES-CBC3-SHA", false},
  };
  for (const Row& row : rows) {
    INFO(row.version << " " << row.ciphers);
    Client client(port);
    CHECK(client.start_tls({.version = row.version, .ciphers = row.ciphers}) == row.good);
    CHECK(client.line() == (row.good ? "hello\n" : ""));
  }
  CHECK(stage.logged("tls_failed"));
}

TEST_CASE("sessions are resumed, also after the certificate was replaced, and never with early data") {
  Certificates certificates;
  const TlsContext context = certificates.context();
  Stage stage({.tls = context});
  const std::uint16_t port = stage.listen(TlsMode::implicit);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    INFO(version);
    SSL_SESSION* session = nullptr;
    {
      Client first(port);
      REQUIRE(first.start_tls({.version = version}));
      CHECK(first.line() == "hello\n");
      CHECK(SSL_session_reused(first.ssl()) == 0);
      session = first.take_session();
    }
    REQUIRE(session != nullptr);
    CHECK(SSL_SESSION_early_data_capable(session) == 0);
    REQUIRE(context.replace(certificates.make("renewed.test", "renewed")));
    Client second(port);
    REQUIRE(second.start_tls({.version = version, .session = session}));
    CHECK(SSL_session_reused(second.ssl()) == 1);
    CHECK(second.line() == "hello\n");
    SSL_SESSION_free(session);
  }
}

TEST_CASE("the session knows of its TLS") {
  Certificates certificates;
  Stage stage({.tls = certificates.context()});
  Client client(stage.listen(TlsMode::implicit));
  REQUIRE(client.start_tls({.server_name = "Some.Name", .version = TLS1_3_VERSION}));
  client.send("peer\n");
  CHECK(client.line() == "hello\n");
  CHECK(client.line() == "127.0.0.1 TLSv1.3 some.name\n");
}

TEST_CASE("a handshake must end in time") {
  Certificates certificates;
  Stage stage({.tls = certificates.context(), .handshake_timeout = std::chrono::milliseconds(100)});
  const std::uint16_t port = stage.listen(TlsMode::implicit);
  Client silent(port);
  Client slow(port);
  slow.send("\x16\x03\x01");
  CHECK(silent.at_end());
  CHECK(slow.at_end());
  CHECK(stage.probe().made == 0);
}

}  // namespace
}  // namespace postfach::test
