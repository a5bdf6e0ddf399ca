#include <catch2/catch.hpp>
#include <string>

#include "support.h"

namespace postfach::message {
namespace {

std::string envelope(std::string_view header) { return parse(crlf(header) + "\r\nbody\r\n").envelope; }

TEST_CASE("ENVELOPE of a usual message") {
  CHECK(envelope("Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\n"
                 "From: Terry Gray <gray@cac.washington.edu>\n"
                 "Subject: IMAP4rev2 WG mtg summary\n"
                 " and minutes\n"
                 "To: imap@cac.washington.edu\n"
                 "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\n"
                 "BCC: x@y\n"
                 "In-Reply-To: <a@b>\n"
                 "Message-Id: <B27397-0100000@cac.washington.edu>\n") ==
        "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev2 WG mtg summary and minutes\""
        " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"
        " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"
        " ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\"))"
        " ((NIL NIL \"imap\" \"cac.washington.edu\"))"
        " ((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\"))"
        " ((NIL NIL \"x\" \"y\")) \"<a@b>\" \"<B27397-0100000@cac.washington.edu>\")");
}

TEST_CASE("absent is NIL, empty text is empty, empty addresses are NIL") {
  CHECK(envelope("X: y\n") == "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(envelope("Date:\nSubject: \nFrom:\nTo: \nIn-Reply-To:\nMessage-ID:\n") ==
        "(\"\" \"\" NIL NIL NIL NIL NIL NIL \"\" \"\")");
}

TEST_CASE("sender and reply-to are from where they are absent or empty") {
  CHECK(envelope("From: a@b\nSender: c@d\n") ==
        "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"c\" \"d\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL)");
  CHECK(envelope("From: a@b\nSender: \nReply-To: ,\n") ==
        "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) NIL NIL NIL NIL NIL)");
}

TEST_CASE("groups have no host, addresses without one an empty host") {
  CHECK(envelope("To: g: a@b;\nCc: joe\n") ==
        "(NIL NIL NIL NIL NIL ((NIL NIL \"g\" NIL)(NIL NIL \"a\" \"b\")(NIL NIL NIL NIL))"
        " ((NIL NIL \"joe\" \"\")) NIL NIL NIL)");
}

TEST_CASE("of fields that are there twice, texts count once and addresses add up") {
  CHECK(envelope("Subject: one\nSubject: two\nTo: a@b\nTo: c@d\n") ==
        "(NIL \"one\" NIL NIL NIL ((NIL NIL \"a\" \"b\")(NIL NIL \"c\" \"d\")) NIL NIL NIL NIL)");
}

TEST_CASE("what can't be quoted is a literal, and nothing breaks out of it") {
  CHECK(envelope("Subject: J\xC3\xB6rg \"x\\\n") == "(NIL {9}\r\nJ\xC3\xB6rg \"x\\ NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(envelope("Subject: \"x\\\n") == "(NIL \"\\\"x\\\\\" NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(envelope("Subject: a\rb\n") == "(NIL {3}\r\na\rb NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(envelope(std::string("Subject: a\0b\n", 13)) ==
        "(NIL {5}\r\na\xEF\xBF\xBD"
        "b NIL NIL NIL NIL NIL NIL NIL NIL)");
  CHECK(envelope("From: \"a\r\n* BYE\" <x@y>\n").find("\r\n*") == std::string::npos);
}

}  // namespace
}  // namespace postfach::message
