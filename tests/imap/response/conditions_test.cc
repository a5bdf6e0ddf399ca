#include "imap/response/conditions.h"

#include <catch2/catch.hpp>
#include <string>

using namespace postfach;
using namespace postfach::imap;

TEST_CASE("status responses") {
  std::string out;
  append_tagged(out, "a1", Condition::ok, "READ-WRITE", "SELECT completed");
  append_tagged(out, "a2", Condition::bad, {}, "Unknown command");
  append_untagged(out, Condition::bye, {}, "Goodbye");
  append_untagged(out, Condition::no, {}, "a\r\nb [x]");
  append_untagged(out, Condition::preauth, {}, "");
  append_continuation(out, "idling");
  append_continuation(out, "");
  CHECK(out ==
        "a1 OK [READ-WRITE] SELECT completed\r\n"
        "a2 BAD Unknown command\r\n"
        "* BYE Goodbye\r\n"
        "* NO a??b [x]\r\n"
        "* PREAUTH -\r\n"
        "+ idling\r\n"
        "+ \r\n");
}

TEST_CASE("response codes with arguments") {
  CHECK(code_number("UIDNEXT", 4294967295U) == "UIDNEXT 4294967295");
  CHECK(code_append_uid({.uid_validity = 38505, .uids = {3955}}) == "APPENDUID 38505 3955");
  CHECK(code_append_uid({.uid_validity = 1, .uids = {7, 8, 9}}) == "APPENDUID 1 7:9");
  UidSet source = UidSet::of(304, 304);
  source.add(319, 320);
  CHECK(code_copy_uid({.uid_validity = 38505, .source = source, .destination = UidSet::of(3956, 3958)}) ==
        "COPYUID 38505 304,319:320 3956:3958");
  CHECK(code_copy_uid({}).empty());
  CHECK(code_permanent_flags(Flag::seen | Flag::draft, {"$Junk", "x y"}, true) ==
        "PERMANENTFLAGS (\\Seen \\Draft $Junk \\*)");
  CHECK(code_permanent_flags({}, {}, false) == "PERMANENTFLAGS ()");
  CHECK(code_permanent_flags({}, {}, true) == "PERMANENTFLAGS (\\*)");
  CHECK(code_in_progress("A142", 175, 1050) == "INPROGRESS (\"A142\" 175 1050)");
}

TEST_CASE("errors of the store are NO with a code that a client can act on") {
  struct Row {
    Errc code;
    const char* expected;
  };
  for (const Row& row :
       {Row{Errc::invalid_argument, "CANNOT"}, Row{Errc::not_found, "NONEXISTENT"},
        Row{Errc::already_exists, "ALREADYEXISTS"}, Row{Errc::not_permitted, "CANNOT"},
        Row{Errc::auth_failed, "AUTHENTICATIONFAILED"}, Row{Errc::over_quota, "OVERQUOTA"}, Row{Errc::limit, "LIMIT"},
        Row{Errc::in_use, "INUSE"}, Row{Errc::unavailable, "UNAVAILABLE"}, Row{Errc::corrupt, "CORRUPTION"},
        Row{Errc::newer_schema, "UNAVAILABLE"}, Row{Errc::internal, "SERVERBUG"}}) {
    const Reply reply = reply_for(row.code);
    CHECK(reply.condition == Condition::no);
    CHECK(reply.code == row.expected);
    CHECK_FALSE(reply.text.empty());
  }
}
