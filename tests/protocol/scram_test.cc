#include "protocol/scram.h"

#include <catch2/catch.hpp>
#include <string>

#include "protocol/scram_client.h"

namespace postfach::protocol {
namespace {

using test::ScramClient;

const std::string kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

ScramKeys pencil() {
  return auth::derive_scram_keys("pencil", base::base64_decode("W22ZaJ0SNY7soEsUEjb6gQ==").value(), 4096);
}

TEST_CASE("SCRAM: the example of RFC 7677, to the letter") {
  ScramServer server({}, kServerNonce);
  REQUIRE(server.receive_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
  CHECK(server.login() == "user");
  CHECK(server.authorize_as().empty());
  CHECK(server.send_first(pencil()) ==
        "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
  REQUIRE(
      server.receive_final("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                           "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
  CHECK(server.send_final() == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("SCRAM: first messages") {
  struct Row {
    std::string message;
    bool good;
    std::string login = {};
    std::string authorize_as = {};
  };
  const Row rows[] = {
      {"n,,n=user,r=abc", true, "user"},
      {"y,,n=user,r=abc", true, "user"},
      {"n,a=admin,n=user,r=abc", true, "user", "admin"},
      {"n,a=a=2Cb=3D,n=x=3Dy=2C,r=abc", true, "x=y,", "a,b="},
      {"n,,n=j\u00FCrgen,r=abc", true, "j\u00FCrgen"},
      {"n,,n=user,r=abc,x=ignored,y=too=", true, "user"},
      {"n,,m=ext,n=user,r=abc", false},
      {"n,,n=user,r=abc,m=ext", false},
      {"n,,n=user,r=abc,x=1,m=ext", false},
      {"n,,n=user,r=abc,x=", false},
      {"n,,n=user,r=abc,", false},
      {"n,,n=user,r=abc,,x=1", false},
      {"n,,n=user,r=abc,xy", false},
      {"n,,n=user,r=", false},
      {"n,,n=user,r=a b", false},
      {"n,,n=user,r=\u00FC", false},
      {"n,,n=user", false},
      {"n,,r=abc,n=user", false},
      {"n,,N=user,r=abc", false},
      {"n,,n=,r=abc", false},
      {"n,,n=us=er,r=abc", false},
      {"n,,n=us=2cer,r=abc", false},
      {"n,,n=us=,r=abc", false},
      {"n,a=,n=user,r=abc", false},
      {"n,a==,n=user,r=abc", false},
      {"n,b=x,n=user,r=abc", false},
      {"n,x,n=user,r=abc", false},
      {"n,n=user,r=abc", false},
      {"n=user,r=abc", false},
      {"N,,n=user,r=abc", false},
      {",,n=user,r=abc", false},
      {"p=tls-exporter,,n=user,r=abc", false},  // needs the -PLUS mechanism
      {"p=tls-unique,,n=user,r=abc", false},
      {"", false},
      {"n", false},
      {"n,", false},
      {"n,,", false},
      {std::string("n,,n=us\0er,r=abc", 16), false},
      {"n,,n=\xFF,r=abc", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    ScramServer server({}, "nonce");
    CHECK(server.receive_first(row.message) == row.good);
    CHECK(server.problem().empty() == row.good);
    if (!row.good) continue;
    CHECK(server.login() == row.login);
    CHECK(server.authorize_as() == row.authorize_as);
    CHECK(server.send_first(pencil()).starts_with("r=abcnonce,"));
  }
}

TEST_CASE("SCRAM: final messages that are not of this exchange") {
  const auto outcome = [](auto change) {
    ScramClient client;
    ScramServer server({}, kServerNonce);
    REQUIRE(server.receive_first(client.first()));
    std::string message = client.final(server.send_first(pencil()));
    change(message);
    return server.receive_final(message);
  };
  const auto replace = [](std::string_view from, std::string_view to) {
    return [from, to](std::string& message) {
      REQUIRE(message.find(from) != std::string::npos);
      message.replace(message.find(from), from.size(), to);
    };
  };
  CHECK(outcome([](std::string&) {}));
  CHECK_FALSE(outcome(replace("c=biws", "c=eSws")));  // "y,,"
  CHECK_FALSE(outcome(replace("c=biws", "c=biw")));
  CHECK_FALSE(outcome(replace("c=biws", "c=")));
  CHECK_FALSE(outcome(replace("c=biws,", "")));
  CHECK_FALSE(outcome(replace("hNlF$k0", "hNlF$k1")));
  CHECK_FALSE(outcome(replace(kServerNonce, "")));  // the client's nonce alone
  CHECK_FALSE(outcome(replace(",p=", ",x=1,p=")));  // not what was signed
  CHECK_FALSE(outcome(replace(",p=", ",m=1,p=")));
  CHECK_FALSE(outcome(replace(",p=", ",q=")));
  CHECK_FALSE(outcome([](std::string& message) { message += ",x=1"; }));
  CHECK_FALSE(outcome([](std::string& message) { message.pop_back(); }));
  CHECK_FALSE(outcome([](std::string& message) { message.clear(); }));
  CHECK_FALSE(outcome([](std::string& message) { message += '\0'; }));
}

TEST_CASE("SCRAM: the wrong password, and no password at all") {
  ScramClient client{.password = "pencils"};
  ScramServer server({}, kServerNonce);
  REQUIRE(server.receive_first(client.first()));
  CHECK_FALSE(server.receive_final(client.final(server.send_first(pencil()))));
  CHECK(server.problem() == "wrong name or password");

  ScramServer fake({}, kServerNonce);
  ScramClient right;
  REQUIRE(fake.receive_first(right.first()));
  CHECK_FALSE(fake.receive_final(right.final(fake.send_first(auth::fake_scram_keys("s", "user", 4096)))));
}

TEST_CASE("SCRAM-PLUS: bound to this connection and to no other") {
  const std::string exporter(32, 'E');
  const auto outcome = [&](const ScramClient& with, const ScramBinding& binding) {
    ScramClient client = with;
    ScramServer server(binding, kServerNonce);
    if (!server.receive_first(client.first())) return false;
    return server.receive_final(client.final(server.send_first(pencil())));
  };
  const ScramBinding plus{.plus = true, .plus_offered = true, .exporter = exporter};
  const ScramClient bound{.header = "p=tls-exporter,,", .binding = exporter};
  CHECK(outcome(bound, plus));
  // A man in the middle has another connection to us than the client has to him.
  CHECK_FALSE(outcome({.header = "p=tls-exporter,,", .binding = std::string(32, 'M')}, plus));
  CHECK_FALSE(outcome({.header = "p=tls-exporter,,"}, plus));
  CHECK_FALSE(outcome({.header = "p=tls-unique,,", .binding = exporter}, plus));
  CHECK_FALSE(outcome({.header = "p=tls-server-end-point,,", .binding = exporter}, plus));
  CHECK_FALSE(outcome({.header = "p=,,", .binding = exporter}, plus));
  // The -PLUS mechanism without a binding, and a binding without the -PLUS mechanism.
  CHECK_FALSE(outcome({.header = "n,,"}, plus));
  CHECK_FALSE(outcome({.header = "y,,"}, plus));
  CHECK_FALSE(outcome(bound, {.plus = false, .plus_offered = true, .exporter = exporter}));
  // A connection that can't be bound binds to nothing, not to no octets.
  CHECK_FALSE(outcome({.header = "p=tls-exporter,,"}, {.plus = true, .plus_offered = true}));
  // Who thinks that we can't bind, where we said that we can, was lied to (RFC 5802 §6).
  CHECK_FALSE(outcome({.header = "y,,"}, {.plus_offered = true, .exporter = exporter}));
  CHECK(outcome({.header = "y,,"}, {.plus_offered = false, .exporter = exporter}));
  CHECK(outcome({.header = "n,,"}, {.plus_offered = true, .exporter = exporter}));
}

TEST_CASE("SCRAM: a nonce is printable and never the same") {
  const std::string nonce = ScramServer::make_nonce();
  CHECK(nonce.size() >= 24);
  CHECK(nonce.find_first_of(", ") == std::string::npos);
  CHECK(nonce != ScramServer::make_nonce());
}

}  // namespace
}  // namespace postfach::protocol
