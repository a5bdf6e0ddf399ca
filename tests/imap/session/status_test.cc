// STATUS (RFC 9051 §6.3.11), STATUS=SIZE (RFC 8438), MAILBOXID (RFC 8474) and STATUS as a return option of LIST
// (RFC 5819).
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// Two messages of 23 octets in foo, one in INBOX, and a name without a mailbox.
WorldOptions foo_and_bar() {
  WorldOptions options;
  options.store.default_mailboxes = {};
  options.prepare = [](const Account& account) {
    account.deliver(message("1")).value();
    const Mailbox foo = account.create_mailbox("foo").value();
    foo.append(message("1")).value();
    foo.append(message("2"), Flag::deleted | Flag::seen).value();
    account.create_mailbox("bar/below").value();
    account.remove_mailbox("bar").value();
  };
  return options;
}

}  // namespace

TEST_CASE("STATUS with every item") {
  check_logged_in(R"(
    C: a STATUS foo (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE HIGHESTMODSEQ)
    S~ * STATUS foo (MESSAGES 2 RECENT 2 UIDNEXT 3 UIDVALIDITY * UNSEEN 1 DELETED 1 SIZE 46 HIGHESTMODSEQ *)
    S~ a OK *
    C: b STATUS foo (uidnext messages)
    S: * STATUS foo (MESSAGES 2 UIDNEXT 3)
    S~ b OK *
    C: c STATUS bar (MESSAGES)
    S~ c NO [NONEXISTENT] *
    C: d STATUS nowhere (MESSAGES)
    S~ d NO [NONEXISTENT] *
    C: e STATUS foo (NOPE)
    S: e BAD Unknown STATUS item
    C: f STATUS foo ()
    S~ f BAD *
  )",
                  foo_and_bar());
}

TEST_CASE("STATUS of the selected mailbox, also while it changes") {
  check_selected(R"(
    C: a STATUS INBOX (MESSAGES UNSEEN)
    S: * STATUS INBOX (MESSAGES 1 UNSEEN 1)
    S~ a OK *
    ! flag 1 \Seen
    C: b STATUS INBOX (UNSEEN)
    S: * STATUS INBOX (UNSEEN 0)
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
    S~ b OK *
    C: c LIST "" INBOX RETURN (STATUS (MESSAGES UNSEEN SIZE))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 1 UNSEEN 0 SIZE 23)
    S~ c OK *
  )",
                 foo_and_bar());
}

TEST_CASE("LIST-STATUS: the examples of RFC 5819") {
  check_logged_in(R"(
    C: A01 LIST "" % RETURN (STATUS (MESSAGES UNSEEN))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 1 UNSEEN 1)
    S: * LIST (\Noselect \HasChildren) "/" bar
    S: * LIST (\HasNoChildren) "/" foo
    S: * STATUS foo (MESSAGES 2 UNSEEN 1)
    S: A01 OK List completed
    C: x1 SUBSCRIBE foo/baz
    S~ x1 OK *
    C: A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (STATUS (MESSAGES))
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * STATUS INBOX (MESSAGES 1)
    S: * LIST (\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: A02 OK List completed
    # A name without a mailbox has no status either.
    C: A03 LIST (SUBSCRIBED) "" foo/* RETURN (STATUS (MESSAGES))
    S: * LIST (\NonExistent \Noselect \HasNoChildren \Subscribed) "/" foo/baz
    S: A03 OK List completed
  )",
                  foo_and_bar());
}

TEST_CASE("LIST-STATUS with STATUS=SIZE: the example of RFC 8438") {
  check_logged_in(R"(
    C: A01 STATUS foo (MESSAGES SIZE UIDNEXT)
    S: * STATUS foo (MESSAGES 2 UIDNEXT 3 SIZE 46)
    S: A01 OK Status completed
    C: A02 EXAMINE foo
    S~ ...
    S~ A02 OK *
    C: A03 FETCH 1:* (RFC822.SIZE)
    S: * 1 FETCH (RFC822.SIZE 23)
    S: * 2 FETCH (RFC822.SIZE 23)
    S~ A03 OK *
    C: A04 LIST "" (INBOX foo) RETURN (STATUS (MESSAGES SIZE))
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * STATUS INBOX (MESSAGES 1 SIZE 23)
    S: * LIST (\HasNoChildren) "/" foo
    S: * STATUS foo (MESSAGES 2 SIZE 46)
    S: A04 OK List completed
  )",
                  foo_and_bar());
}

TEST_CASE("LIST-STATUS is written in steps") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    for (int i = 0; i < 200; ++i) account.create_mailbox("folder-" + std::to_string(i)).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  client.offer("a LIST \"\" * RETURN (STATUS (MESSAGES UNSEEN UIDNEXT UIDVALIDITY HIGHESTMODSEQ SIZE MAILBOXID))\r\n");
  CHECK(client.step(500).size() < 900);
  const std::string rest = client.send("", 500);
  CHECK(rest.find("* STATUS folder-99 (MESSAGES 0 UIDNEXT 1 UIDVALIDITY ") != std::string::npos);
  CHECK(rest.ends_with("a OK List completed\r\n"));
}

TEST_CASE("HIGHESTMODSEQ makes the client one that knows CONDSTORE") {
  check_selected(R"(
    C: a STATUS foo (HIGHESTMODSEQ)
    S~ * OK [HIGHESTMODSEQ *] *
    S~ * STATUS foo (HIGHESTMODSEQ *)
    S~ a OK *
    C: b LIST "" foo RETURN (STATUS (HIGHESTMODSEQ))
    S: * LIST (\HasNoChildren) "/" foo
    S~ * STATUS foo (HIGHESTMODSEQ *)
    S~ b OK *
  )",
                 foo_and_bar());
}

TEST_CASE("MAILBOXID is kept by RENAME, and never comes again") {
  const Store store = make_store(foo_and_bar());
  Client client(store);
  client.send("l LOGIN alice secret\r\n");
  const auto id = [&](const std::string& name) {
    const std::string line = client.send("a STATUS " + name + " (MAILBOXID)\r\n");
    const std::string begin = "* STATUS " + name + " (MAILBOXID (";
    REQUIRE(line.starts_with(begin));
    const std::size_t end = line.find("))\r\na OK ");
    REQUIRE(end != std::string::npos);
    return line.substr(begin.size(), end - begin.size());
  };
  const std::string foo = id("foo");
  CHECK(foo.size() < 255);
  CHECK(foo.find_first_not_of("0123456789abcdefF") == std::string::npos);
  CHECK(foo != id("INBOX"));
  client.send("b RENAME foo renamed\r\n");
  CHECK(id("renamed") == foo);
  client.send("c CREATE foo\r\n");
  CHECK(id("foo") != foo);
  client.send("d DELETE renamed\r\nd CREATE renamed\r\n");
  CHECK(id("renamed") != foo);
  // RFC 8474 §4: a renamed INBOX is a new mailbox that the messages moved to.
  const std::string inbox = id("INBOX");
  client.send("e RENAME INBOX old\r\n");
  CHECK(id("INBOX") == inbox);
  CHECK(id("old") != inbox);
}

TEST_CASE("quirk: Outlook, hMailServer, FairEmail: INBOX comes back as the client writes it") {
  check_logged_in(R"(
    C: a STATUS Inbox (MESSAGES)
    S: * STATUS Inbox (MESSAGES 1)
    S~ a OK *
    C: b LIST "" Inbox
    S: * LIST (\HasNoChildren) "/" Inbox
    S~ b OK *
    C: c LSUB "" inbox
    S: * LSUB () "/" inbox
    S~ c OK *
    C: d CREATE iNbOx/Sub
    S~ d OK *
    C: e LIST inbox/ %
    S: * LIST (\HasNoChildren) "/" inbox/Sub
    S~ e OK *
    C: f LIST "" Inbox*
    S: * LIST (\HasChildren) "/" Inbox
    S: * LIST (\HasNoChildren) "/" Inbox/Sub
    S~ f OK *
    C: g LIST "" (foo Inbox *) RETURN (STATUS (MESSAGES))
    S: * LIST (\HasChildren) "/" Inbox
    S: * STATUS Inbox (MESSAGES 1)
    S: * LIST (\HasNoChildren) "/" INBOX/Sub
    S: * STATUS INBOX/Sub (MESSAGES 0)
    S: * LIST (\Noselect \HasChildren) "/" bar
    S: * LIST (\HasNoChildren) "/" bar/below
    S: * STATUS bar/below (MESSAGES 0)
    S: * LIST (\HasNoChildren) "/" foo
    S: * STATUS foo (MESSAGES 2)
    S~ g OK *
    C: h LIST "" *x
    S: * LIST (\HasChildren) "/" INBOX
    S~ h OK *
    C: i SELECT iNBOX
    S~ ...
    S~ i OK *
  )",
                  foo_and_bar());
}
