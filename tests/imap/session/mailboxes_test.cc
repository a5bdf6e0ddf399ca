#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("LIST: INBOX first, special use without being asked for") {
  check_logged_in(R"(
    C: a LIST "" *
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Archive) "/" Archive
    S: * LIST (\HasNoChildren \Drafts) "/" Drafts
    S: * LIST (\HasNoChildren \Junk) "/" Junk
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S~ a OK *
    C: b LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S~ b OK *
    C: c LIST "" inbox
    S: * LIST (\HasNoChildren) "/" inbox
    S~ c OK *
    C: d LIST (SPECIAL-USE) "" "S%" RETURN (CHILDREN)
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S~ d OK *
  )");
}

TEST_CASE("LIST: wildcards, references and children") {
  check_logged_in(R"(
    C: a CREATE a/b/c
    S~ a OK *
    C: b LIST "" a%
    S: * LIST (\HasChildren) "/" a
    S~ b OK *
    C: c LIST "a/" %
    S: * LIST (\HasChildren) "/" a/b
    S~ c OK *
    C: d LIST a *c
    S: * LIST (\HasNoChildren) "/" a/b/c
    S~ d OK *
    C: e LIST "" nothing
    S~ e OK *
  )");
}

TEST_CASE("CREATE, RENAME, DELETE") {
  check_logged_in(R"(
    C: a CREATE Work/
    S~ a OK *
    C: b CREATE Work
    S~ b NO [ALREADYEXISTS] *
    C: c CREATE inbox
    S~ c NO [ALREADYEXISTS] *
    C: d RENAME Work Job
    S~ d OK *
    C: e LIST "" Wor%
    S~ e OK *
    C: f LIST "" Jo%
    S: * LIST (\HasNoChildren) "/" Job
    S~ f OK *
    C: g RENAME Nowhere There
    S~ g NO [NONEXISTENT] *
    C: h RENAME Job Trash
    S~ h NO [ALREADYEXISTS] *
    C: i DELETE Job
    S~ i OK *
    C: j DELETE Job
    S~ j NO [NONEXISTENT] *
    C: k DELETE INBOX
    S~ k NO [CANNOT] *
    # RFC 9051 §6.3.4: a mailbox that comes again is another one.
    C: l CREATE Again
    S~ l OK *
    C: m CREATE owatagusiam/
    S~ m OK *
    C: n CREATE owatagusiam/blurdybloop
    S~ n OK *
    C: o LIST "" o*
    S: * LIST (\HasChildren) "/" owatagusiam
    S: * LIST (\HasNoChildren) "/" owatagusiam/blurdybloop
    S~ o OK *
  )");
}

TEST_CASE("RENAME: the examples of RFC 9051, parents are made, children come along") {
  WorldOptions options;
  options.store.default_mailboxes = {};
  check_logged_in(R"(
    C: a CREATE foo/bar/zap
    S~ a OK *
    C: b DELETE foo
    S~ b OK *
    C: c RENAME foo zowie
    S: c OK Rename completed
    C: d LIST "" *
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\Noselect \HasChildren) "/" zowie
    S: * LIST (\HasChildren) "/" zowie/bar
    S: * LIST (\HasNoChildren) "/" zowie/bar/zap
    S~ d OK *
    C: e RENAME zowie/bar/zap baz/rag/zowie/
    S: e OK Rename completed
    C: f LIST "" *
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasChildren) "/" baz
    S: * LIST (\HasChildren) "/" baz/rag
    S: * LIST (\HasNoChildren) "/" baz/rag/zowie
    S: * LIST (\Noselect \HasChildren) "/" zowie
    S: * LIST (\HasNoChildren) "/" zowie/bar
    S~ f OK *
    C: g RENAME baz baz/rag/below
    S~ g NO [CANNOT] *
    C: h RENAME baz inBox
    S~ h NO [ALREADYEXISTS] *
    C: i RENAME baz a//b
    S~ i NO [CANNOT] *
    # RFC 9051 §6.3.5: a name without a mailbox goes once nothing is below it.
    C: j DELETE zowie
    S~ j NO [CANNOT] *
    C: k DELETE zowie/bar
    S~ k OK *
    C: l DELETE zowie
    S~ l OK *
    C: m LIST "" z*
    S~ m OK *
  )",
                  options);
}

TEST_CASE("RENAME of INBOX, which is selected") {
  check_selected(R"(
    C: a CREATE INBOX/bar
    S~ a OK *
    C: b RENAME INBOX old-mail
    S: * 2 EXPUNGE
    S: * 1 EXPUNGE
    S: b OK Rename completed
    C: c LIST "" (INBOX* old-mail) RETURN (STATUS (MESSAGES UIDNEXT))
    S: * LIST (\HasChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 0 UIDNEXT 3)
    S: * LIST (\HasNoChildren) "/" INBOX/bar
    S: * STATUS INBOX/bar (MESSAGES 0 UIDNEXT 1)
    S: * LIST (\HasNoChildren) "/" old-mail
    S: * STATUS old-mail (MESSAGES 2 UIDNEXT 3)
    S~ c OK *
    ! deliver 3
    C: d NOOP
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ d OK *
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("RENAME of the selected mailbox: it stays selected") {
  check_logged_in(R"(
    C: a APPEND Archive {n+}
    L: Subject: x
    L:
    C:
    S~ a OK *
    C: b SELECT Archive
    S~ ...
    S~ b OK *
    C: c RENAME Archive Old/Archive
    S: c OK Rename completed
    C: d FETCH 1 UID
    S: * 1 FETCH (UID 1)
    S~ d OK *
    C: e STATUS Old/Archive (MESSAGES)
    S: * STATUS Old/Archive (MESSAGES 1)
    S~ e OK *
    C: f DELETE Old/Archive
    S: f OK Delete completed
    C: g FETCH 1 UID
    S: g BAD No mailbox is selected
  )");
}

TEST_CASE("names that attack: each is a name and nothing else, or refused") {
  WorldOptions options;
  options.store.default_mailboxes = {};
  const Store store = make_store(options);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  const auto literal = [](const std::string& text) { return "{" + std::to_string(text.size()) + "+}\r\n" + text; };
  std::string deep = "d";
  for (int level = 2; level <= 1000; ++level) deep += "/d";
  const std::string refused[] = {
      "/x", "x//y", "//", "/", "", std::string(1001, 'n'), std::string(10'000, 'n'), std::string(256, 'n'), deep};
  for (const std::string& name : refused) {
    CAPTURE(name);
    CHECK(client.send("a CREATE " + literal(name) + "\r\n").starts_with("a NO [CANNOT]"));
  }
  // Not an encoding of a name: unterminated, not canonical, an unpaired surrogate, a control character, 8-bit, NUL.
  for (const char* name : {"&", "a&b", "&AGE-", "&2AA-", "&AAo-x", "\xC3\xBC", "&AOQ", "&AAA-", "&-&"}) {
    CAPTURE(name);
    const std::string answer = client.send("a CREATE " + literal(name) + "\r\n");
    const bool is_refused = answer.starts_with("a BAD ") || answer.starts_with("a NO [CANNOT]");
    CHECK(is_refused);
  }
  const std::string taken[] = {"..",     "../../etc/passwd",           "%00",  "x%", "*",   "~root",
                               "#news",  "x'; DROP TABLE mailbox; --", "a\\b", "\"", "NIL", "x y",
                               "INBOX.a"};
  for (const std::string& name : taken) {
    CAPTURE(name);
    CHECK(client.send("a CREATE " + literal(name) + "\r\n").starts_with("a OK"));
    CHECK(client.send("a STATUS " + literal(name) + " (MESSAGES)\r\n").find(" (MESSAGES 0)\r\na OK") !=
          std::string::npos);
    CHECK(client.send("a DELETE " + literal(name) + "\r\n").starts_with("a OK"));
  }
  CHECK(client.send("b LIST \"\" *\r\n") ==
        "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST (\\HasChildren) \"/\" ..\r\n"
        "* LIST (\\HasChildren) \"/\" ../..\r\n* LIST (\\HasNoChildren) \"/\" ../../etc\r\nb OK List completed\r\n");
}

TEST_CASE("a mailbox with children is deleted, its name stays") {
  check_logged_in(R"(
    C: a CREATE p/q
    S~ a OK *
    C: b DELETE p
    S~ b OK *
    C: c LIST "" p*
    S: * LIST (\Noselect \HasChildren) "/" p
    S: * LIST (\HasNoChildren) "/" p/q
    S~ c OK *
    C: d SELECT p
    S~ d NO [NONEXISTENT] *
    C: e DELETE p
    S~ e NO [CANNOT] *
  )");
}

TEST_CASE("names are modified UTF-7 on the wire and nothing but a name") {
  check_logged_in(R"(
    C: a CREATE "Entw&APw-rfe"
    S~ a OK *
    C: b LIST "" Entw*
    S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
    S~ b OK *
    C: c SELECT "Entw&APw-rfe"
    S~ ...
    S~ c OK *
    C: d CREATE "&AGE-"
    S~ d BAD *
    C: e CREATE "../../etc"
    S~ e *
    C: f CREATE {n+}
    L: a
    L: b\
    C:
    S~ f *
    C: g NOOP
    S~ g OK *
  )");
}

TEST_CASE("subscriptions and LSUB") {
  check_logged_in(R"(
    C: a UNSUBSCRIBE Archive
    S~ a OK *
    C: a UNSUBSCRIBE Drafts
    S~ a OK *
    C: a UNSUBSCRIBE Junk
    S~ a OK *
    C: a UNSUBSCRIBE Trash
    S~ a OK *
    C: b SUBSCRIBE gone/box
    S~ b OK *
    C: c SUBSCRIBE inbox
    S~ c OK *
    C: d LSUB "" *
    S: * LSUB () "/" INBOX
    S: * LSUB (\Sent) "/" Sent
    S: * LSUB (\Noselect) "/" gone/box
    S~ d OK *
    C: e LSUB "" %
    S: * LSUB () "/" INBOX
    S: * LSUB (\Sent) "/" Sent
    S: * LSUB (\Noselect) "/" gone
    S~ e OK *
    C: f LSUB "gone/" %
    S: * LSUB (\Noselect) "/" gone/box
    S~ f OK *
  )");
}

TEST_CASE("STATUS, of the selected mailbox too") {
  check_selected(R"(
    C: a STATUS inbox (MESSAGES UNSEEN UIDNEXT RECENT)
    S: * STATUS inbox (MESSAGES 2 RECENT 0 UIDNEXT 3 UNSEEN 2)
    S~ a OK *
    C: b STATUS Trash (MESSAGES UIDVALIDITY)
    S~ * STATUS Trash (MESSAGES 0 UIDVALIDITY *)
    S~ b OK *
    C: c STATUS Nowhere (MESSAGES)
    S~ c NO [NONEXISTENT] *
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("ID, NAMESPACE, ENABLE") {
  WorldOptions options;
  options.session.id = {{"name", "postfach"}, {"vendor", "test"}};
  check_logged_in(R"(
    C: a ID ("name" "Thunderbird" "version" NIL)
    S: * ID ("name" "postfach" "vendor" "test")
    S~ a OK *
    C: b NAMESPACE
    S: * NAMESPACE (("" "/")) NIL NIL
    S~ b OK *
    C: c ENABLE X-FOO
    S: * ENABLED
    S~ c OK *
  )",
                  options);
}

TEST_CASE("a long LIST is written in steps and wildcard bombs end") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    for (int i = 0; i < 200; ++i) account.create_mailbox("folder-" + std::to_string(i)).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  client.offer("a LIST \"\" *\r\n");
  const std::string first = client.step(500);
  CHECK(first.size() < 700);
  const std::string rest = client.send("");
  CHECK(rest.find("folder-99") != std::string::npos);
  CHECK(rest.find("a OK") != std::string::npos);

  std::string bomb;
  for (int i = 0; i < 1000; ++i) bomb += "%*f";
  CHECK(client.send("b LIST \"\" \"" + bomb + "\"\r\n") == "b OK List completed\r\n");
}
