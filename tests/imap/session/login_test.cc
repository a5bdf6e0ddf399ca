#include <catch2/catch.hpp>
#include <mutex>
#include <thread>
#include <vector>

#include "base/base64.h"
#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;
using postfach::test::check_transcript;

namespace {

protocol::Peer cleartext() { return {.address = "192.0.2.1", .tls = {}, .can_start_tls = true}; }

std::string plain(std::string_view login, std::string_view password) {
  std::string octets(1, '\0');
  octets += login;
  octets += '\0';
  octets += password;
  return base::base64_encode(octets);
}

}  // namespace

TEST_CASE("LOGIN with quoted strings, atoms and literals") {
  for (const char* text : {"C: a LOGIN alice secret\n", "C: a login \"alice\" \"secret\"\n",
                           "C: a LOGIN {5+}\nC: alice {6+}\nC: secret\n"}) {
    check_transcript("S~ * OK [CAPABILITY *\n" + std::string(text) + R"(
      S~ a OK [CAPABILITY IMAP4rev1 * IDLE * MOVE *] Logged in
      C: b LOGIN alice secret
      S: b BAD Logged in already
    )",
                     imap_transcript());
  }
  check_transcript(R"(
    S~ ...
    C: a LOGIN {5}
    S: + OK
    C: alice {6}
    S: + OK
    C: secret
    S~ a OK *
  )",
                   imap_transcript());
}

TEST_CASE("the host switches capabilities off, for all or for one account") {
  WorldOptions options;
  options.session.capabilities.off = {"move"};
  options.session.account_capabilities = [](const Account& account) {
    return imap::CapabilityMask{.on = {"MOVE"}, .off = {account.name() == "alice" ? "IDLE" : "ID"}};
  };
  check_logged_in(R"(
    C: a CAPABILITY
    S~ * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE * MOVE *
    S~ a OK *
    C: b IDLE
    S: b BAD Unknown command
    C: c SELECT INBOX
    S~ ...
    C: d MOVE 1 Trash
    S~ d BAD No message*
  )",
                  options);
  options.session.account_capabilities = {};
  check_selected(R"(
    C: a CAPABILITY
    S~ * CAPABILITY * UNSELECT SPECIAL-USE *
    S~ a OK *
    C: b UID MOVE 1 Trash
    S: b BAD Unknown command
  )",
                 options);
}

TEST_CASE("capabilities follow the state") {
  check_transcript(R"(
    S~ * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256] *
    C: a CAPABILITY
    S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256
    S~ a OK *
    C: b LOGIN alice secret
    S~ b OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE IDLE NAMESPACE UIDPLUS CHILDREN UNSELECT MOVE SPECIAL-USE *] Logged in
  )",
                   imap_transcript());
}

TEST_CASE("no password crosses a connection in clear") {
  WorldOptions options;
  options.peer = cleartext();
  bool asked = false;
  options.session.authenticator = [&asked](const Credentials&, const AuthReply&) { asked = true; };
  check_transcript(R"(
    S~ * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE SASL-IR STARTTLS LOGINDISABLED] *
    C: a LOGIN alice secret
    S~ a NO [PRIVACYREQUIRED] *
    C: b AUTHENTICATE PLAIN
    S~ b NO [PRIVACYREQUIRED] *
    C: c AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
    S~ c NO [PRIVACYREQUIRED] *
  )",
                   imap_transcript(options));
  CHECK_FALSE(asked);

  options.session.authenticator = {};
  options.peer.trusted_cleartext = true;
  check_logged_in("", options);
}

TEST_CASE("STARTTLS: what comes behind it in clear is never a command") {
  WorldOptions options;
  options.peer = cleartext();
  check_transcript(R"(
    S~ * OK *
    C: a starttls
    C: b NOOP
    S: a OK Begin TLS negotiation now
    ! tls
    C: c CAPABILITY
    S: * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256
    S~ c OK *
    C: d STARTTLS
    S: d BAD TLS is active already
    C: e LOGIN alice secret
    S~ e OK *
    C: f STARTTLS
    S~ f BAD *
  )",
                   imap_transcript(options));
}

TEST_CASE("STARTTLS where it can't be had") {
  WorldOptions options;
  options.peer = {.address = "192.0.2.1", .tls = {}, .can_start_tls = false, .trusted_cleartext = true};
  check_transcript(R"(
    S~ * OK [CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256] *
    C: a STARTTLS
    S: a BAD STARTTLS is not available
  )",
                   imap_transcript(options));
}

TEST_CASE("AUTHENTICATE PLAIN and LOGIN") {
  const std::string token = plain("alice", "secret");
  check_transcript("S~ ...\nC: a AUTHENTICATE PLAIN\nS: +\\x20\nC: " + token + "\nS~ a OK [CAPABILITY *] Logged in",
                   imap_transcript());
}

TEST_CASE("SASL-IR") {
  check_transcript("S~ ...\nC: a AUTHENTICATE PLAIN " + plain("alice", "secret") + "\nS~ a OK [CAPABILITY *] Logged in",
                   imap_transcript());
  check_transcript(R"(
    S~ ...
    C: a authenticate login
    S: + VXNlcm5hbWU6
    C: YWxpY2U=
    S: + UGFzc3dvcmQ6
    C: c2VjcmV0
    S~ a OK [CAPABILITY *] Logged in
  )",
                   imap_transcript());
}

TEST_CASE("AUTHENTICATE that goes wrong harms nobody") {
  WorldOptions options;
  options.session.bad_commands_before_login = 10;
  options.session.login_attempts = 10;
  check_transcript(R"(
    S~ ...
    C: a AUTHENTICATE CRAM-MD5
    S~ a NO [CANNOT] *
    C: b AUTHENTICATE LOGIN
    S: + VXNlcm5hbWU6
    C: *
    S~ b BAD *
    C: c AUTHENTICATE LOGIN
    S: + VXNlcm5hbWU6
    C: !!!
    S~ c BAD *
    C: d AUTHENTICATE PLAIN =
    ! want wait
    ! deadline
    S: d NO [AUTHENTICATIONFAILED] Wrong name or password
    C: e AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==
    S~ e OK *
  )",
                   imap_transcript(options));
}

TEST_CASE("wrong passwords are answered late, later each time, and not for ever") {
  check_transcript(R"(
    S~ ...
    C: a LOGIN alice wrong
    ! want wait
    ! after 1
    ! want wait
    ! after 1
    S: a NO [AUTHENTICATIONFAILED] Wrong name or password
    C: b LOGIN nobody secret
    ! after 3
    ! want wait
    ! after 1
    S: b NO [AUTHENTICATIONFAILED] Wrong name or password
    C: c LOGIN alice wrong
    ! after 8
    S: c NO [AUTHENTICATIONFAILED] Wrong name or password
    S: * BYE Too many failed logins
    ! want close
  )",
                   imap_transcript());
}

TEST_CASE("a disabled account looks like a wrong password") {
  WorldOptions options;
  options.session.authenticator = [](const Credentials&, const AuthReply& reply) {
    reply(Error{Errc::not_permitted, "disabled"});
  };
  check_transcript(R"(
    S~ ...
    C: a LOGIN alice secret
    ! deadline
    S: a NO [AUTHENTICATIONFAILED] Wrong name or password
  )",
                   imap_transcript(options));
}

TEST_CASE("an authenticator that answers later, from another thread") {
  WorldOptions options;
  std::mutex mutex;
  std::vector<std::thread> threads;
  auto accounts = std::make_shared<std::optional<Account>>();
  options.prepare = [accounts](const Account& account) { *accounts = account; };
  options.session.authenticator = [&, accounts](const Credentials& credentials, AuthReply reply) {
    CHECK(credentials.login == "bob");
    CHECK(credentials.password == "s");
    CHECK(credentials.remote == "192.0.2.1");
    const std::lock_guard lock(mutex);
    threads.emplace_back([reply = std::move(reply), account = **accounts] { reply(account); });
  };
  check_transcript(R"(
    S~ ...
    C: a LOGIN bob s
    S~ a OK [CAPABILITY *] Logged in
    C: b NAMESPACE
    S: * NAMESPACE (("" "/")) NIL NIL
    S~ b OK *
  )",
                   imap_transcript(options));
  for (std::thread& thread : threads) thread.join();
}

TEST_CASE("an authenticator that can't answer, and one that forgets to") {
  WorldOptions options;
  options.session.authenticator = [](const Credentials& credentials, const AuthReply& reply) {
    if (credentials.login == "down") reply(Error{Errc::unavailable, "database is away"});
  };
  check_transcript(R"(
    S~ ...
    C: a LOGIN down x
    S~ a NO [UNAVAILABLE] *
    C: b LOGIN forgotten x
    S~ b NO [UNAVAILABLE] *
  )",
                   imap_transcript(options));
}

TEST_CASE("an answer after the session is gone reaches nobody") {
  WorldOptions options;
  AuthReply kept;
  options.session.authenticator = [&kept](const Credentials&, AuthReply reply) { kept = std::move(reply); };
  const Store store = make_store(options);
  {
    Client client(store, options);
    client.send("a LOGIN alice secret\r\n");
    CHECK(client.session().want() == protocol::Want::wait);
    client.session().on_disconnect();
    CHECK(client.session().want() == protocol::Want::close);
  }
  kept(store.account("alice"));
  SUCCEED();
}

TEST_CASE("strangers have a minute, whatever they send") {
  check_transcript(R"(
    S~ ...
    C: a NOOP
    S~ a OK *
    ! after 30
    C: b LOG\
    ! after 30
    S~ * BYE *
    ! want close
  )",
                   imap_transcript());
}

TEST_CASE("strangers have three bad commands") {
  check_transcript(R"(
    S~ ...
    C: GET / HTTP/1.1
    S~ GET BAD *
    C: a FOO
    S~ a BAD *
    C: a SELECT INBOX
    S: a BAD Log in first
    S~ * BYE *
    ! want close
  )",
                   imap_transcript());
}

TEST_CASE("users have twenty in a row") {
  WorldOptions options;
  options.session.bad_commands = 3;
  check_logged_in(R"(
    C: a FOO
    S~ a BAD *
    C: a BAR
    S~ a BAD *
    C: a NOOP
    S~ a OK *
    C: a FOO
    S~ a BAD *
    C: a FOO
    S~ a BAD *
    C: a FOO
    S~ a BAD *
    S~ * BYE *
  )",
                  options);
}

TEST_CASE("large literals before login are refused before they are sent") {
  check_transcript(R"(
    S~ ...
    C: a LOGIN {4294967295}
    S~ a BAD [TOOBIG] *
    C: b LOGIN {18446744073709551616}
    S~ b BAD [TOOBIG] *
    C: c LOGIN {99999999+}
    S~ c BAD [TOOBIG] *
    S~ * BYE *
  )",
                   imap_transcript());
}
