#include "imap/response/search_data.h"

#include <catch2/catch.hpp>
#include <string>

using namespace postfach;
using namespace postfach::imap;

TEST_CASE("ESEARCH: a correlator can't leave its string") {
  std::string out;
  begin_esearch(out, "A282", true);
  CHECK(out == "* ESEARCH (TAG \"A282\") UID");
  out.clear();
  begin_esearch(out, "a\"b\r\nc", false);
  CHECK(out == "* ESEARCH (TAG {6}\r\na\"b\r\nc)");
}

TEST_CASE("ESEARCH: a set in pieces") {
  const auto write = [](std::initializer_list<UidRange> ranges) {
    std::string out;
    SetWriter writer;
    for (const UidRange& range : ranges) writer.add(out, range.first, range.last);
    const bool any = writer.finish(out);
    CHECK(any == (ranges.size() > 0));
    return out;
  };
  CHECK(write({}) == "");
  CHECK(write({{2, 2}, {10, 10}, {11, 11}}) == "2,10:11");
  CHECK(write({{1, 3}, {4, 4}, {5, 9}}) == "1:9");
  CHECK(write({{1, 4294967294}, {4294967295, 4294967295}}) == "1:4294967295");
}

TEST_CASE("ESEARCH: changes of a result") {
  const auto write = [](const UidSet& removed, const UidSet& added) {
    std::string out;
    append_context_update(out, "B01", true, removed, added);
    return out;
  };
  CHECK(write({}, {}) == "");
  CHECK(write({}, UidSet::of(32768, 32769)) == "* ESEARCH (TAG \"B01\") UID ADDTO (0 32768:32769)\r\n");
  CHECK(write(UidSet::of(7, 7), UidSet::of(1, 2)) == "* ESEARCH (TAG \"B01\") UID REMOVEFROM (0 7) ADDTO (0 1:2)\r\n");
}
