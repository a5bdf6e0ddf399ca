// What Thunderbird does, and what it needs back. Its & in mailbox names is in utf8_accept_test.cc, that it subscribes
// after CREATE and RENAME in list_test.cc.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

// The literal of the only FETCH in this output; all that stands around it is checked.
std::string literal_of(const std::string& output, const std::string& head, const std::string& tail) {
  const std::size_t brace = output.find('{');
  REQUIRE(brace != std::string::npos);
  CHECK(output.substr(0, brace) == head);
  const std::size_t end = output.find("}\r\n", brace);
  REQUIRE(end != std::string::npos);
  const std::size_t size = std::stoul(output.substr(brace + 1, end - brace - 1));
  REQUIRE(output.size() >= end + 3 + size);
  CHECK(output.substr(end + 3 + size) == tail);
  return output.substr(end + 3, size);
}

}  // namespace

TEST_CASE("Thunderbird: the first minute of a connection") {
  postfach::test::check_transcript(R"(
    S~ * OK [CAPABILITY *] *
    C: 1 capability
    S~ * CAPABILITY IMAP4rev1 *
    S~ 1 OK *
    C: 2 authenticate PLAIN
    S: +\x20
    C: AGFsaWNlAHNlY3JldA==
    S~ 2 OK [CAPABILITY *] *
    C: 3 capability
    S~ * CAPABILITY IMAP4rev1 *
    S~ 3 OK *
    C: 4 ENABLE UTF8=ACCEPT
    S: * ENABLED UTF8=ACCEPT
    S~ 4 OK *
    C: 5 ID ("name" "Thunderbird" "version" "128.5.0esr")
    S~ * ID *
    S~ 5 OK *
    C: 6 namespace
    S: * NAMESPACE (("" "/")) NIL NIL
    S~ 6 OK *
    C: 7 list (subscribed) "" "*" return (special-use)
    S: * LIST (\HasNoChildren \Subscribed) "/" INBOX
    S: * LIST (\HasNoChildren \Subscribed \Archive) "/" Archive
    S: * LIST (\HasNoChildren \Subscribed \Drafts) "/" Drafts
    S: * LIST (\HasNoChildren \Subscribed \Junk) "/" Junk
    S: * LIST (\HasNoChildren \Subscribed \Sent) "/" Sent
    S: * LIST (\HasNoChildren \Subscribed \Trash) "/" Trash
    S~ 7 OK *
    C: 8 list "" "INBOX"
    S: * LIST (\HasNoChildren) "/" INBOX
    S~ 8 OK *
    C: 9 select "INBOX" (CONDSTORE)
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted
    S: * 2 EXISTS
    S~ ...
    S~ 9 OK [READ-WRITE] *
    C: 10 UID fetch 1:* (FLAGS)
    S: * 1 FETCH (UID 1 FLAGS (\Recent))
    S: * 2 FETCH (UID 2 FLAGS (\Recent))
    S~ 10 OK *
    C: 11 UID fetch 1:2 (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID \
    C: Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To)])
    S~ * 1 FETCH (UID 1 FLAGS (\Recent) RFC822.SIZE 23 BODY[HEADER.FIELDS (From To Cc Bcc Subject *)] {14}
    S: Subject: 1
    S:
    S: )
    S~ * 2 FETCH (UID 2 FLAGS (\Recent) RFC822.SIZE 23 BODY[HEADER.FIELDS (From To Cc Bcc Subject *)] {14}
    S: Subject: 2
    S:
    S: )
    S~ 11 OK *
    C: 12 IDLE
    S: + idling
    ! deliver 3
    S: * 3 EXISTS
    S: * 3 RECENT
    C: DONE
    S~ 12 OK *
    C: 13 noop
    S~ 13 OK *
    C: 14 UID fetch 3:* (FLAGS)
    S: * 3 FETCH (UID 3 FLAGS (\Recent))
    S~ 14 OK *
    C: 15 uid store 3 +FLAGS.SILENT (\Seen)
    S~ * 3 FETCH (UID 3 MODSEQ (*))
    S~ 15 OK *
    C: 16 uid move 3 "Trash"
    S~ * OK [COPYUID * 3 1] *
    S: * 3 EXPUNGE
    S~ 16 OK *
    C: 17 close
    S~ 17 OK *
    C: 18 logout
    S~ * BYE *
    S~ 18 OK *
    ! want close
  )",
                                   imap_transcript({.prepare = with_messages(2)}));
}

TEST_CASE("Thunderbird: only what has changed since the last visit, by CONDSTORE") {
  check_logged_in(R"(
    ! flag 2 \Flagged
    C: 1 select "INBOX" (CONDSTORE)
    S~ ...
    S: * OK [HIGHESTMODSEQ 6] Highest
    S~ 1 OK *
    C: 2 UID fetch 1:* (FLAGS) (CHANGEDSINCE 5)
    S~ * 2 FETCH (UID 2 FLAGS (\Flagged *) MODSEQ (6))
    S~ 2 OK *
    C: 3 UID fetch 1:* (FLAGS) (CHANGEDSINCE 6)
    S~ 3 OK *
  )",
                  {.prepare = with_messages(3)});
}

// A chunk that is shorter than asked for is the last one; a message that is a multiple of the chunk's size ends with an
// empty one.
TEST_CASE("Thunderbird: chunks are whole up to the end, and empty behind it") {
  constexpr std::size_t kChunk = 65'536;
  for (const std::size_t size : {kChunk - 1, kChunk, kChunk + 1, 2 * kChunk}) {
    CAPTURE(size);
    std::string mail = "Subject: x\r\n\r\n";
    while (mail.size() < size) mail += static_cast<char>('a' + mail.size() % 23);
    WorldOptions options;
    options.prepare = [&mail](const Account& account) { account.deliver(mail).value(); };
    const Store store = make_store(options);
    Client client(store, options);
    client.log_in_and_select();
    std::string whole;
    std::string piece;
    do {
      const std::string at = std::to_string(whole.size());
      piece = literal_of(client.send("7 UID fetch 1 (UID RFC822.SIZE BODY.PEEK[]<" + at + ".65536>)\r\n"),
                         "* 1 FETCH (UID 1 RFC822.SIZE " + std::to_string(size) + " BODY[]<" + at + "> ",
                         ")\r\n7 OK Fetch completed\r\n");
      CHECK(piece.size() == std::min(kChunk, size - whole.size()));
      whole += piece;
    } while (piece.size() == kChunk);
    CHECK((whole == mail));
  }
}

TEST_CASE("Thunderbird: strings of BODYSTRUCTURE are quoted, \"7bit\" too") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("Subject: x\r\n\r\nplain\r\n").value();
    account
        .deliver(
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
            "--b\r\nContent-Transfer-Encoding: 7bit\r\n\r\none\r\n"
            "--b\r\nContent-Type: image/png; name=a\r\nContent-Transfer-Encoding: BASE64\r\n\r\nAAAA\r\n--b--\r\n")
        .value();
  };
  check_selected(R"(
    C: 1 UID fetch 1:2 (BODYSTRUCTURE)
    S: * 1 FETCH (UID 1 BODYSTRUCTURE ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 7 1 NIL NIL NIL NIL))
    S~ * 2 FETCH (UID 2 BODYSTRUCTURE (("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 * NIL NIL NIL NIL)\
    S~ ("image" "png" ("name" "a") NIL NIL "BASE64" 4 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL))
    S~ 1 OK *
  )",
                 options);
}

TEST_CASE("Thunderbird: tags are keywords that it makes up, so PERMANENTFLAGS has \\*") {
  check_logged_in(R"(
    C: 1 select "INBOX"
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted
    S~ ...
    S~ 1 OK *
    C: 2 uid store 1 +Flags ($label1 NonJunk)
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft $label1 NonJunk)
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft $label1 NonJunk \*)] Flags permitted
    S: * 1 FETCH (UID 1 FLAGS (\Recent $label1 NonJunk))
    S~ 2 OK *
    C: 3 uid store 1 -Flags ($label1)
    S: * 1 FETCH (UID 1 FLAGS (\Recent NonJunk))
    S~ 3 OK *
    C: 4 select "Trash"
    S~ ...
    S: * OK [PERMANENTFLAGS (\Answered \Flagged \Deleted \Seen \Draft \*)] Flags permitted
    S~ ...
    S~ 4 OK *
  )",
                  {.prepare = with_messages(1)});
}

TEST_CASE("Thunderbird: LSUB says which parents can't be selected") {
  WorldOptions options;
  options.store.default_mailboxes = {};
  options.prepare = [](const Account& account) {
    account.create_mailbox("Work/2026/Spring").value();
    account.remove_mailbox("Work").value();
    account.remove_mailbox("Work/2026").value();
  };
  check_logged_in(R"(
    C: 1 subscribe "Work/2026/Spring"
    S~ 1 OK *
    C: 2 lsub "" "*"
    S: * LSUB () "/" INBOX
    S: * LSUB () "/" Work/2026/Spring
    S~ 2 OK *
    C: 3 lsub "" "%"
    S: * LSUB () "/" INBOX
    S: * LSUB (\Noselect) "/" Work
    S~ 3 OK *
    C: 4 lsub "" "Work/%"
    S: * LSUB (\Noselect) "/" Work/2026
    S~ 4 OK *
    C: 5 list "" "%/%"
    S: * LIST (\Noselect \HasChildren) "/" Work/2026
    S~ 5 OK *
    C: 6 select "Work/2026"
    S~ 6 NO *
  )",
                  options);
}

TEST_CASE("Thunderbird: XLIST tells \\Inbox and \\Spam") {
  check_logged_in(R"(
    C: 1 xlist "" "*"
    S: * XLIST (\HasNoChildren \Inbox) "/" INBOX
    S~ ...
    S: * XLIST (\HasNoChildren \Spam) "/" Junk
    S~ ...
    S~ 1 OK *
  )");
}

TEST_CASE("Thunderbird: opens empty folders as it opens all the others") {
  check_logged_in(R"(
    C: 1 select "Trash" (CONDSTORE)
    S~ ...
    S: * 0 EXISTS
    S~ ...
    S~ 1 OK *
    C: 2 UID fetch 1:* (FLAGS)
    S: 2 OK Fetch completed
    C: 3 UID fetch 1:* (FLAGS) (CHANGEDSINCE 1)
    S: 3 OK Fetch completed
    C: 4 uid store 1:* +FLAGS (\Seen)
    S: 4 OK Store completed
    C: 5 uid expunge 1:*
    S: 5 OK Expunge completed
    C: 6 expunge
    S: 6 OK Expunge completed
  )");
}

// Strings of a search are synchronising literals, each sent after its "+" (nsImapProtocol::Search).
TEST_CASE("Thunderbird: searches on the server, with literals, before and after UTF8=ACCEPT") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.deliver("Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nFrom: a@example.org\r\n\r\nx\r\n").value();
    account.deliver("Subject: other\r\nFrom: b@example.org\r\n\r\nx\r\n").value();
  };
  check_selected(R"(
    C: 1 UID SEARCH CHARSET UTF-8 UNDELETED OR SUBJECT {n}
    S: + OK
    L: gr\xC3\xBC\xC3\x9F\
    C:  FROM "b@example"
    S: * SEARCH 1 2
    S~ 1 OK *
  )",
                 options);
  check_logged_in(R"(
    C: 1 ENABLE UTF8=ACCEPT
    S~ ...
    S~ 1 OK *
    C: 2 select "INBOX"
    S~ ...
    S~ 2 OK *
    C: 3 UID SEARCH UNDELETED SUBJECT "gr\xC3\xBC\xC3\x9F"
    S: * SEARCH 1
    S~ 3 OK *
    C: 4 UID SEARCH UNDELETED SUBJECT {n}
    S: + OK
    L: gr\xC3\xBC\
    C:
    S: * SEARCH 1
    S~ 4 OK *
  )",
                  options);
}

TEST_CASE("Thunderbird: several connections that each download a folder, and change it meanwhile") {
  WorldOptions options;
  options.store.default_mailboxes = {};
  constexpr int kFolders = 4;
  constexpr int kMails = 40;
  const auto mail = [](int folder, int number) {
    return "Subject: " + std::to_string(folder) + "." + std::to_string(number) + "\r\n\r\n" +
           std::string(static_cast<std::size_t>(700 + 97 * number), static_cast<char>('a' + folder)) + "\r\n";
  };
  options.prepare = [&](const Account& account) {
    for (int folder = 0; folder < kFolders; ++folder) {
      const std::string name = "F" + std::to_string(folder);
      account.create_mailbox(name).value();
      for (int number = 0; number < kMails; ++number) {
        account.mailbox(name).value().append(new_message(account, mail(folder, number))).value();
      }
    }
  };
  const Store store = make_store(options);
  std::vector<Client> clients;
  std::vector<std::string> expected(kFolders);
  std::vector<std::string> output(kFolders);
  for (int folder = 0; folder < kFolders; ++folder) {
    Client& client = clients.emplace_back(store, options);
    client.send("1 LOGIN alice secret\r\n");
    REQUIRE(client.send("2 select F" + std::to_string(folder) + "\r\n").find("2 OK") != std::string::npos);
    for (int number = 0; number < kMails; ++number) {
      const std::string octets = mail(folder, number);
      const std::string uid = std::to_string(number + 1);
      expected[static_cast<std::size_t>(folder)] +=
          "* " + uid + " FETCH (UID " + uid + " BODY[] {" + std::to_string(octets.size()) + "}\r\n" + octets + ")\r\n";
    }
    client.offer("3 UID fetch 1:* (UID BODY.PEEK[])\r\n");
  }
  // They take turns of about a kilobyte; another one reads and changes all the while.
  Client other(store, options);
  other.send("1 LOGIN alice secret\r\n");
  const auto step = [&] {
    bool busy = false;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (clients[i].session().want() != protocol::Want::write) continue;
      output[i] += clients[i].step(1024);
      busy = true;
    }
    return busy;
  };
  for (int round = 0; step(); ++round) {
    if (round % 10 != 0) continue;
    const std::string name = "F" + std::to_string(round / 10 % kFolders);
    CHECK(other.send("2 select " + name + "\r\n").find("2 OK") != std::string::npos);
    CHECK(other.send("3 uid store 1:* +FLAGS.SILENT (\\Seen)\r\n") == "3 OK Store completed\r\n");
    CHECK(other.send("4 append " + name + " {1+}\r\nx\r\n").find("4 OK") != std::string::npos);
  }
  for (std::size_t i = 0; i < clients.size(); ++i) {
    CHECK((output[i].substr(0, expected[i].size()) == expected[i]));
    // What the other did comes behind, and nothing else.
    const std::string rest = output[i].substr(std::min(expected[i].size(), output[i].size()));
    CHECK(rest.ends_with("3 OK Fetch completed\r\n"));
    CHECK(rest.find("BODY[]") == std::string::npos);
  }
}
