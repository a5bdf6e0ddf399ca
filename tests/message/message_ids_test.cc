#include "message/message_ids.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/hash.h"
#include "cpu_time.h"
#include "support.h"

namespace postfach::message {
namespace {

std::vector<std::string> ids(std::string_view value) {
  std::vector<std::string> list;
  MessageIdReader reader(value);
  while (const auto id = reader.next()) list.emplace_back(*id);
  return list;
}

using List = std::vector<std::string>;

std::uint64_t number(std::string_view id) { return base::stable_hash(id); }

TEST_CASE("message identifiers, whatever their quoting") {
  CHECK(ids("<a@b>") == List{"a@b"});
  // RFC 5256 §3 REFERENCES: these are the same.
  CHECK(ids("<\"01KF8JCEOCBS0045PS\"@xxx.yyy.com>") == List{"01KF8JCEOCBS0045PS@xxx.yyy.com"});
  CHECK(ids("<01KF8JCEOCBS0045PS@xxx.yyy.com>") == List{"01KF8JCEOCBS0045PS@xxx.yyy.com"});
  CHECK(ids("<\"a\\b\\\"c\"@d>") == List{"ab\"c@d"});
  CHECK(ids("<\"a > b\"@c>") == List{"a > b@c"});
  CHECK(ids("<\"a <x@y> b\"@c>") == List{"a <x@y> b@c"});
  CHECK(ids("<a (comment > ) @ b\r\n\t.c>") == List{"a@b.c"});
  CHECK(ids("<a@[192.0.2.1]>") == List{"a@[192.0.2.1]"});
  CHECK(ids("<A@B>") == List{"A@B"});  // case counts
  CHECK(ids("<a@b@c>") == List{"a@b@c"});
}

TEST_CASE("several identifiers, and what stands between them") {
  CHECK(ids("<a@b><c@d>\r\n <e@f>") == List{"a@b", "c@d", "e@f"});
  CHECK(ids("Your message of \"Fri\" <a@b>, Ann (<c@d>)") == List{"a@b", "c@d"});
  CHECK(ids("<a@b> <broken <c@d>") == List{"a@b", "c@d"});
  CHECK(ids("<a\r\n @b>") == List{"a@b"});
}

TEST_CASE("what is no identifier") {
  for (const char* value : {"", " ", "a@b", "<>", "<a>", "<@b>", "<a@>", "<a@b", "< @ >", "<(a@b)>", "a@b>", "<<<<"}) {
    INFO(value);
    CHECK(ids(value).empty());
  }
  CHECK(ids("<no-at> <a@b>") == List{"a@b"});
  // Neither closes: they are what they are.
  CHECK(ids("<a\"b@c> <d(e@f>") == List{"a\"b@c", "d(e@f"});
}

TEST_CASE("references, or else the first of in-reply-to") {
  const auto of = [](std::string_view header) { return thread_references(crlf(header)); };
  CHECK(of("Message-ID: <a@b>\nReferences: <c@d> <e@f>\nIn-Reply-To: <g@h>\n\n") ==
        ThreadReferences{number("a@b"), {number("c@d"), number("e@f")}});
  CHECK(of("References: none\nIn-Reply-To: Ann's mail <g@h> <ann@example.org>\n\n") ==
        ThreadReferences{0, {number("g@h")}});
  CHECK(of("In-Reply-To: yours\nmessage-id: <1>\n\n") == ThreadReferences{0, {}});
  CHECK(of("Message-ID: <a@b>\nMessage-ID: <c@d>\n\nReferences: <e@f>\n") == ThreadReferences{number("a@b"), {}});
}

TEST_CASE("an identifier has one number, whichever field it stands in and however long it is") {
  for (const std::size_t size : {1U, 15U, 16U, 40U, 300U, 5000U}) {
    const std::string id = std::string(size, 'x') + "@example.org";
    const std::string value = " <" + id + ">";
    CHECK(thread_references(value, std::nullopt, std::nullopt).id == number(id));
    CHECK(thread_references(std::nullopt, value, std::nullopt).references == std::vector{number(id)});
    CHECK(thread_references(std::nullopt, std::nullopt, value).references == std::vector{number(id)});
  }
}

TEST_CASE("of too many references the first and the last ones are kept") {
  constexpr std::size_t kMost = kFirstReferences + kLastReferences;
  for (const std::size_t count :
       {std::size_t{1}, kFirstReferences, kMost - 1, kMost, kMost + 1, kMost + 100, 3 * kMost + 7}) {
    INFO(count);
    std::string value;
    std::vector<std::uint64_t> expected;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = std::to_string(i) + "@x";
      value += "<" + id + ">\r\n ";
      if (i < kFirstReferences || i + kLastReferences >= count) expected.push_back(number(id));
    }
    CHECK(thread_references(std::nullopt, std::nullopt, value).references == expected);
  }
}

TEST_CASE("packed and unpacked") {
  const ThreadReferences refs{number("a@b"), {1, 0xFEDCBA9876543210U, 3}};
  ThreadReferences read{7, {8, 9}};
  unpack(pack(refs), read);
  CHECK(read == refs);
  unpack(pack({}), read);
  CHECK(read == ThreadReferences());
  CHECK(pack(refs).size() == 32);
  unpack("short", read);
  CHECK(read == ThreadReferences());
  unpack(pack(refs).substr(0, 20), read);
  CHECK(read == ThreadReferences{number("a@b"), {1}});
}

TEST_CASE("the parser keeps what the header says, and not what an enclosed message says") {
  const std::string octets = crlf(
      "Message-ID: <a@b>\nIn-Reply-To: <c@d>\nReferences: <e@f>\n\t<c@d>\nContent-Type: message/rfc822\n\n"
      "Message-ID: <x@y>\nReferences: <z@y>\n\nbody\n");
  ThreadReferences refs;
  unpack(parse(octets).thread_refs, refs);
  CHECK(refs == ThreadReferences{number("a@b"), {number("e@f"), number("c@d")}});
  CHECK(refs == thread_references(octets));
  unpack(parse("\r\n").thread_refs, refs);
  CHECK(refs == ThreadReferences());
  CHECK(parse("").thread_refs.size() == 8);
}

TEST_CASE("the same numbers for ever: they are stored") {
  CHECK(number("a@b") == 0xDF5B124B9BBDC055U);
  CHECK(number("01KF8JCEOCBS0045PS@xxx.yyy.com") == 0x3833B0319FD2A5D5U);
}

TEST_CASE("a megabyte of what opens and never closes takes no longer than a megabyte of anything") {
  const double started = test::cpu_seconds();
  for (const char* piece : {"<", "<\"", "<(", "<a@b(\"", "<\\\"(", "(<", "<a@b>", "<\"a\"(b)@c>"}) {
    std::string value;
    while (value.size() < 1'000'000) value += piece;
    thread_references(value, value, value);
  }
  CHECK(test::cpu_seconds() - started < test::kFarTooLong);
}

}  // namespace
}  // namespace postfach::message
