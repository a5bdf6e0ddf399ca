#include "pop3/reply.h"

#include <catch2/catch.hpp>

using namespace postfach;
using namespace postfach::pop3;

TEST_CASE("status lines") {
  std::string out;
  append_ok(out, "2 320");
  append_error(out, "No");
  append_end(out);
  CHECK(out == "+OK 2 320\r\n-ERR No\r\n.\r\n");
  CHECK(describe(2, 320) == "2 messages (320 octets)");
  CHECK(describe(1, 1) == "1 message (1 octet)");
}

TEST_CASE("a client learns whose fault an error is") {
  CHECK(words_for(Errc::auth_failed).starts_with("[AUTH] "));
  for (const Errc code : {Errc::not_permitted, Errc::corrupt, Errc::newer_schema}) {
    CHECK(words_for(code).starts_with("[SYS/PERM] "));
  }
  for (const Errc code : {Errc::unavailable, Errc::in_use, Errc::internal}) {
    CHECK(words_for(code).starts_with("[SYS/TEMP] "));
  }
}
