#include "auth/md5.h"
#include "pop3/fixture.h"

using namespace postfach;
using namespace postfach::test;

namespace {

struct ApopWorld : World {
  std::string secret = "tanstaaf";
  bool is_enabled = true;

  explicit ApopWorld(protocol::Peer from = peer_with_tls()) {
    peer = std::move(from);
    options.apop_lookup = [this](const Credentials& credentials, const ApopReply& reply) {
      CHECK(credentials.mechanism == "APOP");
      if (credentials.login != "mrose") return reply(Error{Errc::not_found, "no such name"});
      reply(ApopLogin{secret, *account, is_enabled});
    };
    begin();
  }
};

std::string timestamp_of(std::string_view greeting) {
  REQUIRE(greeting.starts_with("+OK POP3 server ready <"));
  REQUIRE(greeting.ends_with(">\r\n"));
  const std::string_view text = greeting.substr(22, greeting.size() - 24);
  CHECK(text.find('@') != std::string_view::npos);
  return std::string(text);
}

// What the server says to APOP, after a wait if there is one.
std::string apop(protocol::Session& session, std::string_view name, std::string_view digest) {
  std::string out = talk(session, "APOP " + std::string(name) + " " + std::string(digest) + "\r\n");
  if (session.want() == protocol::Want::wait) {
    CHECK(out.empty());
    session.set_now(session.deadline().value());
    session.on_deadline();
    session.produce(out, 1000);
  }
  return out;
}

}  // namespace

TEST_CASE("the digest of RFC 1939 §7") {
  CHECK(auth::md5_hex("<1896.697170952@dbc.mtview.ca.us>tanstaaf") == "c4c9334bac560ecc979e58001b3e22fb");
  CHECK(auth::md5_hex("") == "d41d8cd98f00b204e9800998ecf8427e");
}

TEST_CASE("APOP") {
  ApopWorld world;
  const auto session = world.session();
  const std::string timestamp = timestamp_of(talk(*session, ""));
  CHECK(timestamp_of(talk(*world.session(), "")) != timestamp);
  SECTION("right") {
    CHECK(apop(*session, "mrose", auth::md5_hex(timestamp + "tanstaaf")) ==
          "+OK Maildrop has 0 messages (0 octets)\r\n");
    CHECK(apop(*session, "mrose", auth::md5_hex(timestamp + "tanstaaf")) == "-ERR Already logged in\r\n");
  }
  SECTION("wrong, and a name that does not exist: the same answer, late") {
    CHECK(apop(*session, "mrose", auth::md5_hex(timestamp + "guess")) == "-ERR [AUTH] Wrong name or password\r\n");
    CHECK(apop(*session, "frated", auth::md5_hex(timestamp + "tanstaaf")) == "-ERR [AUTH] Wrong name or password\r\n");
  }
  SECTION("the digest of another connection") {
    const auto other = world.session();
    talk(*other, "");
    CHECK(apop(*other, "mrose", auth::md5_hex(timestamp + "tanstaaf")) == "-ERR [AUTH] Wrong name or password\r\n");
  }
  SECTION("disabled, which is told after the right digest only") {
    world.is_enabled = false;
    CHECK(apop(*session, "mrose", auth::md5_hex(timestamp + "guess")) == "-ERR [AUTH] Wrong name or password\r\n");
    CHECK(apop(*session, "mrose", auth::md5_hex(timestamp + "tanstaaf")) ==
          "-ERR [SYS/PERM] This account may not log in\r\n");
  }
  SECTION("malformed") {
    CHECK(apop(*session, "mrose", "0") == "-ERR Digest of 32 hexadecimal digits expected\r\n");
    CHECK(talk(*session, "APOP mrose\r\n") == "-ERR Name and digest expected\r\n");
  }
  SECTION("a password works as well") {
    CHECK(talk(*session, "USER mrose\r\nPASS secret\r\n").ends_with("+OK Maildrop has 0 messages (0 octets)\r\n"));
  }
}

TEST_CASE("APOP secrets beyond ASCII are prepared") {
  ApopWorld world;
  world.secret =
      "stra\xC3\x9F"
      "e\xC2\xAD";  // with a soft hyphen, which SASLprep takes away
  const auto session = world.session();
  const std::string timestamp = timestamp_of(talk(*session, ""));
  CHECK(apop(*session, "mrose",
             auth::md5_hex(timestamp + "stra\xC3\x9F"
                                       "e"))
            .starts_with("+OK "));
}

TEST_CASE("guessing by APOP makes the next login wait, as any guessing does") {
  ApopWorld world;
  world.options.login_attempts = 100;
  const auto session = world.session();
  talk(*session, "");
  for (int i = 0; i < 6; ++i) apop(*session, "mrose", std::string(32, '0'));
  const auto other = world.session();
  talk(*other, "USER mrose\r\nPASS secret\r\n");
  CHECK(other->want() == protocol::Want::wait);
}

TEST_CASE("no APOP in clear, and none without the hook") {
  ApopWorld world{peer_in_clear()};
  const auto session = world.session();
  const std::string timestamp = timestamp_of(talk(*session, ""));
  CHECK(apop(*session, "mrose", auth::md5_hex(timestamp + "tanstaaf")) ==
        "-ERR Use STLS first, no login without encryption\r\n");
  World{}.check("S: +OK POP3 server ready\nC: APOP mrose c4c9334bac560ecc979e58001b3e22fb\nS: -ERR Unknown command\n");
}
