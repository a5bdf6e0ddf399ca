#include "message/address.h"

#include <catch2/catch.hpp>
#include <string>

namespace postfach::message {
namespace {

std::string word(const std::optional<std::string>& text) { return text ? "'" + *text + "'" : "NIL"; }

// name route mailbox host; rows apart by " | "
std::string read(std::string_view value, std::size_t most = 10'000) {
  std::string out;
  for (const Address& address : parse_addresses(value, most)) {
    if (!out.empty()) out += " | ";
    out += word(address.name) + " " + word(address.route) + " " + word(address.mailbox) + " " + word(address.host);
  }
  return out;
}

struct Case {
  const char* value;
  const char* rows;
};

TEST_CASE("addresses of RFC 5322") {
  const Case cases[] = {
      {"joe@example.org", "NIL NIL 'joe' 'example.org'"},
      {"Joe Q. Public <joe@example.org>", "'Joe Q. Public' NIL 'joe' 'example.org'"},
      {"\"Joe \\\"Q\\\" B\" <joe@b.c>", "'Joe \"Q\" B' NIL 'joe' 'b.c'"},
      {"=?utf-8?q?J=C3=B6?= <x@y>", "'=?utf-8?q?J=C3=B6?=' NIL 'x' 'y'"},
      {"a@b, Foo <c@d>,e@f", "NIL NIL 'a' 'b' | 'Foo' NIL 'c' 'd' | NIL NIL 'e' 'f'"},
      {"\"a b\"@example.org", "NIL NIL 'a b' 'example.org'"},
      {"\"a\\\\b\"@c", "NIL NIL 'a\\b' 'c'"},
      {"<\"a b\"@c>", "NIL NIL 'a b' 'c'"},
      {"user@[192.0.2.1]", "NIL NIL 'user' '[192.0.2.1]'"},
      {"A Group:Ed <joe@where.test>,joe@where.test;",
       "NIL NIL 'A Group' NIL | 'Ed' NIL 'joe' 'where.test' | NIL NIL 'joe' 'where.test' | NIL NIL NIL NIL"},
      {"undisclosed-recipients:;", "NIL NIL 'undisclosed-recipients' NIL | NIL NIL NIL NIL"},
      {"x@y, \"g\": a@b;, z@w",
       "NIL NIL 'x' 'y' | NIL NIL 'g' NIL | NIL NIL 'a' 'b' | NIL NIL NIL NIL | NIL NIL 'z' 'w'"},
      {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "'Pete' NIL 'pete' 'silly.test'"},
      {"a@b,\r\n Foo\r\n\tBar <c@d>", "NIL NIL 'a' 'b' | 'Foo Bar' NIL 'c' 'd'"},
      {"\"\" <a@b>", "NIL NIL 'a' 'b'"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(read(each.value) == each.rows);
  }
}

TEST_CASE("obsolete addresses of RFC 5322 4.4") {
  const Case cases[] = {
      {"<@r1,@r2:joe@b.c>", "NIL '@r1,@r2' 'joe' 'b.c'"},
      {"Joe <@r1.example:joe@b.c>", "'Joe' '@r1.example' 'joe' 'b.c'"},
      {"a . b @ c . d", "NIL NIL 'a.b' 'c.d'"},
      {"\"a b\".\"c\"@d", "NIL NIL 'a b.c' 'd'"},
      {",, a@b,, ,c@d,", "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"g:,,,;", "NIL NIL 'g' NIL | NIL NIL NIL NIL"},
      {"@relay:joe@b", "NIL '@relay' 'joe' 'b'"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(read(each.value) == each.rows);
  }
}

TEST_CASE("a comment names an address that has no display name") {
  const Case cases[] = {
      {"joe@example.org (Joe Public)", "'Joe Public' NIL 'joe' 'example.org'"},
      {"(work) joe@example.org (Joe (the) Public)", "'Joe (the) Public' NIL 'joe' 'example.org'"},
      {"joe@example.org (a), ann@example.org", "'a' NIL 'joe' 'example.org' | NIL NIL 'ann' 'example.org'"},
      {"Joe <joe@example.org> (work)", "'Joe' NIL 'joe' 'example.org'"},
      {"joe (Joe)", "'Joe' NIL 'joe' ''"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(read(each.value) == each.rows);
  }
}

// A host is never NIL outside groups: that would make the row the start of a group.
TEST_CASE("what mail has instead of addresses") {
  const Case cases[] = {
      {"", ""},
      {"   ", ""},
      {",;,", ""},
      {"joe", "NIL NIL 'joe' ''"},
      {"John Doe", "'John Doe' NIL '' ''"},
      {"\"joe@example.org\"", "'joe@example.org' NIL '' ''"},
      {"<>", "NIL NIL '' ''"},
      {"John Doe <>", "'John Doe' NIL '' ''"},
      {"<joe>", "NIL NIL 'joe' ''"},
      {"<Undisclosed Recipients>", "NIL NIL 'Undisclosed Recipients' ''"},
      {"<mailto:a@b>", "NIL NIL 'a' 'b'"},
      {"a@", "NIL NIL 'a' ''"},
      {"@b", "NIL NIL '' 'b'"},
      {".a..b.@c.", "NIL NIL '.a..b.' 'c.'"},
      {"x@y <z@w>", "'x@y' NIL 'z' 'w'"},
      {"Joe joe@example.org", "'Joe' NIL 'joe' 'example.org'"},
      {"a@b c@d", "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"<a@b> <c@d>", "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"Foo <a@b> bar, c@d", "'Foo' NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"a@b; c@d;", "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"<a@b, c@d", "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"group: a@b, c@d", "NIL NIL 'group' NIL | NIL NIL 'a' 'b' | NIL NIL 'c' 'd' | NIL NIL NIL NIL"},
      {":;", "NIL NIL '' NIL | NIL NIL NIL NIL"},
      {"\"unclosed <a@b>", "'unclosed' NIL 'a' 'b'"},
      {"Joe (unclosed <a@b>", "'Joe unclosed' NIL 'a' 'b'"},
      {"a) b <c@d>>", "'a b' NIL 'c' 'd'"},
      {"x@y (comment \\", "NIL NIL 'x' 'y'"},
      {"x@[1.2", "NIL NIL 'x' '[1.2'"},
      {"a\\b@c", "NIL NIL 'a\\b' 'c'"},
      {"\"\\", "NIL NIL '\\' ''"},
      {"<", "NIL NIL '' ''"},
      {"<\"", "NIL NIL '' ''"},
      {"a@b@c", "NIL NIL 'a' 'b'"},
      {"a@b: c@d", "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'"},
      {"J\xC3\xB6rg <j@x>", "'J\xC3\xB6rg' NIL 'j' 'x'"},
      {"\xFF\xFE@x", "NIL NIL '\xFF\xFE' 'x'"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(read(each.value) == each.rows);
  }
  CHECK(read(std::string_view("a\0b@c", 5)) == std::string("NIL NIL 'a\0b' 'c'", 17));
}

TEST_CASE("every prefix of an address list is read") {
  const std::string value = "A (c\\)) \"b\\\"\" <@r,@s:\"x\"@[1]>, g: d@e (f), <h@i>;, j . k @ l";
  for (std::size_t size = 0; size <= value.size(); ++size) {
    // A copy of exactly that size: a read beyond it is found by the sanitizers.
    const std::vector<char> cut(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(size));
    for (const Address& address : parse_addresses(std::string_view(cut.data(), cut.size()))) {
      CHECK((address.host || address.mailbox || !address.name));
    }
  }
}

TEST_CASE("no more rows than asked for, and a group is still closed") {
  CHECK(read("a@b,c@d,e@f", 2) == "NIL NIL 'a' 'b' | NIL NIL 'c' 'd'");
  CHECK(read("g:a@b,c@d;", 3) == "NIL NIL 'g' NIL | NIL NIL 'a' 'b' | NIL NIL NIL NIL");
  CHECK(read("a@b", 0).empty());
  CHECK(read("g:a@b;", 1) == "NIL NIL 'a' 'b'");
}

}  // namespace
}  // namespace postfach::message
