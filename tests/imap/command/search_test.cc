#include "imap/command/search.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using namespace postfach::imap;
using Kind = SearchTerm::Kind;

// A term in a short notation: "(and (flag 1) (not (text x)))".
std::string show(const SearchTerm& term) {
  const auto list = [&](const char* name) {
    std::string out = std::string("(") + name;
    for (const SearchTerm& key : term.keys) out += " " + show(key);
    return out + ")";
  };
  const auto with = [](const char* name, const std::string& value) {
    return std::string("(") + name + " " + value + ")";
  };
  const auto day = [&](const char* name) { return with(name, std::to_string(term.number)); };
  const auto text = [&](const char* name) { return with(name, term.text); };
  const auto set = [&](const char* name) {
    return with(name, term.numbers.numbers().to_string() + (term.numbers.has_star() ? "*" : ""));
  };
  switch (term.kind) {
    case Kind::all:
      return "all";
    case Kind::sequence:
      return set("seq");
    case Kind::uid:
      return set("uid");
    case Kind::flag:
      return with("flag", std::to_string(term.flags.bits()));
    case Kind::recent:
      return "recent";
    case Kind::keyword:
      return text("keyword");
    case Kind::larger:
      return day("larger");
    case Kind::smaller:
      return day("smaller");
    case Kind::before:
      return day("before");
    case Kind::on:
      return day("on");
    case Kind::since:
      return day("since");
    case Kind::sent_before:
      return day("sent-before");
    case Kind::sent_on:
      return day("sent-on");
    case Kind::sent_since:
      return day("sent-since");
    case Kind::saved_before:
      return day("saved-before");
    case Kind::saved_on:
      return day("saved-on");
    case Kind::saved_since:
      return day("saved-since");
    case Kind::save_date_known:
      return "save-date-known";
    case Kind::header:
      return with("header", term.name + "=" + term.text);
    case Kind::from:
      return text("from");
    case Kind::to:
      return text("to");
    case Kind::cc:
      return text("cc");
    case Kind::bcc:
      return text("bcc");
    case Kind::subject:
      return text("subject");
    case Kind::body:
      return text("body");
    case Kind::text:
      return text("text");
    case Kind::all_of:
      return list("and");
    case Kind::any_of:
      return list("or");
    case Kind::none_of:
      return list("not");
  }
  return "?";
}

std::string parse(const std::string& keys) {
  const std::string text = " " + keys;
  Scanner in(text);
  const auto search = parse_search(in);
  CHECK(search.has_value() == in.error().empty());
  if (!search) return "error: " + std::string(in.error());
  return (search->charset.empty() ? "" : search->charset + " ") + show(search->root);
}
bool fails(const std::string& keys) { return parse(keys).starts_with("error: "); }

std::string repeat(int times, const std::string& text) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("SEARCH: every key of RFC 3501") {
  struct Row {
    const char* keys;
    const char* expected;
  };
  for (const Row& row : {Row{"ALL", "all"},
                         Row{"answered", "(flag 2)"},
                         Row{"DELETED", "(flag 8)"},
                         Row{"DRAFT", "(flag 16)"},
                         Row{"FLAGGED", "(flag 4)"},
                         Row{"SEEN", "(flag 1)"},
                         Row{"RECENT", "recent"},
                         Row{"NEW", "(and recent (not (flag 1)))"},
                         Row{"OLD", "(not recent)"},
                         Row{"UNANSWERED", "(not (flag 2))"},
                         Row{"UNDELETED", "(not (flag 8))"},
                         Row{"UNDRAFT", "(not (flag 16))"},
                         Row{"UNFLAGGED", "(not (flag 4))"},
                         Row{"UNSEEN", "(not (flag 1))"},
                         Row{"KEYWORD $Junk", "(keyword $Junk)"},
                         Row{"UNKEYWORD x", "(not (keyword x))"},
                         Row{"BCC x", "(bcc x)"},
                         Row{"CC x", "(cc x)"},
                         Row{"FROM \"a b\"", "(from a b)"},
                         Row{"TO x", "(to x)"},
                         Row{"SUBJECT {2}\r\n\xC3\xA4", "(subject \xC3\xA4)"},
                         Row{"SUBJECT \"\xC3\xA4\"", "(subject \xC3\xA4)"},
                         Row{"BODY x", "(body x)"},
                         Row{"TEXT x", "(text x)"},
                         Row{"HEADER Message-ID \"\"", "(header Message-ID=)"},
                         Row{"BEFORE 2-Jan-1970", "(before 1)"},
                         Row{"ON \"2-Jan-1970\"", "(on 1)"},
                         Row{"SINCE 2-Jan-1970", "(since 1)"},
                         Row{"SAVEDBEFORE 2-Jan-1970", "(saved-before 1)"},
                         Row{"SAVEDON 2-Jan-1970", "(saved-on 1)"},
                         Row{"SAVEDSINCE 2-Jan-1970", "(saved-since 1)"},
                         Row{"savedatesupported", "save-date-known"},
                         Row{"SENTBEFORE 2-Jan-1970", "(sent-before 1)"},
                         Row{"SENTON 2-Jan-1970", "(sent-on 1)"},
                         Row{"SENTSINCE 2-Jan-1970", "(sent-since 1)"},
                         Row{"LARGER 5000000000", "(larger 5000000000)"},
                         Row{"SMALLER 0", "(smaller 0)"},
                         Row{"1:3,7", "(seq 1:3,7)"},
                         Row{"*", "(seq *)"},
                         Row{"UID 5:*", "(uid *)"},
                         Row{"NOT SEEN", "(not (flag 1))"},
                         Row{"OR SEEN 1", "(or (flag 1) (seq 1))"},
                         Row{"(SEEN)", "(flag 1)"},
                         Row{"(SEEN 1)", "(and (flag 1) (seq 1))"},
                         Row{"SEEN 1 TEXT x", "(and (flag 1) (seq 1) (text x))"},
                         Row{"CHARSET UTF-8 ALL", "UTF-8 all"},
                         Row{"CHARSET \"utf-8\" TEXT x", "utf-8 (text x)"}}) {
    INFO(row.keys);
    CHECK(parse(row.keys) == row.expected);
  }
}

TEST_CASE("SEARCH: composition") {
  CHECK(parse("NOT NOT SEEN") == "(flag 1)");
  CHECK(parse("NOT NOT NOT SEEN") == "(not (flag 1))");
  CHECK(parse("NOT (SEEN DELETED)") == "(not (and (flag 1) (flag 8)))");
  CHECK(parse("NOT OR 1 2") == "(not (or (seq 1) (seq 2)))");
  CHECK(parse("OR NOT 1 2") == "(or (not (seq 1)) (seq 2))");
  CHECK(parse("OR OR 1 2 OR 3 4 5") == "(and (or (seq 1) (seq 2) (seq 3) (seq 4)) (seq 5))");
  CHECK(parse("OR (1 2) 3 OR 4 NOT OR 5 6") ==
        "(and (or (and (seq 1) (seq 2)) (seq 3)) (or (seq 4) (not (or (seq 5) (seq 6)))))");
}

TEST_CASE("SEARCH: invalid") {
  for (const char* keys : {"",
                           "NOPE",
                           "(",
                           "()",
                           "(SEEN",
                           "SEEN)",
                           "NOT",
                           "OR SEEN",
                           "OR",
                           "SEEN  1",
                           "TEXT",
                           "KEYWORD \\Seen",
                           "KEYWORD \"x\"",
                           "LARGER -1",
                           "LARGER x",
                           "ON 31-Feb-2000",
                           "HEADER From",
                           "UID x",
                           "0",
                           "CHARSET UTF-8",
                           "CHARSET",
                           "SEENX",
                           "RETURN (MIN) ALL",
                           "$"}) {
    INFO(keys);
    CHECK(fails(keys));
  }
}

TEST_CASE("SEARCH: nesting and number of keys are capped") {
  CHECK(parse(repeat(31, "(") + "SEEN" + repeat(31, ")")) == "(flag 1)");
  CHECK(parse(repeat(32, "(") + "SEEN" + repeat(32, ")")) == "error: Search keys are nested too deeply");
  CHECK(fails(repeat(60'000, "(")));
  CHECK(fails(repeat(10'000, "OR NOT ") + "SEEN"));
  // Chains are no nesting: mail programs build them from address books.
  CHECK(parse(repeat(9999, "NOT ") + "SEEN") == "(not (flag 1))");
  CHECK_FALSE(fails(repeat(300, "OR FROM x ") + "FROM y"));
  CHECK_FALSE(fails(repeat(300, "OR ") + repeat(300, "FROM x ") + "FROM y"));
  CHECK(fails(repeat(60'000, "OR ")));
  CHECK_FALSE(fails(repeat(999, "ALL ") + "ALL"));
  CHECK(parse(repeat(1000, "ALL ") + "ALL") == "error: Too many search keys");
}
