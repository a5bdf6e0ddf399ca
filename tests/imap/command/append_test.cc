#include "imap/command/append.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "imap/command/head.h"

namespace {

using namespace postfach;
using namespace postfach::imap;
using Event = AppendParser::Event;
using Log = std::vector<std::string>;

constexpr AppendParser::Syntax kAll{.multiappend = true, .catenate = true, .binary = true, .utf8 = true};

// The events of the texts, each of which but the last ends with an announcement.
Log events(const std::vector<std::string>& texts, const AppendParser::Syntax& syntax = kAll) {
  Log log;
  AppendParser parser(syntax);
  for (const std::string& text : texts) {
    parser.set_text(text);
    for (bool more = true; more;) {
      switch (parser.next()) {
        case Event::message: {
          std::string line = "message " + std::to_string(parser.flags().flags.bits());
          for (const std::string& keyword : parser.flags().keywords) line += " " + keyword;
          if (parser.internal_date()) line += " at " + std::to_string(parser.internal_date()->seconds);
          log.push_back(line);
          break;
        }
        case Event::literal:
          log.push_back((parser.literal().is_message ? "all " : "part ") + std::to_string(parser.literal().size) +
                        (parser.literal().is_binary ? "~" : ""));
          more = false;
          break;
        case Event::url_literal:
          log.push_back("url of " + std::to_string(parser.literal().size));
          more = false;
          break;
        case Event::url:
          log.push_back("url " + parser.url());
          break;
        case Event::message_end:
          log.push_back("message end");
          break;
        case Event::end:
          log.push_back("end");
          more = false;
          break;
        case Event::error:
          CHECK_FALSE(parser.error().empty());
          log.push_back("error");
          return log;
      }
    }
  }
  return log;
}

}  // namespace

TEST_CASE("APPEND: which literal is streamed") {
  for (const char* text : {"a APPEND INBOX {310}", "a append \"x y\" (\\Seen) {310+}", "a APPEND {5}\r\nINBOX {310}",
                           "a APPEND {5}\r\nINBOX (\\Nope {310}", "a APPEND x CATENATE (URL {5}", "a REPLACE 4 x {1}",
                           "a replace * {1}\r\nx {1}", "a REPLACE 1:2 x {5}", "a UID REPLACE 20 x {1}",
                           "a uid replace 20 {1+}\r\nx (\\Seen) ~{1}"}) {
    INFO(text);
    CHECK(literal_use(text) == LiteralUse::streamed);
  }
  for (const char* text :
       {"a APPEND {5}", "a APPEND {5+}", "a LOGIN {5}", "a APPENDX x {5}", "a UID APPEND x {5}", "{5}", "", "a ",
        "a REPLACE {5}", "a REPLACE 4 {5}", "a UID REPLACE 4 {5}", "a UID {5}", "a REPLACE"}) {
    INFO(text);
    CHECK(literal_use(text) == LiteralUse::argument);
  }
}

TEST_CASE("APPEND and REPLACE: up to the mailbox") {
  const auto append = [](const char* text) {
    Scanner in(text);
    auto parsed = parse_append(in);
    CHECK(parsed.has_value() == in.error().empty());
    return parsed ? parsed->mailbox + "|" + std::string(in.rest()) : "";
  };
  CHECK(append(" inbox (\\Seen) {1}") == "INBOX| (\\Seen) {1}");
  CHECK(append(" {3}\r\na b {1}") == "a b| {1}");
  CHECK(append("").empty());
  CHECK(append(" ").empty());
  CHECK(append(" {310}").empty());

  const auto replace = [](const char* text) {
    Scanner in(text);
    auto parsed = parse_replace(in);
    CHECK(parsed.has_value() == in.error().empty());
    return parsed ? parsed->message.uids(7).to_string() + "|" + parsed->mailbox + "|" + std::string(in.rest()) : "";
  };
  CHECK(replace(" 4 Drafts {1}") == "4|Drafts| {1}");
  CHECK(replace(" * inbox") == "7|INBOX|");
  for (const char* text :
       {"", " ", " x Drafts {1}", " 0 x {1}", " 1:2 x {1}", " 1,2 x {1}", " 4", " 4294967296 x {1}"}) {
    INFO(text);
    CHECK(replace(text).empty());
  }
}

TEST_CASE("APPEND: one message") {
  CHECK(events({" (\\Seen $Junk) \"17-Jul-1996 02:44:25 -0700\" {310+}", ""}) ==
        Log{"message 1 $Junk at 837596665", "all 310", "message end", "end"});
  CHECK(events({" {0}", "  "}) == Log{"message 0", "all 0", "message end", "end"});
  CHECK(events({" () ~{5}", ""}) == Log{"message 0", "all 5~", "message end", "end"});
  CHECK(events({" \" 1-Jan-2000 00:00:00 +0000\" {1}"}) == Log{"message 0 at 946684800", "all 1"});
  CHECK(events({" UTF8 (~{5}", ")"}) == Log{"message 0", "all 5~", "message end", "end"});
  CHECK(events({" (\\Recent \\Draft) {18446744073709551616}"}) == Log{"message 16", "all 18446744073709551615"});
  for (const char* text :
       {"", " ", "{310}", " (\\Seen)", " (\\Seen){1}", " \"today\" {1}", " (a {1}", " (\\Foo) {1}",
        " \"17-Jul-1996 02:44:25 -0700\" (\\Seen) {1}", " \"31-Feb-1996 02:44:25 -0700\" {1}", " y {1}", " {1} ",
        " {x}", " {-1}", " \"text\"", " UTF8 {5}", " UTF8 ({5}", " UTF8(~{5}", " X-EXT 5 {1}"}) {
    INFO(text);
    CHECK(events({text}).back() == "error");
  }
  CHECK(events({" {1}", "x"}).back() == "error");
  CHECK(events({" {1}", ")"}).back() == "error");
  CHECK(events({" UTF8 (~{5}", ""}).back() == "error");
}

TEST_CASE("APPEND: several messages") {
  CHECK(events({" (\\Seen) {329}", " (\\Draft) \" 7-Feb-1994 22:43:04 -0800\" {295}", " {3}", ""}) ==
        Log{"message 1", "all 329", "message end", "message 16 at 760689784", "all 295", "message end", "message 0",
            "all 3", "message end", "end"});
  CHECK(events({" {1}", "{2}"}).back() == "error");
  CHECK(events({" {1}", " (\\Seen)"}).back() == "error");
  AppendParser::Syntax one = kAll;
  one.multiappend = false;
  CHECK(events({" {1}", " "}, one).back() == "end");
  CHECK(events({" {1}", " {2}"}, one) == Log{"message 0", "all 1", "message end", "error"});
}

TEST_CASE("APPEND: CATENATE") {
  CHECK(events({" (\\Seen) CATENATE (URL \"/Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER\" TEXT {42}",
                " URL /INBOX/;UID=7 URL {9}", " text ~{44+}", ") {5}", ""}) ==
        Log{"message 1", "url /Drafts;UIDVALIDITY=385759045/;UID=20/;section=HEADER", "part 42", "url /INBOX/;UID=7",
            "url of 9", "part 44~", "message end", "message 0", "all 5", "message end", "end"});
  CHECK(events({" catenate (url x)"}) == Log{"message 0", "url x", "message end", "end"});
  CHECK(events({" CATENATE (UTF8 (~{5}", ") URL y)"}) == Log{"message 0", "part 5~", "url y", "message end", "end"});
  for (const char* text :
       {" CATENATE", " CATENATE ", " CATENATE (", " CATENATE ()", " CATENATE URL x", " CATENATE (x)", " CATENATE (URL)",
        " CATENATE (URL x", " CATENATE (URL x URL y", " CATENATE (URL x  URL y)", " CATENATE (TEXT x)",
        " CATENATE (TEXT{5}", " CATENATE (URL x )", " CATENATE ({5}", " CATENATE (UTF8 {5}", " CATENATE (URL x) x"}) {
    INFO(text);
    CHECK(events({text}).back() == "error");
  }
  CHECK(events({" CATENATE (TEXT {1}", ""}).back() == "error");
  CHECK(events({" CATENATE (UTF8 (~{1}", " URL x)"}).back() == "error");
}

TEST_CASE("APPEND: what is not offered is not understood") {
  const AppendParser::Syntax none;
  CHECK(events({" {1}", ""}, none).back() == "end");
  CHECK(events({" ~{1}"}, none).back() == "error");
  CHECK(events({" CATENATE (URL x)"}, none).back() == "error");
  CHECK(events({" UTF8 (~{1}"}, none).back() == "error");
  const AppendParser::Syntax catenate{.catenate = true};
  CHECK(events({" CATENATE (TEXT ~{1}"}, catenate).back() == "error");
  CHECK(events({" CATENATE (UTF8 (~{1}"}, catenate).back() == "error");
}
