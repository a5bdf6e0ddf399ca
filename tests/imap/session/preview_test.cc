// PREVIEW (RFC 8970).
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

std::function<void(const Account&)> with(std::vector<std::string> mails) {
  return [mails](const Account& account) {
    for (const std::string& mail : mails) account.deliver(mail).value();
  };
}

}  // namespace

TEST_CASE("PREVIEW: text, with and without LAZY") {
  check_selected(
      R"(
    C: a1 FETCH 1 (RFC822.SIZE PREVIEW)
    S: * 1 FETCH (RFC822.SIZE 35 PREVIEW "Preview \"text\"!")
    S: a1 OK Fetch completed
    C: a2 FETCH 1:4 (UID PREVIEW (LAZY))
    S: * 1 FETCH (UID 1 PREVIEW "Preview \"text\"!")
    S: * 2 FETCH (UID 2 PREVIEW "")
    S: * 3 FETCH (UID 3 PREVIEW {6}
    S: Gr\xC3\xBC\xC3\x9F)
    S: * 4 FETCH (UID 4 PREVIEW "Hello")
    S: a2 OK Fetch completed
    C: a3 UID FETCH 4 preview (lazy LAZY)
    S: * 4 FETCH (UID 4 PREVIEW "Hello")
    S: a3 OK Fetch completed
    C: a4 FETCH 4 (PREVIEW (LAZY) FLAGS PREVIEW)
    S: * 4 FETCH (FLAGS (\Recent) PREVIEW "Hello")
    S: a4 OK Fetch completed
    C: a5 FETCH 4 (PREVIEW BODY.PEEK[]<0.5>)
    S: * 4 FETCH (PREVIEW "Hello" BODY[]<0> {5}
    S: Conte)
    S: a5 OK Fetch completed
    C: a6 FETCH 1:4 (ENVELOPE PREVIEW BODY[HEADER.FIELDS (Subject)])
    S~ ...
    S~ a6 OK *
  )",
      {.prepare = with({"Subject: x\r\n\r\nPreview \"text\"!\r\n\r\n\r\n", "Content-Type: image/gif\r\n\r\nGIF89a",
                        "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9F",
                        "Content-Type: text/html\r\n\r\n<style>p</style><p>Hello</p>"})});
}

TEST_CASE("PREVIEW: syntax, and a host that does not offer it") {
  check_selected(R"(
    C: a FETCH 1 PREVIEW (EAGER)
    S~ a BAD *
    C: b FETCH 1 (PREVIEW (LAZY)
    S~ b BAD *
    C: c FETCH 1 PREVIEW ()
    S~ c BAD *
    C: d FETCH 1 PREVIEW (LAZYX)
    S~ d BAD *
    C: e FETCH 1 PREVIEW.PEEK
    S~ e BAD *
    C: f FETCH 1 (PREVIEW FLAGS)
    S: * 1 FETCH (FLAGS (\Recent) PREVIEW "Hello 1")
    S~ f OK *
    C: g CAPABILITY
    S~ * CAPABILITY * PREVIEW *
    S~ g OK *
  )",
                 {.prepare = with_messages(1)});
  WorldOptions options{.prepare = with_messages(1)};
  options.session.capabilities.off = {"PREVIEW"};
  check_selected(R"(
    C: a FETCH 1 PREVIEW
    S~ a BAD *
  )",
                 options);
}

TEST_CASE("PREVIEW of many messages, some of them large") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    for (int i = 1; i <= 300; ++i) {
      const std::string size(i % 10 == 0 ? 100'000 : 0, 'x');
      account.deliver("Subject: x\r\n\r\nText " + std::to_string(i) + "\r\n-- \r\n" + size).value();
    }
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string expected;
  for (int i = 1; i <= 300; ++i) {
    expected += "* " + std::to_string(i) + " FETCH (PREVIEW \"Text " + std::to_string(i) + "\")\r\n";
  }
  CHECK(client.send("a FETCH 1:* PREVIEW\r\n") == expected + "a OK Fetch completed\r\n");
  CHECK(client.send("a FETCH 1:* PREVIEW\r\n", 500) == expected + "a OK Fetch completed\r\n");
}
