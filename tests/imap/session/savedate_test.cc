// SAVEDATE (RFC 8514).
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("SAVEDATE is the time of saving, not the date that the client gave") {
  check_selected(R"(
    C: a APPEND INBOX "01-Jan-2015 18:50:53 +0100" {5+}
    L: hello\
    C:
    S: * 1 EXISTS
    S: * 1 RECENT
    S~ a OK [APPENDUID *] *
    C: b FETCH 1 (INTERNALDATE SAVEDATE)
    S~ * 1 FETCH (INTERNALDATE " 1-Jan-2015 18:50:53 +0100" SAVEDATE "* +0000")
    S: b OK Fetch completed
    C: c SEARCH SAVEDBEFORE 02-Jan-2015
    S: * SEARCH
    S~ c OK *
    C: d SEARCH SAVEDSINCE 02-Jan-2015 SAVEDATESUPPORTED
    S: * SEARCH 1
    S~ d OK *
    C: e SEARCH SAVEDON 01-Jan-2015
    S: * SEARCH
    S~ e OK *
    C: f SEARCH ON 01-Jan-2015 NOT SAVEDBEFORE 1-Jan-2016
    S: * SEARCH 1
    S~ f OK *
    C: g SEARCH NOT SAVEDATESUPPORTED
    S: * SEARCH
    S~ g OK *
    C: h FETCH 1 (SAVEDATE BODY.PEEK[])
    S~ * 1 FETCH (SAVEDATE "*" BODY[] {5}
    S: hello)
    S: h OK Fetch completed
    C: i CAPABILITY
    S~ * CAPABILITY * SAVEDATE*
    S~ i OK *
  )");
}

TEST_CASE("SAVEDATE: syntax, and a host that does not offer it") {
  check_selected(R"(
    C: a SEARCH SAVEDON
    S~ a BAD *
    C: b SEARCH SAVEDON 32-Jan-2015
    S~ b BAD *
    C: c SEARCH SAVEDATE
    S~ c BAD *
    C: d FETCH 1 SAVEDATE[]
    S~ d BAD *
  )",
                 {.prepare = with_messages(1)});
  WorldOptions options{.prepare = with_messages(1)};
  options.session.capabilities.off = {"SAVEDATE"};
  check_selected(R"(
    C: a FETCH 1 SAVEDATE
    S~ a BAD *
    C: b SEARCH OR SEEN (NOT SAVEDON 1-Jan-2015)
    S~ b BAD *
    C: c SEARCH SAVEDATESUPPORTED
    S~ c BAD *
  )",
                 options);
}
