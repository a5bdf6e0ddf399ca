#include "imap/command/select.h"

#include <catch2/catch.hpp>
#include <string>

#include "imap/command/fetch.h"
#include "imap/command/status.h"
#include "imap/command/store.h"

using namespace postfach;
using namespace postfach::imap;

namespace {

// Arguments as they stand behind the name: with the leading space.
auto parse(const auto& parser, const std::string& arguments) {
  Scanner in(arguments);
  auto result = parser(in);
  INFO(arguments);
  CHECK(static_cast<bool>(result) == in.error().empty());
  return result;
}

}  // namespace

TEST_CASE("SELECT and its parameters") {
  const auto plain = parse(parse_select, " \"a b\" ");
  REQUIRE(plain);
  CHECK(plain->mailbox == "a b");
  CHECK(plain->inbox_as_written.empty());
  CHECK_FALSE(plain->condstore);
  CHECK_FALSE(plain->resync);
  CHECK(parse(parse_select, " INBOX")->inbox_as_written.empty());
  CHECK(parse(parse_select, " {5}\r\ninBox")->inbox_as_written == "inBox");
  CHECK(parse(parse_select, " x (condstore)")->condstore);

  const auto resync = parse(parse_select, " x (QRESYNC (67890007 90060115194045000 41:211,214:541) CONDSTORE)");
  REQUIRE(resync);
  CHECK(resync->condstore);
  REQUIRE(resync->resync);
  CHECK(resync->resync->uid_validity == 67890007);
  CHECK(resync->resync->modseq == 90060115194045000);
  REQUIRE(resync->resync->uids);
  CHECK(resync->resync->uids->to_string() == "41:211,214:541");
  CHECK(resync->resync->match_numbers.empty());

  const auto match = parse(parse_select, " x (QRESYNC (1 2 1:29997 (5000,9990:9992 15000,29970,29973,29976)))");
  REQUIRE(match);
  CHECK(match->resync->match_numbers.to_string() == "5000,9990:9992");
  CHECK(match->resync->match_uids.to_string() == "15000,29970,29973,29976");
  const auto all = parse(parse_select, " x (QRESYNC (1 0 (1 5)))");
  REQUIRE(all);
  CHECK_FALSE(all->resync->uids);
  CHECK(all->resync->match_uids == UidSet::of(5, 5));

  for (const char* text : {" x (",
                           " x ()",
                           " x (CONDSTORE",
                           " x (CONDSTORE )",
                           " x (FOO)",
                           " x CONDSTORE",
                           " x (CONDSTORE) y",
                           " x (QRESYNC 1 2)",
                           " x (QRESYNC ())",
                           " x (QRESYNC (1))",
                           " x (QRESYNC (0 1))",
                           " x (QRESYNC (4294967296 1))",
                           " x (QRESYNC (1 9223372036854775808))",
                           " x (QRESYNC (1 2 *))",
                           " x (QRESYNC (1 2 1:*))",
                           " x (QRESYNC (1 2 ))",
                           " x (QRESYNC (1 2 1 ))",
                           " x (QRESYNC (1 2 (1)))",
                           " x (QRESYNC (1 2 (1:2 7)))",
                           " x (QRESYNC (1 2 (1 *)))",
                           " x (QRESYNC (1 2 (1 1) 1))",
                           " x (QRESYNC (1 2) QRESYNC (1 2))"}) {
    CHECK_FALSE(parse(parse_select, text));
  }
}

TEST_CASE("modifiers of FETCH and STORE") {
  const auto fetch = parse(parse_fetch, " 1:* (FLAGS MODSEQ) (changedsince 0 VANISHED) ");
  REQUIRE(fetch);
  CHECK(fetch->items == FetchItems{.flags = true, .modseq = true});
  CHECK(fetch->modifiers == FetchModifiers{.changed_since = 0, .vanished = true});
  CHECK(parse(parse_fetch, " 1 ALL (CHANGEDSINCE 9223372036854775807)")->modifiers.changed_since == INT64_MAX);
  CHECK(parse(parse_fetch, " 1 FLAGS ")->modifiers == FetchModifiers());
  for (const char* text : {" 1 FLAGS ()", " 1 FLAGS (CHANGEDSINCE)", " 1 FLAGS (CHANGEDSINCE x)", " 1 FLAGS (FOO)",
                           " 1 FLAGS (CHANGEDSINCE 1", " 1 FLAGS (CHANGEDSINCE 1) (VANISHED)", " 1 FLAGS CHANGEDSINCE",
                           " 1 FLAGS(CHANGEDSINCE 1)", " 1 FLAGS (CHANGEDSINCE 9223372036854775808)"}) {
    CHECK_FALSE(parse(parse_fetch, text));
  }

  const auto store = parse(parse_store, " 6,4 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)");
  REQUIRE(store);
  CHECK(store->unchanged_since == 12121230045);
  CHECK(store->change == FlagChange::add);
  CHECK(store->silent);
  CHECK(parse(parse_store, " 1 (unchangedsince 0) FLAGS \\Seen x")->unchanged_since == 0);
  CHECK_FALSE(parse(parse_store, " 1 FLAGS (\\Seen)")->unchanged_since);
  for (const char* text :
       {" 1 () FLAGS x", " 1 (UNCHANGEDSINCE) FLAGS x", " 1 (UNCHANGEDSINCE -1) FLAGS x",
        " 1 (UNCHANGEDSINCE 1)FLAGS x", " 1 (UNCHANGEDSINCE 1 UNCHANGEDSINCE 1) FLAGS x", " 1 (UNCHANGEDSINCE 1)"}) {
    CHECK_FALSE(parse(parse_store, text));
  }

  CHECK(parse(parse_status, " x (HIGHESTMODSEQ)")->items == StatusItems{.highest_modseq = true});
}
