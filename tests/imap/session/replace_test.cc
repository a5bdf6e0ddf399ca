// REPLACE (RFC 8508).
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

WorldOptions with_drafts() {
  WorldOptions options;
  options.prepare = with_messages(4);
  return options;
}

}  // namespace

TEST_CASE("REPLACE: the examples of RFC 8508") {
  check_selected(R"(
    C: A003 REPLACE 4 INBOX (\Seen \Draft) {n}
    S: + OK
    L: Date: Thu, 1 Jan 2015 00:05:00 -0500 (EST)
    L: From: Fritz Schmidt <fritz.ze@example.org>
    L: Subject: happy new year !!
    L: To: miss.mitzy@example.org
    L:
    L: Just saw the best fireworks show. Wish you were here.
    C:
    S~ * OK [APPENDUID * 5] Replacement stored
    S: * 4 EXPUNGE
    S: * 4 EXISTS
    S: * 4 RECENT
    S: A003 OK Replace completed
    C: A004 UID REPLACE 5 INBOX (\Seen \Draft) {n+}
    L: Subject: happy new year !!
    L:
    L: Hopefully next year you can join us.
    C:
    S~ * OK [APPENDUID * 6] Replacement stored
    S: * 4 EXPUNGE
    S: * 4 EXISTS
    S: * 4 RECENT
    S: A004 OK Replace completed
    C: A005 FETCH 4 (UID FLAGS BODY.PEEK[HEADER])
    S: * 4 FETCH (UID 6 FLAGS (\Seen \Draft \Recent) BODY[HEADER] {30}
    S: Subject: happy new year !!
    S:
    S: )
    S~ A005 OK *
    C: A006 UID FETCH 1:* FLAGS
    S~ * 1 FETCH (UID 1 *
    S~ * 2 FETCH (UID 2 *
    S~ * 3 FETCH (UID 3 *
    S~ * 4 FETCH (UID 6 *
    S~ A006 OK *
    C: A007 REPLACE * Sent {n+}
    L: sent now\
    C:
    S~ * OK [APPENDUID * 1] *
    S: * 4 EXPUNGE
    S~ A007 OK *
    C: A008 STATUS Sent (MESSAGES)
    S: * STATUS Sent (MESSAGES 1)
    S~ A008 OK *
  )",
                 with_drafts());
}

TEST_CASE("REPLACE: with CATENATE, of the message that goes (RFC 8508 §4.2)") {
  check_selected(R"(
    C: A011 UID REPLACE 2 INBOX CATENATE (TEXT {n}
    S: + OK
    L: To: Mitzy <miss.mitzy@example.org>
    C:  URL "/INBOX/;UID=2")
    S~ * OK [APPENDUID * 5] *
    S: * 2 EXPUNGE
    S: * 4 EXISTS
    S~ * 4 RECENT
    S~ A011 OK *
    C: A012 FETCH 4 BODY.PEEK[]
    S: * 4 FETCH (BODY[] {59}
    S: To: Mitzy <miss.mitzy@example.org>
    S: Subject: 2
    S:
    S: Hello 2
    S: )
    S~ A012 OK *
    # Nothing follows the one message.
    C: A013 UID REPLACE 1 INBOX {1+}
    C: x {1}
    S~ A013 BAD *
    C: A014 UID REPLACE 1 INBOX CATENATE (URL ";UID=2")
    S~ A014 NO [BADURL *
    C: A015 UID SEARCH ALL
    S: * SEARCH 1 3 4 5
    S~ A015 OK *
  )",
                 with_drafts());
}

TEST_CASE("REPLACE: what can't be done is refused before the literal is sent, and the old message stays") {
  WorldOptions options = with_drafts();
  options.store.max_message_size = 1000;
  check_selected(R"(
    C: a REPLACE 5 INBOX {1}
    S~ a BAD *
    C: b UID REPLACE 5 INBOX {1}
    S~ b NO [NONEXISTENT] *
    C: c REPLACE 1 Nowhere {1}
    S~ c NO [TRYCREATE] *
    C: d REPLACE 1 INBOX {1001}
    S~ d NO [TOOBIG] *
    C: e REPLACE 1 INBOX {0}
    S~ e NO A message needs *
    C: f REPLACE 1:2 INBOX {1}
    S~ f BAD *
    C: g REPLACE x INBOX {1}
    S~ g BAD *
    C: h REPLACE 1 INBOX
    S~ h BAD *
    C: i REPLACE 1 INBOX (\Bogus) {1}
    S~ i BAD *
    C: j REPLACE 0 INBOX {1}
    S~ j BAD *
    C: k UID REPLACE 1 {5+}
    C: INBOX {1+}
    C: x garbage
    S~ k BAD *
    C: l FETCH 1:* UID
    S~ * 1 FETCH (UID 1)
    S~ * 2 FETCH (UID 2)
    S~ * 3 FETCH (UID 3)
    S~ * 4 FETCH (UID 4)
    S~ l OK *
    C: m EXAMINE INBOX
    S~ ...
    S~ m OK *
    C: n REPLACE 1 INBOX {1}
    S~ n NO [READ-ONLY] *
    C: o CLOSE
    S~ o OK *
    C: p REPLACE 1 INBOX {1}
    S: p BAD No mailbox is selected
  )",
                 options);
}

TEST_CASE("REPLACE: a message that another expunges meanwhile") {
  check_selected(R"(
    ! expunge 2
    C: a REPLACE 2 INBOX {1}
    S: * 2 EXPUNGE
    S~ a NO [EXPUNGEISSUED] *
    C: b REPLACE 2 INBOX {5}
    S: + OK
    ! expunge 3
    C: abcde
    S: * 2 EXPUNGE
    S~ b NO [EXPUNGEISSUED] *
    C: c STATUS INBOX (MESSAGES UIDNEXT)
    S: * STATUS INBOX (MESSAGES 2 UIDNEXT 5)
    S~ c OK *
  )",
                 with_drafts());
}

TEST_CASE("REPLACE: only what grows counts for the quota (RFC 8508 §3.4)") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("12345678901234567890").value();
    account.set_quota({.bytes = 25, .messages = 1}).value();
  };
  check_selected(R"(
    C: a REPLACE 1 INBOX {26}
    S~ a NO [OVERQUOTA] *
    C: b REPLACE 1 INBOX {25}
    S: + OK
    C: 1234567890123456789012345
    S~ * OK [APPENDUID * 2] *
    S: * 1 EXPUNGE
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ b OK *
    C: c APPEND INBOX {1}
    S~ c NO [OVERQUOTA] *
  )",
                 options);
  // The limit was lowered below the usage: shorter is possible, longer is not.
  options.prepare = [](const Account& account) {
    account.deliver("12345678901234567890").value();
    account.set_quota({.bytes = 5}).value();
  };
  check_selected(R"(
    C: a REPLACE 1 INBOX {21}
    S~ a NO [OVERQUOTA] *
    C: b REPLACE 1 INBOX {10}
    S: + OK
    C: 1234567890
    S~ * OK [APPENDUID * 2] *
    S~ ...
    S~ b OK *
  )",
                 options);
}

TEST_CASE("REPLACE: other sessions see one EXPUNGE and one new message") {
  const WorldOptions options = with_drafts();
  const Store store = make_store(options);
  Client one(store, options);
  Client other(store, options);
  one.log_in_and_select();
  other.log_in_and_select();
  CHECK(one.send("a REPLACE 1 INBOX (\\Deleted) {3+}\r\nnew\r\n").find("a OK") != std::string::npos);
  CHECK(other.send("b NOOP\r\n") == "* 1 EXPUNGE\r\n* 4 EXISTS\r\n* 1 RECENT\r\nb OK Done\r\n");
  const MailboxStatus status = inbox(store.account("alice").value()).status().value();
  CHECK(status.messages == 4);
  CHECK(status.deleted == 1);
  CHECK(store.account("alice").value().check().value().problems.empty());
}

TEST_CASE("REPLACE: with QRESYNC the message vanishes as by UID EXPUNGE (RFC 8508 §4.5)") {
  check_logged_in(R"(
    C: a ENABLE QRESYNC
    S~ * ENABLED *
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c UID REPLACE 2 INBOX (\Seen) {3+}
    C: new
    S~ * OK [APPENDUID * 5] *
    S: * VANISHED 2
    S: * 4 EXISTS
    S~ ...
    S~ c OK *
    C: d SELECT INBOX
    S~ ...
    S~ d OK *
    C: e UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)
    S: * VANISHED (EARLIER) 2
    S~ * 1 FETCH (UID 1 *
    S~ * 2 FETCH (UID 3 *
    S~ * 3 FETCH (UID 4 *
    S~ * 4 FETCH (UID 5 *
    S~ e OK *
  )",
                  with_drafts());
}

TEST_CASE("REPLACE: with UIDONLY a message has no number") {
  WorldOptions options = with_drafts();
  options.session.capabilities.on = {"UIDONLY"};
  check_logged_in(R"(
    C: a ENABLE UIDONLY
    S~ * ENABLED *
    S~ a OK *
    C: b SELECT INBOX
    S~ ...
    S~ b OK *
    C: c REPLACE 2 INBOX {3}
    S~ c BAD [UIDREQUIRED] *
    C: d UID REPLACE 2 INBOX {3}
    S: + OK
    C: new
    S~ * OK [APPENDUID * 5] *
    S: * VANISHED 2
    S: * 4 EXISTS
    S~ ...
    S~ d OK *
  )",
                  options);
}
