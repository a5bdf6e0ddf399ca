// Broken commands in every state: nothing crashes, nothing loops, each answer is a line.
#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

const char* const kCommands[] = {
    "a FETCH 1:* (FLAGS UID BODY.PEEK[1.2.HEADER.FIELDS (a b)]<1.2>)\r\n",
    "b UID FETCH 1,3:*,2 (ENVELOPE BODYSTRUCTURE RFC822.TEXT)\r\n",
    "c STORE 1:2 +FLAGS.SILENT (\\Seen kw)\r\n",
    "d SEARCH OR (NOT SEEN) 2:* TEXT {3+}\r\nabc UID 1:5\r\n",
    "e APPEND INBOX (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {5+}\r\nhello\r\n",
    "f APPEND INBOX {5}\r\nhello\r\n",
    "f1 APPEND INBOX {2+}\r\nab (\\Draft) ~{3+}\r\n\001bc CATENATE (URL {13+}\r\n/INBOX/;UID=1 TEXT {1+}\r\nx)\r\n",
    "f2 UID REPLACE 1 INBOX CATENATE (URL \"/INBOX/;UID=2/;SECTION=HEADER\" TEXT {5}\r\nhello)\r\n",
    "f3 REPLACE * {5+}\r\nTrash (\\Seen) {2+}\r\nhi\r\n",
    "g LIST \"\" \"*%a*\"\r\nh LSUB a %\r\n",
    "g LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (% x*y \"\") RETURN (CHILDREN STATUS (MESSAGES SIZE))\r\n",
    "h XLIST \"\" *\r\n",
    "i IDLE\r\nDONE\r\n",
    "j STATUS INBOX (MESSAGES UIDNEXT)\r\n",
    "k COPY 1 Trash\r\nl UID MOVE 2 Trash\r\n",
    "m CREATE {3+}\r\nx/y\r\nn DELETE x/y\r\nm CREATE y (USE (\\Important))\r\nn RENAME y inbox/y\r\n",
    "o SELECT INBOX\r\np EXAMINE INBOX\r\nq CLOSE\r\n",
    "r AUTHENTICATE PLAIN\r\nAGEAYg==\r\n",
    "r AUTHENTICATE SCRAM-SHA-256 biwsbj1hbGljZSxyPXg=\r\nYz1iaXdzLHI9eCxwPXg=\r\n",
    "r UNAUTHENTICATE\r\nr LOGIN alice secret\r\n",
    "s ID (\"a\" NIL)\r\nt ENABLE X\r\nu NOOP\r\n",
    "x SORT RETURN (MIN PARTIAL 1:2) (REVERSE SUBJECT DATE) UTF-8 ALL\r\ny UID THREAD REFERENCES UTF-8 1:*\r\n",
    "z FETCH 1:* (EMAILID THREADID)\r\nA SEARCH OR EMAILID M1 THREADID T1\r\n",
    "v EXPUNGE\r\nw UID EXPUNGE 1:4\r\n",
    "x SEARCH RETURN (SAVE MIN COUNT) OR $ YOUNGER 5\r\ny UID FETCH $ FLAGS (PARTIAL -1:-2)\r\n",
    "z SEARCH RETURN (UPDATE PARTIAL 1:2 RELEVANCY) FUZZY TEXT helo\r\nA CANCELUPDATE \"z\"\r\n",
    "B COMPARATOR \"i;*\"\r\nC UID SEARCH RETURN (ALL MAX) MODSEQ 1 FROM x\r\n",
    "x ENABLE CONDSTORE QRESYNC\r\ny ENABLE IMAP4rev2 UIDONLY UTF8=ACCEPT\r\n",
    "z SELECT INBOX (QRESYNC (1 2 1:9 (1:2 3:4)) CONDSTORE)\r\n",
    "A UID FETCH 1:* (MODSEQ) (CHANGEDSINCE 3 VANISHED)\r\nB STORE 1:* (UNCHANGEDSINCE 5) -FLAGS (a \\Seen)\r\n",
    "x FETCH 1:* (BINARY.PEEK[1]<1.5> BINARY.SIZE[1] PREVIEW (LAZY) SAVEDATE)\r\n",
    "y SEARCH SAVEDSINCE 1-Jan-2015 NOT SAVEDATESUPPORTED\r\n",
};

std::string broken(std::minstd_rand& random) {
  std::string text = kCommands[random() % std::size(kCommands)];
  for (auto i = random() % 3; i > 0; --i) {
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0:
        text[at] = static_cast<char>(random() % 256);
        break;
      case 1:
        text.erase(at, 1 + random() % 4);
        break;
      case 2:
        text.insert(at, 1, "(){}\"\\*%\r\n\0 &~+9"[random() % 17]);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 20));
        break;
    }
    if (text.empty()) return "\r\n";
  }
  return text;
}

}  // namespace

TEST_CASE("broken commands are answered and harm nobody") {
  WorldOptions options;
  options.prepare = with_messages(3);
  options.session.capabilities.on = {"UIDONLY"};
  options.session.login_attempts = 1;
  options.session.login_delay = std::chrono::milliseconds(0);
  const Store store = make_store(options);
  std::minstd_rand random(7);
  for (int round = 0; round < 60; ++round) {
    Client client(store, options);
    if (round % 3 > 0) client.send("l LOGIN alice secret\r\n");
    if (round % 3 > 1) client.send("s SELECT INBOX\r\n");
    std::string output;
    for (int i = 0; i < 12; ++i) output += client.send(broken(random), 1 + random() % 300);
    const bool alive = client.session().want() == protocol::Want::read ||
                       client.session().want() == protocol::Want::close ||
                       client.session().want() == protocol::Want::wait;
    CHECK(alive);
    CHECK(output.size() < 100'000);
    CHECK(output.find("SERVERBUG") == std::string::npos);
    if (!output.empty()) CHECK(output.ends_with("\r\n"));
  }
  Client after(store, options);
  after.log_in_and_select();
}
