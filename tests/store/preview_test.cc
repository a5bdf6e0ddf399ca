// Field::preview: what a list of messages shows of the text.
#include <catch2/catch.hpp>
#include <filesystem>

#include "fixture.h"

using namespace postfach;

namespace {

std::vector<std::string> previews(const Mailbox& mailbox, Field also = Field::none) {
  std::vector<std::string> result;
  mailbox
      .fetch(UidSet::all(), Field::preview | also,
             [&result](const MessageView& view) {
               result.emplace_back(view.preview);
               return true;
             })
      .value();
  return result;
}

}  // namespace

TEST_CASE("previews of small and of large messages") {
  Fixture f;
  f.inbox.append(message_text("small")).value();
  f.inbox.append("Subject: large\r\n\r\nlarge text\r\n-- \r\n" + std::string(200'000, 'x')).value();
  f.inbox.append("Content-Type: image/png\r\n\r\nx").value();
  const std::vector<std::string> expected{"body", "large text", ""};
  CHECK(previews(f.inbox) == expected);
  CHECK(previews(f.inbox, Field::envelope | Field::uidl) == expected);
  // Only who asks for it pays for it.
  f.inbox
      .fetch(UidSet::all(), Field::sections,
             [](const MessageView& view) {
               CHECK(view.preview.empty());
               return true;
             })
      .value();
}

TEST_CASE("a message whose file is gone has no preview, and the others have theirs") {
  Fixture f;
  f.inbox.append("Subject: large\r\n\r\nlarge text\r\n" + std::string(200'000, 'x')).value();
  f.inbox.append(message_text("small")).value();
  for (const auto& entry : std::filesystem::directory_iterator(f.account_directory() + "/large")) {
    std::filesystem::remove(entry.path());
  }
  CHECK(previews(f.inbox) == std::vector<std::string>{"", "body"});
}
