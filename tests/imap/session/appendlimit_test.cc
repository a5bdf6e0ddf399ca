// APPENDLIMIT (RFC 7889), and literals that can't be meant (RFC 7888).
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("APPENDLIMIT: the capability and STATUS") {
  WorldOptions options;
  options.store.max_message_size = 257'890;
  check_logged_in(R"(
    C: t1 CAPABILITY
    S~ * CAPABILITY IMAP4rev1 * APPENDLIMIT=257890*
    S~ t1 OK *
    C: t2 STATUS INBOX (APPENDLIMIT)
    S: * STATUS INBOX (APPENDLIMIT 257890)
    S~ t2 OK *
    C: t3 STATUS Sent (MESSAGES appendlimit UIDNEXT)
    S: * STATUS Sent (MESSAGES 0 UIDNEXT 1 APPENDLIMIT 257890)
    S~ t3 OK *
    C: t4 APPEND INBOX {257891}
    S~ t4 NO [TOOBIG] *
    C: t5 APPEND INBOX (\Seen) {4294967295}
    S~ t5 NO [TOOBIG] *
    C: t6 APPEND INBOX {18446744073709551615}
    S~ t6 NO [TOOBIG] *
    C: t7 APPEND INBOX {18446744073709551616}
    S~ t7 NO [TOOBIG] *
    C: t8 APPEND INBOX {99999999999999999999999999999999}
    S~ t8 NO [TOOBIG] *
    C: t9 APPEND INBOX ~{257891}
    S~ t9 NO [TOOBIG] *
  )",
                  options);
}

TEST_CASE("APPENDLIMIT: not told to strangers, nor where the host switched it off") {
  WorldOptions options;
  options.session.capabilities.off = {"appendlimit", "MULTIAPPEND", "CATENATE", "REPLACE", "BINARY"};
  const Store store = make_store(options);
  Client stranger(store);
  CHECK(stranger.send("a CAPABILITY\r\n").find("APPEND") == std::string::npos);
  CHECK(stranger.send("l LOGIN alice secret\r\n").find(" MULTIAPPEND CATENATE ") != std::string::npos);
  Client client(store, options);
  client.send("l LOGIN alice secret\r\n");
  const std::string offered = client.send("a CAPABILITY\r\n");
  for (const char* name : {"APPEND", "CATENATE", "REPLACE", "BINARY"}) {
    CHECK(offered.find(name) == std::string::npos);
  }
  check_logged_in(R"(
    C: b REPLACE 1 INBOX {1}
    S: b BAD Unknown command
    C: c APPEND INBOX ~{1}
    S~ c BAD *
    C: d APPEND INBOX CATENATE (TEXT {1}
    S~ d BAD *
  )",
                  options);
}

TEST_CASE("literals that can't be meant") {
  check_logged_in(R"(
    C: a APPEND INBOX {-1}
    S~ a BAD *
    C: b APPEND INBOX {1x}
    S~ b BAD *
    C: c APPEND INBOX {}
    S~ c BAD *
    C: d APPEND INBOX {007}
    S: + OK
    C: 1234567
    S~ d OK [APPENDUID * 1] *
    C: e APPEND INBOX {3} {3}
    S~ e BAD *
    C: f APPEND INBOX {3}
    S: + OK
    C: abcgarbage
    S~ f BAD *
  )");
  check_logged_in(R"(
    C: a APPEND INBOX {1x+}
    S~ a BAD *
    S~ * BYE *
    ! want close
  )");
  check_logged_in(R"(
    C: a APPEND INBOX {18446744073709551616+}
    S~ a NO [TOOBIG] *
    S~ * BYE [TOOBIG] *
    ! want close
  )");
  check_logged_in(R"(
    C: a APPEND INBOX {3+}
    C: abc {1x+}
    S~ a BAD *
    S~ * BYE *
    ! want close
  )");
  // Before login nothing is streamed.
  postfach::test::check_transcript(R"(
    S~ * OK *
    C: a APPEND INBOX {5}
    S: a BAD Log in first
    C: b APPEND INBOX {8193+}
    S: b BAD Log in first
    S~ * BYE [TOOBIG] *
    ! want close
  )",
                                   imap_transcript());
}
