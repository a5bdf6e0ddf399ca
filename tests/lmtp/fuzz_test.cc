// Seeded mutations of real sessions: nothing crashes, the output does not depend on how the octets were cut, and what was
// told to be stored is there.
#include <array>
#include <random>

#include "lmtp/fixture.h"

using namespace postfach;
using namespace postfach::test;

namespace {

constexpr auto kPieces = std::to_array<std::string_view>({
    "LHLO x\r\n",
    "MAIL FROM:<a@b>\r\n",
    "MAIL FROM:<> BODY=BINARYMIME SIZE=100\r\n",
    "MAIL FROM:<\xC3\xBC@b> SMTPUTF8\r\n",
    "RCPT TO:<alice@example.org>\r\n",
    "RCPT TO:<bob+x@example.org>\r\n",
    "RCPT TO:<m\xC3\xBCller@example.org>\r\n",
    "RCPT TO:<nobody@example.org>\r\n",
    "DATA\r\nSubject: x\r\nReturn-Path: y\r\n\r\n..\r\n.\r\n",
    "DATA\r\n",
    ".\r\n",
    "\r\n.\r\n",
    "\n.\n",
    "\r.\r",
    "BDAT 5\r\nab\r\nc",
    "BDAT 4 LAST\r\n.\r\n\n",
    "BDAT 0 LAST\r\n",
    "BDAT 1000\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY <x>\r\n",
    "STARTTLS\r\n",
    "EHLO \"x\r\n",
});

std::uint64_t count_of(std::string_view text, std::string_view part) {
  std::uint64_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// Identifiers of messages are random.
std::string without_ids(std::string text) {
  constexpr std::string_view kBefore = "Stored as ";
  for (std::size_t at = text.find(kBefore); at != std::string::npos; at = text.find(kBefore, at + 1)) {
    text.erase(at + kBefore.size(), 16);
  }
  return text;
}

}  // namespace

TEST_CASE("sessions of any commands in any order, cut anywhere") {
  World whole;
  World cut;
  whole.options.bad_commands = cut.options.bad_commands = 1000;
  whole.begin();
  cut.begin();
  std::mt19937 random(11);
  std::uint64_t stored = 0;
  for (int round = 0; round < 400; ++round) {
    std::string input = "LHLO x\r\n";
    if (round % 2 == 0) input += "MAIL FROM:<a@b>\r\nRCPT TO:<alice@example.org>\r\n";
    for (std::size_t i = 3 + random() % 15; i > 0; --i) input += kPieces[random() % kPieces.size()];
    if (random() % 2 == 0) {
      for (std::size_t i = 1 + random() % 3; i > 0; --i) {
        const std::size_t at = random() % input.size();
        switch (random() % 3) {
          case 0:
            input[at] = static_cast<char>(random());
            break;
          case 1:
            input.erase(at, 1);
            break;
          default:
            input.insert(at, 1, "\r\n.<>\0 "[random() % 7]);
        }
      }
    }
    INFO("round " << round << ": " << input);
    const std::string once = talk(*whole.session(), input);
    const std::string pieces = talk(*cut.session(), input, 1 + random() % 9);
    CHECK(without_ids(once) == without_ids(pieces));
    stored += count_of(once, "Stored as ");
  }
  CHECK(stored > 50);
  // One message for all recipients of an account that a transaction has.
  const std::uint64_t messages = whole.alice->usage().value().messages + whole.bob->usage().value().messages;
  CHECK(messages <= stored);
  CHECK(messages == cut.alice->usage().value().messages + cut.bob->usage().value().messages);
  CHECK(whole.alice->check().value().problems.empty());
}
