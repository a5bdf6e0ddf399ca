// What Mail on macOS and iOS does, and what it needs back. Special uses in plain LIST are in special_use_test.cc, all
// manner of partial fetches in partial_fetch_test.cc.
#include <catch2/catch.hpp>
#include <string>

#include "imap/session/world.h"
#include "protocol/compressed.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("Apple Mail: commands in the packet of DONE are answered in order") {
  check_selected(R"(
    C: 5 IDLE
    S: + idling
    ! deliver three
    S: * 3 EXISTS
    S: * 3 RECENT
    C: DONE
    C: 6 UID FETCH 3:* (FLAGS UID)
    C: 7 NOOP
    C: 8 STATUS Sent (MESSAGES)
    C: 9 IDLE
    S: 5 OK Idle completed
    S: * 3 FETCH (UID 3 FLAGS (\Recent))
    S: 6 OK Fetch completed
    S: 7 OK Done
    S: * STATUS Sent (MESSAGES 0)
    S: 8 OK Status completed
    S: + idling
    ! flag 1 \Seen
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
    C: DONE
    C: 10 SELECT Sent
    C: 11 IDLE
    S: 9 OK Idle completed
    S: * OK [CLOSED] The previous mailbox is closed
    S~ ...
    S~ 10 OK *
    S: + idling
    C: DONE
    C: 12 LOGOUT
    S: 11 OK Idle completed
    S~ * BYE *
    S~ 12 OK *
    ! want close
  )",
                 {.prepare = with_messages(2)});
}

// iOS doesn't always wait for the "+" either.
TEST_CASE("Apple Mail: IDLE and its DONE in one packet") {
  check_selected(R"(
    C: 5 IDLE
    C: DONE
    C: 6 IDLE
    C: DONE
    C: 7 FETCH 1 UID
    S: + idling
    S: 5 OK Idle completed
    S: + idling
    S: 6 OK Idle completed
    S: * 1 FETCH (UID 1)
    S: 7 OK Fetch completed
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("Apple Mail: a literal behind DONE in the same packet") {
  check_selected(R"(
    C: 5 IDLE
    S: + idling
    C: DONE
    C: 6 APPEND Sent (\Seen) {n+}
    L: Subject: x
    L:
    L: DONE
    L: 7 NOOP\
    C:
    C: 8 UID SEARCH SUBJECT {1+}
    C: 1
    S: 5 OK Idle completed
    S~ 6 OK [APPENDUID * 1] *
    S: * SEARCH 1
    S~ 8 OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("Apple Mail: CHANGEDSINCE 0 means everything") {
  check_selected(R"(
    C: 1 ENABLE CONDSTORE
    S~ ...
    S~ 1 OK *
    C: 2 UID FETCH 1:* (FLAGS UID) (CHANGEDSINCE 0)
    S: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (3))
    S: * 2 FETCH (UID 2 FLAGS (\Recent) MODSEQ (4))
    S~ 2 OK *
    C: 3 ENABLE QRESYNC
    S~ ...
    S~ 3 OK *
    C: 4 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 0 VANISHED)
    S: * 1 FETCH (UID 1 FLAGS (\Recent) MODSEQ (3))
    S: * 2 FETCH (UID 2 FLAGS (\Recent) MODSEQ (4))
    S~ 4 OK *
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("Apple Mail: LIST \"\" * tells which mailbox is for sent and which for deleted messages") {
  check_logged_in(R"(
    C: 2 ID ("name" "Mac OS X Mail" "version" "16.0" "os" "Mac OS X" "os-version" "14.6")
    S~ * ID *
    S~ 2 OK *
    C: 3 LIST "" "*"
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Archive) "/" Archive
    S: * LIST (\HasNoChildren \Drafts) "/" Drafts
    S: * LIST (\HasNoChildren \Junk) "/" Junk
    S: * LIST (\HasNoChildren \Sent) "/" Sent
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S~ 3 OK *
  )");
}

TEST_CASE("Apple Mail: a packet of commands of all kinds, tagged answers in their order") {
  check_logged_in(R"(
    C: 3.1 NOOP
    C: 3.2 SELECT INBOX
    C: 3.3 FETCH 1 UID
    C: 3.4 STORE 1 +FLAGS.SILENT (\Seen)
    C: 3.5 BOGUS
    C: 3.6 UID SEARCH SEEN
    C: 3.7 COPY 1 Nowhere
    C: 3.8 UID COPY 1 Archive
    C: 3.9 STATUS Archive (MESSAGES)
    C: 3.10 UNSELECT
    C: 3.11 FETCH 1 UID
    C: 3.12 LIST "" Archive
    S: 3.1 OK Done
    S~ * FLAGS *
    S~ ...
    S~ 3.2 OK *
    S: * 1 FETCH (UID 1)
    S~ 3.3 OK *
    S~ 3.4 OK *
    S~ 3.5 BAD *
    S: * SEARCH 1
    S~ 3.6 OK *
    S~ 3.7 NO [TRYCREATE] *
    S~ 3.8 OK [COPYUID *] *
    S: * STATUS Archive (MESSAGES 1)
    S~ 3.9 OK *
    S~ 3.10 OK *
    S~ 3.11 BAD *
    S: * LIST (\HasNoChildren \Archive) "/" Archive
    S~ 3.12 OK *
  )",
                  {.prepare = with_messages(1)});
}

TEST_CASE("Apple Mail: ORs in ORs with BODY, as the search field sends them") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("From: lunch@example.org\r\nSubject: one\r\n\r\nnothing\r\n").value();
    account.deliver("From: b@example.org\r\nSubject: Lunch\r\n\r\nnothing\r\n").value();
    account.deliver("From: c@example.org\r\nCc: Lunchbox <x@example.org>\r\nSubject: three\r\n\r\nnothing\r\n").value();
    account
        .deliver(
            "From: d@example.org\r\nSubject: four\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "bGV0J3MgaGF2ZSBsdW5jaA==\r\n")
        .value();
    account.deliver("From: e@example.org\r\nSubject: five\r\n\r\ndinner\r\n").value();
  };
  check_selected(R"(
    C: 1 UID SEARCH 1:* NOT DELETED OR OR OR FROM "lunch" SUBJECT "lunch" OR TO "lunch" CC "lunch" BODY "lunch"
    S: * SEARCH 1 2 3 4
    S~ 1 OK *
    C: 2 UID SEARCH RETURN (ALL COUNT) OR OR OR OR OR FROM {5+}
    C: lunch TO "lunch" CC "lunch" BCC "lunch" SUBJECT "lunch" BODY {5}
    S: + OK
    C: lunch
    S: * ESEARCH (TAG "2") UID ALL 1:4 COUNT 4
    S~ 2 OK *
    C: 3 SEARCH (OR (BODY "lunch") (BODY "dinner")) NOT (OR SEEN (BODY "dinner"))
    S: * SEARCH 4
    S~ 3 OK *
    ! flag 4 \Seen
    C: 4 UID SEARCH OR (BODY "dinner" UNSEEN) (OR (BODY "lunch" SEEN) (SUBJECT "lunch" UNSEEN))
    S: * SEARCH 2 4 5
    S: * 4 FETCH (UID 4 FLAGS (\Seen \Recent))
    S~ 4 OK *
  )",
                 options);
}

TEST_CASE("Apple Mail: attachments in chunks of 384 KiB, asked for all at once") {
  constexpr std::size_t kChunk = 393'216;
  std::string body;
  while (body.size() < 2 * kChunk + 1000)
    body += "aGVsbG8gd29ybGQgYW5kIGFsbCB0aGF0IGlzIGluIGl0IQ==" + std::to_string(body.size()) + "\r\n";
  WorldOptions options;
  options.prepare = [&body](const Account& account) { account.deliver("Subject: x\r\n\r\n" + body).value(); };
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  std::string commands;
  std::string expected;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string tag = "9." + std::to_string(i);
    const std::string at = std::to_string(i * kChunk);
    commands += tag + " UID FETCH 1 (BODY.PEEK[1]<" + at + ".393216>)\r\n";
    const std::string piece = i * kChunk < body.size() ? body.substr(i * kChunk, kChunk) : std::string();
    expected += "* 1 FETCH (UID 1 BODY[1]<" + at + "> {" + std::to_string(piece.size()) + "}\r\n" + piece + ")\r\n" +
                tag + " OK Fetch completed\r\n";
  }
  CHECK((client.send(commands, 4096) == expected));
}

TEST_CASE("Apple Mail: DONE and commands in one packet under DEFLATE, with partial flushes") {
  const auto flush = GENERATE(postfach::test::Flush::sync, postfach::test::Flush::partial);
  WorldOptions options{.prepare = with_messages(1)};
  options.session.capabilities.on = {"COMPRESS=DEFLATE"};
  postfach::test::Transcript transcript = imap_transcript(options);
  transcript.make = [make = transcript.make, flush](protocol::Ring ring) {
    return postfach::test::seen_in_clear(make(std::move(ring)), "2 OK DEFLATE active", flush);
  };
  postfach::test::check_transcript(R"(
    S~ * OK *
    C: 1 LOGIN alice secret
    S~ 1 OK *
    C: 2 COMPRESS DEFLATE
    S: 2 OK DEFLATE active
    C: 3 SELECT INBOX
    S~ ...
    S~ 3 OK *
    C: 4 IDLE
    S: + idling
    ! deliver two
    S: * 2 EXISTS
    S: * 2 RECENT
    C: DONE
    C: 5 UID FETCH 2 (BODY.PEEK[1]<0.393216>)
    C: 6 IDLE
    S: 4 OK Idle completed
    S: * 2 FETCH (UID 2 BODY[1]<0> {11}
    S: Hello two
    S: )
    S: 5 OK Fetch completed
    S: + idling
    C: DONE
    S: 6 OK Idle completed
  )",
                                   transcript);
}

TEST_CASE("Apple Mail: XAPPLEPUSHSERVICE is refused and harms nothing") {
  check_selected(R"(
    C: 1 XAPPLEPUSHSERVICE aps-version 2 aps-account-id 0715A26B aps-device-token 2918390218931890821908309283098109381029309829018310983092892829 \
    C: aps-subtopic com.apple.mobilemail mailboxes (INBOX Notes)
    C: 2 NOOP
    S: 1 BAD Unknown command
    S: 2 OK Done
  )");
}
