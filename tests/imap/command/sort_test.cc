#include "imap/command/sort.h"

#include <catch2/catch.hpp>
#include <string>

#include "imap/command/thread.h"

namespace {

using namespace postfach;
using namespace postfach::imap;

std::optional<Sort> parse(const std::string& text) {
  Scanner in(text);
  auto sort = parse_sort(in);
  CHECK(sort.has_value() == in.error().empty());
  return sort;
}

std::optional<Thread> parse_threads(const std::string& text) {
  Scanner in(text);
  auto thread = parse_thread(in);
  CHECK(thread.has_value() == in.error().empty());
  return thread;
}

// "2 -5": the fields, those in reverse negative.
std::string fields(const std::string& criteria) {
  const auto sort = parse(" (" + criteria + ") UTF-8 ALL");
  if (!sort) return "error";
  std::string text;
  for (const SortCriterion& criterion : sort->criteria) {
    text += (text.empty() ? "" : " ") + std::string(criterion.reverse ? "-" : "") +
            std::to_string(static_cast<int>(criterion.field));
  }
  return text;
}

std::string field(SortField which) { return std::to_string(static_cast<int>(which)); }

}  // namespace

TEST_CASE("SORT: criteria") {
  CHECK(fields("SUBJECT") == field(SortField::subject));
  CHECK(fields("subject Reverse DATE") == field(SortField::subject) + " -" + field(SortField::date));
  CHECK(fields("ARRIVAL CC FROM SIZE TO") == field(SortField::arrival) + " " + field(SortField::cc) + " " +
                                                 field(SortField::from) + " " + field(SortField::size) + " " +
                                                 field(SortField::to));
  CHECK(fields("REVERSE DISPLAYFROM DISPLAYTO") ==
        "-" + field(SortField::display_from) + " " + field(SortField::display_to));
  // A second time it can't matter.
  CHECK(fields("SIZE DATE REVERSE SIZE SIZE") == field(SortField::size) + " " + field(SortField::date));
  for (const char* wrong : {"", " ", "NAME", "REVERSE", "REVERSE REVERSE DATE", "DATE  SIZE", "DATE ", "\"DATE\""}) {
    INFO(wrong);
    CHECK(fields(wrong) == "error");
  }
}

TEST_CASE("SORT: what follows the criteria, and return options") {
  const auto plain = parse(" (SUBJECT) UTF-8 SINCE 1-Feb-1994 UNSEEN");
  REQUIRE(plain);
  CHECK(plain->search.charset == "UTF-8");
  CHECK(plain->search.root.keys.size() == 2);
  CHECK_FALSE(plain->search.options.given);
  CHECK_FALSE(plain->uses_display);
  const auto extended = parse(" RETURN (MIN PARTIAL 1:10) (DISPLAYTO) \"us-ascii\" ALL");
  REQUIRE(extended);
  CHECK(extended->search.options.given);
  CHECK(extended->search.options.min);
  CHECK(extended->search.options.partial);
  CHECK(extended->uses_display);
  CHECK(parse(" (RELEVANCY) UTF-8 FUZZY SUBJECT x")->uses_relevancy);
  for (const char* wrong :
       {"", " ", " SUBJECT UTF-8 ALL", " (SUBJECT) ALL", " (SUBJECT) UTF-8", " (SUBJECT) UTF-8 ", " (SUBJECT)UTF-8 ALL",
        " (SUBJECT) CHARSET UTF-8 ALL", " RETURN (SUBJECT) UTF-8 ALL", " RETURN () UTF-8 ALL", " (SUBJECT UTF-8 ALL"}) {
    INFO(wrong);
    CHECK_FALSE(parse(wrong));
  }
}

TEST_CASE("THREAD: algorithm, charset and criteria") {
  CHECK(parse_threads(" REFERENCES UTF-8 ALL")->algorithm == ThreadAlgorithm::references);
  const auto ordered = parse_threads(" orderedsubject US-ASCII TEXT gewp");
  REQUIRE(ordered);
  CHECK(ordered->algorithm == ThreadAlgorithm::ordered_subject);
  CHECK(ordered->search.charset == "US-ASCII");
  CHECK(capability_of(ordered->algorithm) == "THREAD=ORDEREDSUBJECT");
  for (const char* wrong : {"", " REFERENCES", " REFERENCES UTF-8", " REFS UTF-8 ALL", " REFERENCESX UTF-8 ALL",
                            " \"REFERENCES\" UTF-8 ALL", " REFERENCES ALL", " RETURN () REFERENCES UTF-8 ALL"}) {
    INFO(wrong);
    CHECK_FALSE(parse_threads(wrong));
  }
}
