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
    S: * LIST (\HasNoChildren) "/" INBOX
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
    C: l CREATE Mine (USE (\Sent))
    S: l BAD USE is not supported
  )");
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
    S: * STATUS INBOX (MESSAGES 2 RECENT 0 UIDNEXT 3 UNSEEN 2)
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
