#include "imap/command/search.h"

#include <catch2/catch.hpp>
#include <string>

namespace {

using namespace postfach::imap;
using postfach::UidSet;
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
  const auto text = [&](const char* name) { return with(name, (term.fuzzy ? "~" : "") + term.text); };
  const auto set = [&](const char* name) {
    if (term.numbers.is_saved_result()) return with(name, "$");
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
    case Kind::older:
      return day("older");
    case Kind::younger:
      return day("younger");
    case Kind::modseq:
      return day("modseq");
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
    case Kind::email_id:
      return text("emailid");
    case Kind::thread_id:
      return text("threadid");
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
                         Row{"EMAILID M6d99ac3275bb4e", "(emailid M6d99ac3275bb4e)"},
                         Row{"threadid T64b478a75b7ea9", "(threadid T64b478a75b7ea9)"},
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
                           "$x"}) {
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

namespace {

// The options in a fixed order, "error" for what is refused, and what is left of the text.
std::string options(const std::string& text) {
  Scanner in(text);
  ReturnOptions options;
  if (!parse_return_options(in, options)) return "error: " + std::string(in.error());
  std::string out = options.given ? "given" : "none";
  if (options.min) out += " min";
  if (options.max) out += " max";
  if (options.all) out += " all";
  if (options.count) out += " count";
  if (options.save) out += " save";
  if (options.relevancy) out += " relevancy";
  if (options.context) out += " context";
  if (options.update) out += " update";
  if (options.partial) append_partial_range(out += ' ', *options.partial);
  return out + "|" + std::string(in.rest());
}

}  // namespace

TEST_CASE("SEARCH: return options") {
  CHECK(options("ALL") == "none|ALL");
  CHECK(options("RETURN () ALL") == "given|ALL");
  CHECK(options("return (Min mAX count SAVE all) 1") == "given min max all count save|1");
  CHECK(options("RETURN (CONTEXT UPDATE RELEVANCY PARTIAL -1:-100) x") == "given relevancy context update -1:-100|x");
  CHECK(options("RETURN (PARTIAL 500:400) x") == "given 500:400|x");
  CHECK(options("RETURNED x") == "none|RETURNED x");
  for (const char* text :
       {"RETURN ALL", "RETURN (ALL)", "RETURN (ALL", "RETURN(ALL) x", "RETURN (ALL ) x", "RETURN (NEWEST) x",
        "RETURN (PARTIAL) x", "RETURN (PARTIAL 1) x", "RETURN (PARTIAL 0:1) x", "RETURN (PARTIAL 1:*) x",
        "RETURN (PARTIAL -1:1) x", "RETURN (PARTIAL 1:-1) x", "RETURN (PARTIAL 1:4294967296) x",
        "RETURN (PARTIAL 1:2 PARTIAL 3:4) x", "RETURN (PARTIAL 1:2 ALL) x", "RETURN (ALL PARTIAL 1:2) x"}) {
    INFO(text);
    CHECK(options(text).starts_with("error: "));
  }
}

TEST_CASE("SEARCH: keys of extensions") {
  CHECK(parse("YOUNGER 259200") == "(younger 259200)");
  CHECK(parse("OLDER 1") == "(older 1)");
  CHECK(fails("YOUNGER 0"));
  CHECK(fails("OLDER -1"));
  CHECK(parse("MODSEQ 620162338") == "(modseq 620162338)");
  CHECK(parse("MODSEQ 0") == "(modseq 0)");
  CHECK(parse("MODSEQ \"/flags/\\\\draft\" all 620162338") == "(modseq 620162338)");
  CHECK(parse("MODSEQ \"/flags/$mdnsent\" PRIV 9223372036854775807") == "(modseq 9223372036854775807)");
  CHECK(fails("MODSEQ \"/flags/x\" 1"));
  CHECK(fails("MODSEQ \"/x\" all 1"));
  CHECK(fails("MODSEQ 9223372036854775808"));
  CHECK(parse("$ UID $") == "(and (seq $) (uid $))");
  CHECK(parse("OR $ 1,3000:3021") == "(or (seq $) (seq 1,3000:3021))");
  CHECK(fails("$,1"));
  CHECK(fails("1,$"));
  CHECK(parse("FUZZY SUBJECT work FROM user") == "(and (subject ~work) (from user))");
  CHECK(parse("FUZZY (SUBJECT a OR BODY b NOT TEXT c)") == "(and (subject ~a) (or (body ~b) (not (text ~c))))");
  CHECK(parse("NOT FUZZY NOT TO x BCC y") == "(and (to ~x) (bcc y))");
  CHECK(fails("FUZZY"));
}

TEST_CASE("SEARCH: what a program uses") {
  const auto uses = [](const std::string& keys) {
    Scanner in(keys);
    Search search;
    REQUIRE(parse_search_program(in, search));
    return search.uses;
  };
  CHECK(uses("ALL UID 1:*") == SearchUses());
  CHECK(uses("OR SEEN YOUNGER 1").within);
  CHECK(uses("NOT FUZZY SEEN").fuzzy);
  CHECK(uses("(MODSEQ 1)").modseq);
  CHECK(uses("OR 1 SEEN").numbers);
  CHECK_FALSE(uses("$").numbers);
}

TEST_CASE("SEARCH: a slice of results") {
  UidSet set = UidSet::of(3, 5);
  set.add(7);
  set.add(10, 19);
  const auto cut = [&set](std::uint32_t first, std::uint32_t last, bool from_end) {
    return slice(set, {.first = first, .last = last, .from_end = from_end}).to_string();
  };
  CHECK(cut(1, 1, false) == "3");
  CHECK(cut(3, 5, false) == "5,7,10");
  CHECK(cut(5, 3, false) == "5,7,10");
  CHECK(cut(14, 99, false) == "19");
  CHECK(cut(15, 99, false) == "");
  CHECK(cut(1, 4294967295, false) == set.to_string());
  CHECK(cut(1, 2, true) == "18:19");
  CHECK(cut(12, 10, true) == "5,7,10");
  CHECK(cut(14, 99, true) == "3");
  CHECK(cut(15, 99, true) == "");
  CHECK(cut(1, 4294967295, true) == set.to_string());
}
