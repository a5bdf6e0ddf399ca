// LIST with selection and return options (RFC 9051 §6.3.9, RFC 5258) and LSUB (RFC 3501 §6.3.9).
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// INBOX, which is subscribed unless it is not in the list, and these mailboxes.
WorldOptions with_mailboxes(std::vector<std::string> names, std::vector<std::string> subscribed) {
  WorldOptions options;
  options.store.default_mailboxes = {};
  options.prepare = [names = std::move(names), subscribed = std::move(subscribed)](const Account& account) {
    account.unsubscribe("INBOX").value();
    for (const std::string& name : names) account.create_mailbox(name).value();
    for (const std::string& name : subscribed) account.subscribe(name).value();
  };
  return options;
}

WorldOptions fruit() {
  return with_mailboxes({"Fruit/Apple", "Fruit/Banana", "Tofu", "Vegetable/Broccoli", "Vegetable/Corn"},
                        {"INBOX", "Fruit/Banana", "Fruit/Peach", "Vegetable", "Vegetable/Broccoli"});
}

}  // namespace

TEST_CASE("LIST-EXTENDED: examples 1 to 6 of RFC 5258") {
  check_logged_in(R"(
    C: A01 LIST "" "*"
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren) "/" Fruit/Banana
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: * LIST (\HasNoChildren) "/" Vegetable/Broccoli
    S: * LIST (\HasNoChildren) "/" Vegetable/Corn
    S: A01 OK List completed
    C: A02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\NonExistent \Noselect \HasNoChildren \Subscribed) "/" Fruit/Peach
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: A02 OK List completed
    C: A03 LIST () "" "%" RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: A03 OK List completed
    C: A04 LIST (REMOTE) "" "%" RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren) "/" Vegetable
    S: A04 OK List completed
    C: A05 LIST (REMOTE SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\NonExistent \Noselect \HasNoChildren \Subscribed) "/" Fruit/Peach
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: A05 OK List completed
    C: A06 LIST (REMOTE) "" "*" RETURN (SUBSCRIBED)
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasChildren) "/" Fruit
    S: * LIST (\HasNoChildren) "/" Fruit/Apple
    S: * LIST (\HasNoChildren \Subscribed) "/" Fruit/Banana
    S: * LIST (\HasNoChildren) "/" Tofu
    S: * LIST (\HasChildren \Subscribed) "/" Vegetable
    S: * LIST (\HasNoChildren \Subscribed) "/" Vegetable/Broccoli
    S: * LIST (\HasNoChildren) "/" Vegetable/Corn
    S: A06 OK List completed
  )",
                  fruit());
}

TEST_CASE("LIST-EXTENDED: several patterns, example 7 of RFC 5258") {
  check_logged_in(R"(
    C: BBB LIST "" ("INBOX" "Drafts" "Sent/%")
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren) "/" Drafts
    S: * LIST (\HasNoChildren) "/" Sent/August2004
    S: * LIST (\HasNoChildren) "/" Sent/December2003
    S: * LIST (\HasNoChildren) "/" Sent/March2004
    S: BBB OK List completed
    # A name comes once, however many patterns it matches.
    C: a LIST "Sent/" (A* "" %4 *August* %)
    S: * LIST (\HasNoChildren) "/" Sent/August2004
    S: * LIST (\HasNoChildren) "/" Sent/December2003
    S: * LIST (\HasNoChildren) "/" Sent/March2004
    S: a OK List completed
    C: b LIST "" ({6+}
    L: Drafts\
    C:  "")
    S: * LIST (\HasNoChildren) "/" Drafts
    S: b OK List completed
  )",
                  with_mailboxes({"Drafts", "Sent/March2004", "Sent/December2003", "Sent/August2004"}, {}));
}

TEST_CASE("LIST-EXTENDED: CHILDINFO and \\HasChildren, example 8 of RFC 5258") {
  check_logged_in(R"(
    C: CA3 LIST "" "%" RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasChildren) "/" Foo
    S: * LIST (\HasNoChildren) "/" Moo
    S: CA3 OK List completed
    C: C02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" Foo/Baz
    S: C02 OK List completed
    C: C03 LIST (SUBSCRIBED) "" "%"
    S: C03 OK List completed
    C: C04 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C04 OK List completed
    # A1: Foo is subscribed too.
    C: x1 SUBSCRIBE Foo
    S~ x1 OK *
    C: C05 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\HasChildren \Subscribed) "/" Foo ("CHILDINFO" ("SUBSCRIBED"))
    S: C05 OK List completed
    # C: Foo and Moo are, and nothing below Foo.
    C: x2 UNSUBSCRIBE Foo/Baz
    S~ x2 OK *
    C: x3 SUBSCRIBE Moo
    S~ x3 OK *
    C: C06 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%" RETURN (CHILDREN)
    S: * LIST (\HasChildren \Subscribed) "/" Foo
    S: * LIST (\HasNoChildren \Subscribed) "/" Moo
    S: C06 OK List completed
    # B: nothing is.
    C: x4 UNSUBSCRIBE Foo
    S~ x4 OK *
    C: x5 UNSUBSCRIBE Moo
    S~ x5 OK *
    C: C07 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: C07 OK List completed
    # A2: the parent does not exist.
    C: x6 SUBSCRIBE Goo/Baz/Bar
    S~ x6 OK *
    C: C08 LIST (SUBSCRIBED RECURSIVEMATCH) "" "%"
    S: * LIST (\NonExistent \Noselect \HasNoChildren) "/" Goo ("CHILDINFO" ("SUBSCRIBED"))
    S: C08 OK List completed
    C: C09 LIST (SUBSCRIBED RECURSIVEMATCH) "Goo/" "%"
    S: * LIST (\NonExistent \Noselect \HasNoChildren) "/" Goo/Baz ("CHILDINFO" ("SUBSCRIBED"))
    S: C09 OK List completed
  )",
                  with_mailboxes({"Foo/Bar", "Foo/Baz", "Moo"}, {"Foo/Baz"}));
}

TEST_CASE("LIST-EXTENDED: CHILDINFO whether or not the pattern matches the child, example 9 of RFC 5258") {
  check_logged_in(
      R"(
    C: D02 LIST (SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar222
    S: * LIST (\HasChildren \Subscribed) "/" eps2
    S: * LIST (\HasNoChildren \Subscribed) "/" eps2/mamba
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar1
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
    S: D02 OK List completed
    # All that is subscribed below baz2 and qux2 is in the answer: they would be redundant.
    C: D03 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*2"
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar222
    S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasChildren) "/" foo2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
    S: D03 OK List completed
    C: D04 LIST (RECURSIVEMATCH SUBSCRIBED) "" "*"
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar22
    S: * LIST (\HasNoChildren \Subscribed) "/" baz2/bar222
    S: * LIST (\HasChildren \Subscribed) "/" eps2 ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" eps2/mamba
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar1
    S: * LIST (\HasNoChildren \Subscribed) "/" foo2/bar2
    S: * LIST (\HasNoChildren \Subscribed) "/" qux2/bar2
    S: D04 OK List completed
  )",
      with_mailboxes(
          {"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2/mamba", "qux2/bar2"},
          {"foo2/bar1", "foo2/bar2", "baz2/bar2", "baz2/bar22", "baz2/bar222", "eps2", "eps2/mamba", "qux2/bar2"}));
}

TEST_CASE("LIST-EXTENDED: CHILDINFO does not imply \\HasChildren, example 10 of RFC 5258") {
  check_logged_in(R"(
    C: a1 LIST "" ("foo" "foo/*")
    S: * LIST (\HasNoChildren) "/" foo
    S: a1 OK List completed
    C: a2 LIST (SUBSCRIBED) "" "foo/*"
    S: * LIST (\NonExistent \Noselect \HasNoChildren \Subscribed) "/" foo/bar
    S: a2 OK List completed
    C: a3 LIST (SUBSCRIBED RECURSIVEMATCH) "" foo RETURN (CHILDREN)
    S: * LIST (\HasNoChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: a3 OK List completed
    # Both criteria: nothing is both.
    C: a4 LIST (SUBSCRIBED SPECIAL-USE RECURSIVEMATCH) "" *
    S: a4 OK List completed
  )",
                  with_mailboxes({"foo"}, {"foo/bar"}));
}

TEST_CASE("RECURSIVEMATCH among names that sort between a parent and its children") {
  check_logged_in(R"(
    C: a LIST (SUBSCRIBED RECURSIVEMATCH) "" %
    S: * LIST (\HasChildren) "/" INBOX ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasChildren \Subscribed) "/" a ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\NonExistent \Noselect \HasNoChildren) "/" "a b" ("CHILDINFO" ("SUBSCRIBED"))
    S: * LIST (\HasNoChildren \Subscribed) "/" a-c
    S: * LIST (\HasNoChildren \Subscribed) "/" ab
    S~ a OK *
    C: b LIST (SUBSCRIBED RECURSIVEMATCH) "a/" %
    S: * LIST (\HasChildren) "/" a/b ("CHILDINFO" ("SUBSCRIBED"))
    S~ b OK *
    C: c LSUB "" %
    S: * LSUB (\Noselect) "/" INBOX
    S: * LSUB () "/" a
    S: * LSUB (\Noselect) "/" "a b"
    S: * LSUB () "/" a-c
    S: * LSUB () "/" ab
    S~ c OK *
  )",
                  with_mailboxes({"a/b/c", "a-c", "ab", "INBOX/x"}, {"a", "a/b/c", "a b/x", "a-c", "ab", "inbox/x"}));
}

TEST_CASE("LIST: what is no option is BAD, the connection goes on") {
  check_logged_in(R"(
    C: a LIST (RECURSIVEMATCH) "" %
    S: a BAD RECURSIVEMATCH needs another selection option
    C: b LIST (REMOTE RECURSIVEMATCH) "" %
    S: b BAD RECURSIVEMATCH needs another selection option
    C: c LIST (NOPE) "" %
    S: c BAD Unknown LIST selection option
    C: d LIST "" % RETURN (NOPE)
    S: d BAD Unknown LIST return option
    C: e LIST "" % RETURN (STATUS (NOPE))
    S: e BAD Unknown STATUS item
    C: f LIST (SUBSCRIBED SUBSCRIBED) "" INBOX RETURN (CHILDREN SUBSCRIBED CHILDREN)
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S~ f OK *
  )",
                  fruit());
}

TEST_CASE("LIST: the empty name asks for the separator in the basic syntax alone") {
  check_logged_in(R"(
    C: a LIST "" ""
    S: * LIST (\Noselect) "/" ""
    S~ a OK *
    C: b LIST "Fruit/" ""
    S: * LIST (\Noselect) "/" ""
    S~ b OK *
    C: c LIST () "" ""
    S~ c OK *
    C: d LIST "" ("")
    S~ d OK *
    C: e LIST "Fruit/" "" RETURN (CHILDREN)
    S~ e OK *
    C: f LIST "" ("" Tofu)
    S: * LIST (\HasNoChildren) "/" Tofu
    S~ f OK *
  )",
                  fruit());
}

TEST_CASE("LIST: a pattern that is no encoding of a name matches nothing") {
  check_logged_in(R"(
    C: a LIST "" R&D*
    S~ a OK *
    C: b LIST "" (R&D* Tofu)
    S: * LIST (\HasNoChildren) "/" Tofu
    S~ b OK *
    C: c LSUB "" &
    S~ c OK *
  )",
                  fruit());
}

TEST_CASE("LIST: a name that nothing can lie below") {
  std::string deep = "d";
  for (int level = 2; level <= 64; ++level) deep += "/d";
  WorldOptions options = with_mailboxes({deep}, {});
  const Store store = make_store(options);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  CHECK(client.send("a LIST \"\" " + deep + "\r\n") ==
        "* LIST (\\Noinferiors \\HasNoChildren) \"/\" " + deep + "\r\na OK List completed\r\n");
  CHECK(client.send("b CREATE " + deep + "/d\r\n").starts_with("b NO [CANNOT]"));
  deep.resize(deep.size() - 2);
  CHECK(client.send("c LIST \"\" " + deep + "\r\n") ==
        "* LIST (\\HasChildren) \"/\" " + deep + "\r\nc OK List completed\r\n");
}

TEST_CASE("LIST: too many patterns are refused") {
  const WorldOptions options = fruit();
  const Store store = make_store(options);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  std::string patterns;
  for (int i = 0; i < 1000; ++i) patterns += "n" + std::to_string(i) + ' ';
  CHECK(client.send("a LIST \"\" (" + patterns + "\"\")\r\n") == "a OK List completed\r\n");
  CHECK(client.send("b LIST \"\" (" + patterns + "Tofu)\r\n") == "b NO [LIMIT] Too many mailbox patterns\r\n");
  std::string bombs;
  for (int i = 0; i < 10; ++i) {
    for (int k = 0; k < 900; ++k) bombs += "*x";
    bombs += ' ';
  }
  CHECK(client.send("c LIST \"\" (" + bombs + "Tofu)\r\n") == "c NO [LIMIT] Too many mailbox patterns\r\n");
}

TEST_CASE("LIST-EXTENDED and LIST-STATUS can be switched off") {
  WorldOptions options = fruit();
  options.session.capabilities.off = {"LIST-EXTENDED", "LIST-STATUS", "SPECIAL-USE", "XLIST"};
  check_logged_in(R"(
    C: a LIST (SUBSCRIBED) "" *
    S: a BAD LIST-EXTENDED is not supported
    C: b LIST "" (INBOX)
    S: b BAD LIST-EXTENDED is not supported
    C: c LIST "" * RETURN (STATUS (MESSAGES))
    S: c BAD LIST-STATUS is not supported
    C: d LIST (SPECIAL-USE) "" *
    S: d BAD SPECIAL-USE is not supported
    C: e XLIST "" *
    S: e BAD Unknown command
    C: f LIST "" Tofu
    S: * LIST (\HasNoChildren) "/" Tofu
    S~ f OK *
  )",
                  options);
}

TEST_CASE("quirk: Outlook subscribes to names that can't be selected, Thunderbird needs to see that they can't") {
  check_logged_in(R"(
    C: a DELETE Fruit
    S~ a OK *
    C: b SUBSCRIBE Fruit
    S: b OK Subscribe completed
    C: c SUBSCRIBE "No such mailbox"
    S: c OK Subscribe completed
    C: d LSUB "" *
    S: * LSUB () "/" INBOX
    S: * LSUB (\Noselect) "/" Fruit
    S: * LSUB () "/" Fruit/Banana
    S: * LSUB (\Noselect) "/" Fruit/Peach
    S: * LSUB (\Noselect) "/" "No such mailbox"
    S: * LSUB () "/" Vegetable
    S: * LSUB () "/" Vegetable/Broccoli
    S~ d OK *
    # RFC 3501 §6.3.9: a '%' stands for the parent of a name that is subscribed.
    C: e UNSUBSCRIBE Fruit
    S~ e OK *
    C: f LSUB "" %
    S: * LSUB () "/" INBOX
    S: * LSUB (\Noselect) "/" Fruit
    S: * LSUB (\Noselect) "/" "No such mailbox"
    S: * LSUB () "/" Vegetable
    S~ f OK *
    C: g LSUB "" F%
    S: * LSUB (\Noselect) "/" Fruit
    S~ g OK *
    C: h LSUB "" F*
    S: * LSUB () "/" Fruit/Banana
    S: * LSUB (\Noselect) "/" Fruit/Peach
    S~ h OK *
  )",
                  fruit());
}

TEST_CASE("quirk: Thunderbird subscribes by itself after CREATE and RENAME") {
  check_logged_in(R"(
    C: a CREATE Nuts
    S~ a OK *
    C: b LSUB "" Nuts
    S~ b OK *
    C: c SUBSCRIBE Nuts
    S~ c OK *
    # RFC 9051 §6.3.6: a subscription stays with the name.
    C: d RENAME Nuts Kernels
    S~ d OK *
    C: e LIST (SUBSCRIBED) "" (Nuts Kernels)
    S: * LIST (\NonExistent \Noselect \HasNoChildren \Subscribed) "/" Nuts
    S~ e OK *
    C: f SUBSCRIBE Kernels
    S~ f OK *
    C: g UNSUBSCRIBE Nuts
    S~ g OK *
    C: h LSUB "" (
    S~ h BAD *
    C: i LIST (SUBSCRIBED) "" (Nuts Kernels)
    S: * LIST (\HasNoChildren \Subscribed) "/" Kernels
    S~ i OK *
  )",
                  fruit());
}
