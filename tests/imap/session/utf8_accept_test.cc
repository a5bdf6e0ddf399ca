// UTF8=ACCEPT (RFC 6855).
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("after ENABLE UTF8=ACCEPT names are UTF-8 both ways") {
  check_logged_in(R"(
    C: a ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S: a OK Enabled
    C: b CREATE "\xE5\x8F\xB0\xE5\x8C\x97"
    S~ b OK *
    C: c LIST "" "\xE5\x8F\xB0*"
    S: * LIST (\HasNoChildren) "/" "\xE5\x8F\xB0\xE5\x8C\x97"
    S~ c OK *
    C: d STATUS {6}
    S~ + *
    C: \xE5\x8F\xB0\xE5\x8C\x97 (MESSAGES)
    S: * STATUS "\xE5\x8F\xB0\xE5\x8C\x97" (MESSAGES 0)
    S~ d OK *
    # Not UTF-8.
    C: e CREATE "x\xFF"
    S~ e BAD *
    C: f CREATE {2+}
    C: x\xFF
    S~ f BAD *
    C: g SELECT \xE5\x8F\xB0\xE5\x8C\x97
    S~ g BAD *
    # RFC 6855 §3: no C1 control characters.
    C: h CREATE "x\xC2\x85"
    S~ h NO [CANNOT] *
    # It is not IMAP4rev2.
    C: i SELECT INBOX
    S~ * FLAGS *
    S~ ...
    S: * 0 RECENT
    S~ ...
    S~ i OK *
  )");
}

TEST_CASE("Thunderbird enables UTF8=ACCEPT and sends & as it is") {
  check_logged_in(R"(
    C: a ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S~ a OK *
    C: b CREATE "R&D"
    S~ b OK *
    C: c CREATE "R&AOQ-"
    S~ c OK *
    C: d LIST "" "R*"
    S: * LIST (\HasNoChildren) "/" R&AOQ-
    S: * LIST (\HasNoChildren) "/" R&D
    S~ d OK *
    C: e SELECT "R&D"
    S~ ...
    S~ e OK *
    C: f APPEND "R&D" {3+}
    L: abc\
    C:
    S~ ...
    S~ f OK [APPENDUID * 1] *
    C: g RENAME "R&D" "A & B"
    S~ g OK *
    C: h SUBSCRIBE "A & B"
    S~ h OK *
    C: i LSUB "" "A &*"
    S: * LSUB () "/" "A & B"
    S~ i OK *
    C: j DELETE "A & B"
    S~ ...
    S~ j OK *
  )");
}

TEST_CASE("without UTF8=ACCEPT no UTF-8 is sent in names") {
  check_logged_in(R"(
    C: a LIST "" "Entw*"
    S: * LIST (\HasNoChildren) "/" Entw&APw-rfe
    S~ a OK *
    C: b STATUS Entw&APw-rfe (MESSAGES)
    S: * STATUS Entw&APw-rfe (MESSAGES 0)
    S~ b OK *
  )",
                  {.prepare = [](const Account& account) { account.create_mailbox("Entw\xC3\xBCrfe").value(); }});
}

TEST_CASE("UTF8=ACCEPT is enabled before a mailbox is selected, the rest at any time") {
  check_selected(R"(
    C: a ENABLE CONDSTORE UTF8=ACCEPT
    S: a BAD [CLIENTBUG] UTF8=ACCEPT is enabled before a mailbox is selected
    C: b CREATE "&"
    S~ b BAD *
    C: c UNSELECT
    S~ c OK *
    C: d ENABLE CONDSTORE UTF8=ACCEPT
    S: * ENABLED CONDSTORE UTF8=ACCEPT
    S~ d OK *
    C: e SELECT INBOX
    S~ ...
    S~ e OK *
    C: f ENABLE UTF8=ACCEPT
    S: * ENABLED
    S~ f OK *
  )");
}

TEST_CASE("a host can switch UTF8=ACCEPT and IMAP4rev2 off, but not IMAP4rev1") {
  WorldOptions options;
  options.session.capabilities.off = {"UTF8=ACCEPT", "IMAP4rev2", "IMAP4rev1"};
  check_logged_in(R"(
    C: a CAPABILITY
    S~ * CAPABILITY IMAP4rev1 LITERAL+ *
    S~ a OK *
    C: b ENABLE UTF8=ACCEPT IMAP4rev2
    S: * ENABLED
    S: b OK Nothing enabled
    C: c CREATE "R&D"
    S~ c BAD *
  )",
                  options);
  // Without ENABLE there is nothing that could be enabled.
  options.session.capabilities.off = {"ENABLE", "LITERAL+"};
  postfach::test::check_transcript(R"(
    S~ * OK [CAPABILITY IMAP4rev1 ID SASL-IR *
    C: l LOGIN alice secret
    S~ l OK [CAPABILITY IMAP4rev1 ID * CONDSTORE BINARY *] *
    C: a ENABLE CONDSTORE
    S~ a BAD *
  )",
                                   imap_transcript(options));
}
