// Partial fetches are exact to the octet: Thunderbird takes a short answer for the last one (its loop ends there), and
// Apple's programs read attachments by BODY.PEEK[1]<0.393216>.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

const char* const kSections[] = {"",
                                 "HEADER",
                                 "TEXT",
                                 "HEADER.FIELDS (Subject From X-None)",
                                 "HEADER.FIELDS.NOT (Subject)",
                                 "1",
                                 "1.MIME",
                                 "2",
                                 "2.MIME",
                                 "2.HEADER",
                                 "2.TEXT",
                                 "2.HEADER.FIELDS (Subject)",
                                 "2.HEADER.FIELDS.NOT (Subject)",
                                 "2.1",
                                 "2.1.MIME",
                                 "3",
                                 "3.1",
                                 "3.2.MIME",
                                 "9",
                                 "9.MIME",
                                 "1.HEADER"};

// Mail of every shape: flat, nested, without header, without body, with bare line ends, with NULs, larger than a blob.
std::vector<std::string> corpus() {
  std::vector<std::string> mails = {
      "Subject: flat\r\nFrom: a@example.org\r\n\r\nbody\r\nof lines\r\n",
      "no header at all",
      "\r\n",
      "Subject: no body\r\n",
      "Subject: bare\nFrom: x\n\nline\nline",
      std::string("Subject: nul\r\n\r\na\0b\r\n\0", 22),
      "Subject: large\r\n\r\n" + std::string(90'000, 'y') + "\r\nend",
  };
  std::mt19937 random(1);
  for (int i = 0; i < 6; ++i) {
    std::string filling;
    for (auto n = random() % 3000; n > 0; --n) filling += random() % 40 == 0 ? "\r\n" : "t";
    mails.push_back(
        "Subject: nested\r\nFrom: b@example.org\r\nX-Folded: a\r\n b\r\n"
        "Content-Type: multipart/mixed; boundary=o\r\n\r\n"
        "--o\r\nContent-Type: text/plain\r\n\r\n" +
        filling + "\r\n--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nX: y\r\n\r\n" + filling +
        "\r\n--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
        "--i\r\n\r\nplain\r\n--i\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable"
        "\r\n\r\n=3Cp>" +
        filling + "\r\n--i--\r\n--o--\r\n");
  }
  return mails;
}

struct Reader {
  Client& client;

  // The octets of one item; checks all that stands around them.
  std::string fetch(std::size_t number, const std::string& item, const std::string& label) {
    const std::string output = client.send("a FETCH " + std::to_string(number) + " " + item + "\r\n");
    const std::string head = "* " + std::to_string(number) + " FETCH (" + label + " {";
    CAPTURE(item);
    std::size_t at = 0;
    std::string start = output.substr(0, head.size());
    if (start != head) {  // the same with a literal8
      const std::string other = "* " + std::to_string(number) + " FETCH (" + label + " ~{";
      REQUIRE(output.substr(0, other.size()) == other);
      at = 1;
    }
    const std::size_t brace = output.find("}\r\n", head.size() + at);
    const std::size_t size = std::stoul(output.substr(head.size() + at, brace));
    REQUIRE(output.size() >= brace + 3 + size);
    CHECK(output.substr(brace + 3 + size) == ")\r\na OK Fetch completed\r\n");
    return output.substr(brace + 3, size);
  }
};

}  // namespace

TEST_CASE("partial fetches of random sizes join to the whole, for all sections of all messages") {
  const std::vector<std::string> mails = corpus();
  WorldOptions options;
  options.prepare = [&mails](const Account& account) {
    for (const std::string& mail : mails) account.deliver(mail).value();
  };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  Reader reader{client};
  std::mt19937 random(2);
  for (std::size_t number = 1; number <= mails.size(); ++number) {
    CAPTURE(number);
    for (const bool binary : {false, true}) {
      for (const char* section : kSections) {
        const std::string name = "[" + std::string(section) + "]";
        if (binary && name.find_first_of("HMT") != std::string::npos) continue;
        const std::string item = (binary ? "BINARY" : "BODY") + name;
        const std::string peek = (binary ? "BINARY.PEEK" : "BODY.PEEK") + name;
        const std::string whole = reader.fetch(number, peek, item);
        // A literal has no NUL (RFC 9051 §9): 0x80 stands for it.
        std::string sent = mails[number - 1];
        std::replace(sent.begin(), sent.end(), '\0', '\x80');
        if (!binary && name == "[]") REQUIRE((whole == sent));
        if (binary) {
          REQUIRE(client.send("b FETCH " + std::to_string(number) + " BINARY.SIZE" + name + "\r\n") ==
                  "* " + std::to_string(number) + " FETCH (BINARY.SIZE" + name + " " + std::to_string(whole.size()) +
                      ")\r\nb OK Fetch completed\r\n");
        }
        std::string joined;
        while (joined.size() < whole.size()) {
          const std::size_t size = 1 + random() % (whole.size() / 3 + 2);
          const std::string offset = std::to_string(joined.size());
          const std::string piece =
              reader.fetch(number, peek + "<" + offset + "." + std::to_string(size) + ">", item + "<" + offset + ">");
          REQUIRE(piece.size() == std::min(size, whole.size() - joined.size()));
          joined += piece;
        }
        REQUIRE((joined == whole));
        for (const std::string& offset : {std::to_string(whole.size()), std::to_string(whole.size() + 1),
                                          std::string("4294967296"), std::string("9223372036854775807")}) {
          REQUIRE(
              reader.fetch(number, peek + "<" + offset + ".9223372036854775807>", item + "<" + offset + ">").empty());
        }
        REQUIRE((reader.fetch(number, peek + "<0.9223372036854775807>", item + "<0>") == whole));
      }
    }
  }
}

TEST_CASE("Apple's programs: chunks of 384 KiB") {
  const std::string mail = "Subject: x\r\n\r\n" + std::string(500'000, 'z');
  WorldOptions options;
  options.prepare = [&mail](const Account& account) { account.deliver(mail).value(); };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  Reader reader{client};
  CHECK(reader.fetch(1, "BODY.PEEK[1]<0.393216>", "BODY[1]<0>").size() == 393'216);
  CHECK(reader.fetch(1, "BODY.PEEK[1]<393216.393216>", "BODY[1]<393216>").size() == 500'000 - 393'216);
  CHECK(reader.fetch(1, "BODY.PEEK[1]<786432.393216>", "BODY[1]<786432>").empty());
}

TEST_CASE("partial ranges that are none") {
  check_selected(R"(
    C: a FETCH 1 BODY[]<0.0>
    S~ a BAD *
    C: b FETCH 1 BODY[]<0>
    S~ b BAD *
    C: c FETCH 1 BODY[]<9223372036854775808.1>
    S~ c BAD *
    C: d FETCH 1 BODY[]<0.9223372036854775808>
    S~ d BAD *
    C: e FETCH 1 BODY[]<-1.5>
    S~ e BAD *
    C: f FETCH 1 RFC822<0.5>
    S~ f BAD *
    C: g FETCH 1 BODY<0.5>
    S~ g BAD *
    C: h FETCH 1 FLAGS
    S: * 1 FETCH (FLAGS (\Recent))
    S~ h OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("many sections of scattered messages") {
  WorldOptions options{.prepare = with_messages(60)};
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string set;
  std::string expected;
  for (int number = 1; number <= 60; number += 3) {
    set += (set.empty() ? "" : ",") + std::to_string(number);
    const std::string text = "Hello " + std::to_string(number) + "\r\n";
    expected += "* " + std::to_string(number) + " FETCH (BODY[TEXT]<6> {" + std::to_string(text.size() - 6) + "}\r\n" +
                text.substr(6) + " BODY[9] {0}\r\n BINARY.SIZE[1] " + std::to_string(text.size()) +
                " BODY[1]<0> {5}\r\n" + "Hello BINARY[1]<0> {2}\r\nHe)\r\n";
  }
  const std::string command =
      "a FETCH " + set +
      " (BODY.PEEK[TEXT]<6.9> BODY.PEEK[9] BINARY.SIZE[1] BODY.PEEK[1]<0.5> BINARY.PEEK[1]<0.2>)\r\n";
  CHECK(client.send(command) == expected + "a OK Fetch completed\r\n");
  CHECK(client.send(command, 100) == expected + "a OK Fetch completed\r\n");

  std::string many = "b FETCH 1 (BODY.PEEK[1]<0.1>";
  for (int i = 1; i < 100; ++i) many += " BODY.PEEK[1]<" + std::to_string(i) + ".1>";
  CHECK(client.send(many + ")\r\n").ends_with("b OK Fetch completed\r\n"));
  CHECK(client.send(many + " BODY.PEEK[1]<100.1>)\r\n").starts_with("b BAD "));
  CHECK(client.send("c FETCH 1 (ALL FLAGS)\r\n").starts_with("c BAD "));
  CHECK(client.send("d FETCH 1 FAST FULL\r\n").starts_with("d BAD "));
  CHECK(client.send("e FETCH 1 (FLAGS FOO)\r\n").starts_with("e BAD "));
}
