#include <catch2/catch.hpp>
#include <string>

#include "postfach/store.h"
#include "script.h"

using namespace postfach;
using namespace postfach::migrate;

namespace {

struct Fixture {
  Store store = Store::open_temporary({.max_message_size = 1000, .password_cost = 1}).value();
  Account account = store.create_account("alice@example.org").value();

  std::string octets(const std::string& mailbox, Uid uid) const {
    std::string out;
    account.mailbox(mailbox).value().open(uid).value().read(0, SIZE_MAX, out).value();
    return out;
  }
  std::vector<Uid> uids(const std::string& mailbox) const { return account.mailbox(mailbox).value().uids().value(); }
  Flags flags(Uid uid) const {
    Flags found;
    account.mailbox("INBOX")
        .value()
        .fetch(UidSet::of(uid, uid), Field::none,
               [&](const MessageView& view) {
                 found = view.flags;
                 return true;
               })
        .value();
    return found;
  }
};

const Server kServer{.host = "old.example", .user = "alice", .password = "se\"cret"};

// Up to the login, on a server with Courier's names and next to no extensions.
Script& begin(Script& script) {
  return script.server("* OK hello\r\n")
      .client("p1 CAPABILITY\r\n")
      .server("* CAPABILITY IMAP4rev1 NAMESPACE CONDSTORE\r\np1 OK done\r\n")
      .client("p2 LOGIN \"alice\" \"se\\\"cret\"\r\n")
      .server("p2 OK [CAPABILITY IMAP4rev1 NAMESPACE CONDSTORE] in\r\n")
      .client("p3 NAMESPACE\r\n")
      .server("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\r\np3 OK done\r\n");
}

Script& list(Script& script) {
  return script.client("p4 LIST \"\" \"*\"\r\n")
      .server(
          "* LIST () \".\" INBOX\r\n* LIST (\\Noselect) \".\" INBOX.Old\r\n"
          "* LIST () \".\" \"INBOX.Old.Entw&APw-rfe\"\r\np4 OK done\r\n")
      .client("p5 LSUB \"\" \"*\"\r\n")
      .server("* LSUB () \".\" INBOX.Old.Entw&APw-rfe\r\n* LSUB () \".\" INBOX.gone\r\np5 OK done\r\n");
}

}  // namespace

TEST_CASE_METHOD(Fixture, "An account comes with UIDs, flags, dates and subscriptions, and the next time what is new") {
  for (const std::size_t piece : {1UL, 5UL, 4096UL}) {
    const auto name = "bob" + std::to_string(piece);
    account = store.create_account(name).value();
    Script script(piece);
    list(begin(script))
        .client("p6 EXAMINE \"INBOX\" (CONDSTORE)\r\n")
        .server(
            "* 2 EXISTS\r\n* OK [UIDVALIDITY 1700000000] x\r\n* OK [UIDNEXT 12] x\r\n"
            "* OK [HIGHESTMODSEQ 40] x\r\np6 OK [READ-ONLY] done\r\n")
        .client("p7 FETCH 1:2 (UID FLAGS INTERNALDATE)\r\n")
        .server(
            "* 1 FETCH (UID 4 FLAGS (\\Seen work \\Recent) INTERNALDATE \" 1-Mar-2020 12:30:00 +0100\")\r\n"
            "* 2 FETCH (INTERNALDATE \" 2-Mar-2020 12:30:00 +0000\" FLAGS () UID 9)\r\np7 OK done\r\n")
        .client("p8 UID FETCH 4,9 (UID BODY.PEEK[])\r\n")
        .server(
            "* 2 FETCH (BODY[] {10}\r\nA: b\r\n\r\nx\n UID 9)\r\n* 2 FETCH (FLAGS (\\Seen))\r\n"
            "* 1 FETCH (UID 4 BODY[] {6}\r\nC: d\r\n)\r\np8 OK done\r\n")
        .client("p9 EXAMINE \"INBOX.Old.Entw&APw-rfe\" (CONDSTORE)\r\n")
        .server("* 0 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n* OK [UIDNEXT 1] x\r\np9 OK done\r\n")
        .client("p10 LOGOUT\r\n")
        .server("* BYE bye\r\np10 OK done\r\n");
    const auto report = import_imap(account, script, kServer, {}).value();
    CHECK_FALSE(report.stopped_by.has_value());
    CHECK(report.problem_count == 0);
    CHECK(report.messages == 2);
    CHECK(uids("INBOX") == std::vector<Uid>{4, 9});
    CHECK(octets("INBOX", 9) == "A: b\r\n\r\nx\n");
    CHECK(octets("INBOX", 4) == "C: d\r\n");
    CHECK(flags(4) == Flags(Flag::seen));
    const auto status = account.mailbox("INBOX").value().status().value();
    CHECK(status.uid_validity == 1'700'000'000);
    CHECK(status.uid_next == 12);
    CHECK(account.mailbox("Old/Entw\xC3\xBCrfe").value().status().value().uid_validity == 5);
    const auto names = account.subscriptions().value();
    CHECK(std::find(names.begin(), names.end(), "gone") != names.end());
    CHECK_FALSE(account.mailbox("gone").has_value());

    Script second(piece);
    list(begin(second))
        .client("p6 EXAMINE \"INBOX\" (CONDSTORE)\r\n")
        .server(
            "* 3 EXISTS\r\n* OK [UIDVALIDITY 1700000000] x\r\n* OK [UIDNEXT 13] x\r\n"
            "* OK [HIGHESTMODSEQ 50] x\r\np6 OK [READ-ONLY] done\r\n")
        .client("p7 UID FETCH 1:9 (UID FLAGS) (CHANGEDSINCE 40)\r\n")
        .server("* 2 FETCH (UID 9 FLAGS (\\Flagged) MODSEQ (45))\r\np7 OK done\r\n")
        .client("p8 UID FETCH 10:* (UID)\r\n")
        .server("* 3 FETCH (UID 12)\r\np8 OK done\r\n")
        .client("p9 FETCH 3:3 (UID FLAGS INTERNALDATE)\r\n")
        .server("* 3 FETCH (UID 12 FLAGS () INTERNALDATE \" 2-Mar-2020 12:30:00 +0000\")\r\np9 OK done\r\n")
        .client("p10 UID FETCH 12 (UID BODY.PEEK[])\r\n")
        .server("* 3 FETCH (UID 12 BODY[] \"E: f\")\r\np10 OK done\r\n")
        .client("p11 EXAMINE \"INBOX.Old.Entw&APw-rfe\" (CONDSTORE)\r\n")
        .server("* 0 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n* OK [UIDNEXT 1] x\r\np11 OK done\r\n")
        .client("p12 LOGOUT\r\n")
        .server("p12 OK done\r\n");
    const auto again = import_imap(account, second, kServer, {}).value();
    CHECK(again.messages == 1);
    CHECK(again.present == 2);
    CHECK(uids("INBOX") == std::vector<Uid>{4, 9, 12});
    CHECK(octets("INBOX", 12) == "E: f");
    CHECK(flags(9) == Flags(Flag::flagged));
    CHECK(second.is_over());
  }
}

TEST_CASE_METHOD(Fixture, "A connection that breaks keeps what came, and the next run goes on") {
  Script script(4096);
  begin(script)
      .client("p4 LIST \"\" \"*\"\r\n")
      .server("* LIST () \".\" INBOX\r\np4 OK done\r\n")
      .client("p5 LSUB \"\" \"*\"\r\n")
      .server("p5 OK done\r\n")
      .client("p6 EXAMINE \"INBOX\" (CONDSTORE)\r\n")
      .server("* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 5] x\r\np6 OK done\r\n")
      .client("p7 FETCH 1:1 (UID FLAGS INTERNALDATE)\r\n")
      .server("* 1 FETCH (UID 4 FLAGS () INTERNALDATE \" 1-Mar-2020 12:30:00 +0100\")\r\np7 OK done\r\n")
      .client("p8 UID FETCH 4 (UID BODY.PEEK[])\r\n")
      .server("* 1 FETCH (UID 4 BODY[] {600}\r\nA: b");
  const auto report = import_imap(account, script, kServer, {}).value();
  REQUIRE(report.stopped_by.has_value());
  CHECK(report.stopped_by->code == Errc::unavailable);
  CHECK(report.messages == 0);
  CHECK(account.mailbox("INBOX").value().status().value().messages == 0);
}

TEST_CASE_METHOD(Fixture, "Logins: a mechanism where there is one, a token, and no password in clear behind STARTTLS") {
  Server server = kServer;
  server.security = Security::starttls;
  Script script(4096);
  script.server("* OK hello\r\n")
      .client("p1 STARTTLS\r\n")
      .server("p1 OK go\r\n")
      .tls()
      .client("p2 CAPABILITY\r\n")
      .server("* CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2\r\np2 OK done\r\n");
  SECTION("PLAIN") { script.client("p3 AUTHENTICATE PLAIN\r\n").server("+ \r\n").client("AGFsaWNlAHNlImNyZXQ=\r\n"); }
  SECTION("XOAUTH2") {
    server.token = "tok";
    script.client("p3 AUTHENTICATE XOAUTH2\r\n")
        .server("+ \r\n")
        .client("dXNlcj1hbGljZQFhdXRoPUJlYXJlciB0b2sBAQ==\r\n")
        .server("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        .client("\r\n");
  }
  script.server("p3 NO [AUTHENTICATIONFAILED] no\r\n");
  const auto refused = import_imap(account, script, server, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::auth_failed);

  Script injected(4096);
  injected.server("* OK hello\r\n").client("p1 STARTTLS\r\n").server("p1 OK go\r\n* CAPABILITY IMAP4rev1\r\n");
  CHECK(import_imap(account, injected, server, {}).error().code == Errc::unavailable);
  Script without(4096);
  without.server("* OK hello\r\n").client("p1 STARTTLS\r\n").server("p1 BAD what\r\n");
  CHECK(import_imap(account, without, server, {}).error().code == Errc::unavailable);
}
