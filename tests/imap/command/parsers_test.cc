// The parsers of all commands but APPEND, FETCH and SEARCH, which have files of their own.
#include <catch2/catch.hpp>
#include <string>

#include "imap/command/authenticate.h"
#include "imap/command/copy.h"
#include "imap/command/enable.h"
#include "imap/command/head.h"
#include "imap/command/id.h"
#include "imap/command/login.h"
#include "imap/command/mailbox.h"
#include "imap/command/select.h"
#include "imap/command/status.h"
#include "imap/command/store.h"

namespace {

using namespace postfach;
using namespace postfach::imap;
using namespace std::string_literals;

// Arguments as they stand behind the name: with the leading space.
auto parse(const auto& parser, const std::string& arguments) {
  Scanner in(arguments);
  auto result = parser(in);
  INFO(arguments);
  CHECK(static_cast<bool>(result) == in.error().empty());
  return result;
}

}  // namespace

TEST_CASE("head: tag and name") {
  const auto head = [](const std::string& text) {
    Scanner in(text);
    const auto result = parse_head(in);
    if (!result) return "error: " + std::string(in.error());
    return std::string(result->tag) + "|" + result->name + "|" + std::string(in.rest());
  };
  CHECK(head("a NOOP") == "a|NOOP|");
  CHECK(head("A001.x]} fetch 1 FLAGS") == "A001.x]}|FETCH| 1 FLAGS");
  CHECK(head("a uid Fetch 1 FLAGS") == "a|UID FETCH| 1 FLAGS");
  CHECK(head("a X-UNKNOWN y") == "a|X-UNKNOWN| y");
  CHECK(head("") == "error: Invalid tag");
  CHECK(head(" NOOP") == "error: Invalid tag");
  CHECK(head("+ NOOP") == "error: Invalid tag");
  CHECK(head("* NOOP") == "error: Invalid tag");
  CHECK(head("a\tNOOP") == "error: Invalid tag");
  CHECK(head("\xC3\xA4 NOOP") == "error: Invalid tag");
  CHECK(head(std::string(300, 'a') + " NOOP") == "error: Invalid tag");
  CHECK(head("a") == "error: Missing command");
  CHECK(head("a ") == "error: Missing command");
  CHECK(head("a (") == "error: Atom expected");
  CHECK(head("a UID") == "error: Missing argument");
  CHECK(head("a " + std::string(1000, 'x')) == "error: Name too long");

  CHECK(tag_of("a1 NO") == "a1");
  CHECK(tag_of("a1") == "a1");
  CHECK(tag_of("(a").empty());
  CHECK(tag_of("a\"b c").empty());
}

TEST_CASE("commands without arguments") {
  CHECK(parse(parse_no_arguments, ""));
  CHECK(parse(parse_no_arguments, " "));
  CHECK_FALSE(parse(parse_no_arguments, " x"));
  CHECK_FALSE(parse(parse_no_arguments, "("));
}

TEST_CASE("LOGIN and AUTHENTICATE") {
  const auto login = parse(parse_login, " {5}\r\nalice \"p\\\"w d\"");
  REQUIRE(login);
  CHECK(login->user == "alice");
  CHECK(login->password == "p\"w d");
  for (const char* text : {"", " ", " alice", " alice ", " alice pw x", " alice  pw"}) {
    CHECK_FALSE(parse(parse_login, text));
  }

  const auto plain = parse(parse_authenticate, " plain");
  REQUIRE(plain);
  CHECK(plain->mechanism == "PLAIN");
  CHECK_FALSE(plain->initial);
  CHECK(parse(parse_authenticate, " PLAIN AGEAYg==")->initial == "AGEAYg==");
  CHECK(parse(parse_authenticate, " EXTERNAL =")->initial == "");
  for (const char* text : {"", " ", " PLAIN a b", " PLAIN !", " PLAIN \"YQ==\"", " (PLAIN)"}) {
    CHECK_FALSE(parse(parse_authenticate, text));
  }
}

TEST_CASE("commands on mailbox names") {
  CHECK(parse(parse_select, " inbox")->mailbox == "INBOX");
  CHECK(parse(parse_select, " \"a b\" ")->mailbox == "a b");
  for (const char* text : {"", " ", " a b", " &", " (a)"}) CHECK_FALSE(parse(parse_select, text));

  CHECK(parse(parse_mailbox, " {1}\r\nx") == "x");
  CHECK_FALSE(parse(parse_mailbox, " x y"));

  const auto rename = parse(parse_rename, " a \"b c\"");
  REQUIRE(rename);
  CHECK(rename->from == "a");
  CHECK(rename->to == "b c");
  CHECK_FALSE(parse(parse_rename, " a"));
}

TEST_CASE("CREATE with special use") {
  CHECK(parse(parse_create, " Sent/")->mailbox == "Sent/");
  const auto create = parse(parse_create, " x (USE (\\sent \\Sent \\Drafts))");
  REQUIRE(create);
  CHECK(create->uses == std::vector{SpecialUse::sent, SpecialUse::drafts});
  CHECK_FALSE(create->has_unknown_use);
  CHECK(parse(parse_create, " x (USE (\\Nope))")->has_unknown_use);
  CHECK(parse(parse_create, " x (USE ())")->uses.empty());
  CHECK(parse(parse_create, " x (USE ())")->has_use);
  CHECK_FALSE(parse(parse_create, " x")->has_use);
  for (const char* text :
       {"", " x ()", " x (USE)", " x (USE \\Sent)", " x (USE (Sent))", " x (OTHER)", " x (USE (\\Sent)"}) {
    CHECK_FALSE(parse(parse_create, text));
  }
}

TEST_CASE("STATUS") {
  const auto status = parse(parse_status, " INBOX (messages UIDNEXT uidvalidity UNSEEN RECENT)");
  REQUIRE(status);
  CHECK(status->items ==
        StatusItems{.messages = true, .recent = true, .uid_next = true, .uid_validity = true, .unseen = true});
  CHECK(parse(parse_status, " x (SIZE DELETED)")->items == StatusItems{.deleted = true, .size = true});
  CHECK(parse(parse_status, " x (HIGHESTMODSEQ mailboxid)")->items ==
        StatusItems{.highest_modseq = true, .mailbox_id = true});
  CHECK(parse(parse_status, " inBox (SIZE)")->mailbox == "inBox");
  for (const char* text :
       {"", " x", " x ()", " x MESSAGES", " x (MESSAGES", " x (NOPE)", " x (MESSAGES  UNSEEN)", " x (UIDNEXTX)"}) {
    CHECK_FALSE(parse(parse_status, text));
  }
}

TEST_CASE("STORE") {
  const auto store = parse(parse_store, " 1:* +FLAGS.SILENT (\\Seen x)");
  REQUIRE(store);
  CHECK(store->change == FlagChange::add);
  CHECK(store->silent);
  CHECK(store->flags == FlagList{Flag::seen, {"x"}});
  CHECK(parse(parse_store, " 1 flags ()")->change == FlagChange::set);
  CHECK(parse(parse_store, " 1 -FLAGS \\Deleted \\Seen")->change == FlagChange::remove);
  for (const char* text : {"", " 1", " 1 FLAGS", " 1 FLAGS ", " 1 *FLAGS ()", " 1 +FLAGSX ()", " 1 FLAGS (\\Seen) x",
                           " 0 FLAGS ()", " 1 FLAGS (\\Bogus)", " 1 FLAGS.LOUD ()"}) {
    CHECK_FALSE(parse(parse_store, text));
  }
}

TEST_CASE("COPY, MOVE and UID EXPUNGE") {
  const auto copy = parse(parse_copy, " 2:4,7 Trash");
  REQUIRE(copy);
  CHECK(copy->messages.numbers().to_string() == "2:4,7");
  CHECK(copy->mailbox == "Trash");
  for (const char* text : {"", " 1", " 1 ", " x Trash", " 1 a b"}) CHECK_FALSE(parse(parse_copy, text));
  CHECK(parse(parse_uid_expunge, " 3:*")->has_star());
  CHECK_FALSE(parse(parse_uid_expunge, ""));
}

TEST_CASE("ID") {
  CHECK(parse(parse_id, " NIL")->fields.empty());
  CHECK(parse(parse_id, " ()")->fields.empty());
  const auto id = parse(parse_id, " (\"name\" \"x\" \"version\" NIL \"os\" {1}\r\ny)");
  REQUIRE(id);
  REQUIRE(id->fields.size() == 3);
  CHECK(id->fields[0].second == "x");
  CHECK_FALSE(id->fields[1].second);
  CHECK(id->fields[2].second == "y");
  for (const char* text : {"", " x", " (\"a\")", " (a \"b\")", " (\"a\" \"b\"", " (NIL NIL)"})
    CHECK_FALSE(parse(parse_id, text));

  std::string many = " (\"n\" \"v\"";
  for (int i = 0; i < 100; ++i) many += " \"n\" \"" + std::string(2000, 'v') + "\"";
  const auto capped = parse(parse_id, many + ")");
  REQUIRE(capped);
  CHECK(capped->fields.size() == Id::kMaxPairs);
  CHECK(capped->fields.back().second->size() == Id::kMaxValue);
}

TEST_CASE("ENABLE") {
  CHECK(parse(parse_enable, " condstore X-Y CONDSTORE") == std::vector<std::string>{"CONDSTORE", "X-Y"});
  CHECK_FALSE(parse(parse_enable, ""));
  CHECK_FALSE(parse(parse_enable, " ("));
}
