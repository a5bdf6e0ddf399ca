// Policies of accounts, as a POP3 client meets them; IMAP sessions beside it act through the same store.
#include "pop3/fixture.h"

using namespace postfach;
using namespace postfach::test;

namespace {

// With a policy of the account. Events: "! seen uids" has \Seen, and no other in INBOX; "! inbox uids", "! trash uids";
// "! move uid" from INBOX to Archive.
struct PolicyWorld : World {
  MaildropPolicy policy;

  void check_policy(std::string_view text, const std::string& before = std::string(logged_in)) {
    Transcript transcript{.make = [this](protocol::Ring ring) {
      begin();
      for (const char* name : {"Archive", "Lists/postfach"}) account->create_mailbox(name).value();
      store->set_maildrop_policy("mrose", policy).value();
      return session(std::move(ring));
    }};
    const auto uids = [this](const std::string& name, bool seen) {
      UidSet set;
      const auto mailbox = account->mailbox(name);
      if (!mailbox) return std::string("none");
      mailbox
          ->fetch(UidSet::all(), Field::none,
                  [&](const MessageView& view) {
                    if (!seen || view.flags.has(Flag::seen)) set.add(view.uid);
                    return true;
                  })
          .value();
      return set.to_string();
    };
    transcript.events["inbox"] = [=](std::string_view wanted) { CHECK(uids("INBOX", false) == wanted); };
    transcript.events["seen"] = [=](std::string_view wanted) { CHECK(uids("INBOX", true) == wanted); };
    transcript.events["trash"] = [=](std::string_view wanted) { CHECK(uids("Trash", false) == wanted); };
    transcript.events["archive"] = [=](std::string_view wanted) { CHECK(uids("Archive", false) == wanted); };
    transcript.events["move"] = [this](std::string_view uid) {
      const auto number = static_cast<Uid>(std::stoul(std::string(uid)));
      inbox().move(UidSet::of(number, number), account->mailbox("Archive").value()).value();
    };
    check_transcript(before + std::string(text), transcript);
  }
};

std::vector<std::string> three() { return {message_of(100), message_of(200), message_of(300)}; }

// The reply to a login, and to what follows.
std::string second_session(const World& world, std::string_view commands) {
  const auto session = world.session();
  const std::string out = talk(*session, "USER mrose\r\nPASS secret\r\n" + std::string(commands));
  return out.substr(out.find("please\r\n") + 8);
}

}  // namespace

TEST_CASE("RETR sets \\Seen at QUIT, TOP does not") {
  PolicyWorld world{{.messages = three()}, {}};
  world.check_policy(R"(
    C: RETR 1
    S: +OK 100 octets
    S~ ...
    S: .
    C: TOP 2 1000
    S: +OK Top of message follows
    S~ ...
    S: .
    ! seen
    C: QUIT
    S: +OK Bye
    ! seen 1
  )");
}

TEST_CASE("a session that ends without QUIT changes nothing") {
  for (const std::string end : {"disconnect", "shutdown", "after 700"}) {
    PolicyWorld world{{.messages = three()}, {.on_delete = OnDelete::keep}};
    world.check_policy("C: RETR 1\nS~ ...\nS: .\nC: DELE 2\nS: +OK Message 2 deleted\n! " + end +
                       (end == "shutdown" ? "\nS~ -ERR *" : "") + "\n! want close\n! inbox 1:3\n! seen\n");
    CHECK(second_session(world, "QUIT\r\n") == "+OK Maildrop has 3 messages (600 octets)\r\n+OK Bye\r\n");
  }
}

TEST_CASE("RETR leaves \\Seen alone where the policy says so") {
  PolicyWorld world{{.messages = three()}, {.retr_sets_seen = false}};
  world.check_policy("C: RETR 1\nS~ ...\nS: .\nC: QUIT\nS: +OK Bye\n! seen\n");
}

TEST_CASE("DELE by each policy, with an IMAP client that files a message meanwhile") {
  struct Row {
    OnDelete on_delete;
    std::string inbox;
    std::string trash;
  };
  const auto row = GENERATE(Row{OnDelete::expunge, "3", "none"}, Row{OnDelete::hide, "1,3", "none"},
                            Row{OnDelete::trash, "3", "1"}, Row{OnDelete::keep, "1,3", "none"});
  PolicyWorld world{{.messages = three()}, {.on_delete = row.on_delete}};
  world.check_policy(R"(
    C: DELE 1
    C: DELE 2
    S: +OK Message 1 deleted
    S: +OK Message 2 deleted
    ! move 2
    C: STAT
    S: +OK 1 300
    C: QUIT
    S: +OK Bye, messages removed: 1
    ! archive 1
    ! inbox )" + row.inbox +
                     "\n! trash " + row.trash + "\n");
  CHECK(second_session(world, "LIST\r\nQUIT\r\n") ==
        "+OK Maildrop has 1 message (300 octets)\r\n+OK 1 message (300 octets)\r\n1 300\r\n.\r\n+OK Bye\r\n");
}

TEST_CASE("several mailboxes, one after the other") {
  PolicyWorld world{{.messages = three()}, {.mailboxes = {"Lists/postfach", "INBOX", "Archive", "No such"}}};
  const auto add = [&](std::string_view name, std::size_t octets) {
    world.account->mailbox(name).value().append(message_of(octets)).value();
  };
  world.begin();
  for (const char* name : {"Archive", "Lists/postfach"}) world.account->create_mailbox(name).value();
  world.store->set_maildrop_policy("mrose", world.policy).value();
  add("Archive", 1000);
  add("Lists/postfach", 40);
  add("Lists/postfach", 50);
  const std::string reply = second_session(world, "LIST\r\nUIDL\r\nRETR 2\r\nDELE 1\r\nDELE 6\r\nDELE 3\r\nQUIT\r\n");
  CHECK(reply.starts_with(
      "+OK Maildrop has 6 messages (1690 octets)\r\n+OK 6 messages (1690 octets)\r\n1 40\r\n2 50\r\n3 100\r\n4 200\r\n"
      "5 300\r\n6 1000\r\n.\r\n+OK Unique-id listing follows\r\n1 "));
  CHECK(reply.find("\r\n6 ") != std::string::npos);
  CHECK(reply.ends_with("+OK Bye, messages removed: 3\r\n"));
  const auto left = [&](std::string_view name) { return world.account->mailbox(name).value().status().value(); };
  CHECK(left("INBOX").messages == 2);
  CHECK(left("Archive").messages == 0);
  CHECK(left("Lists/postfach").messages == 1);
  CHECK(left("Lists/postfach").unseen == 0);
}

TEST_CASE("a mailbox that is deleted under the session") {
  PolicyWorld world{{.messages = three()}, {.mailboxes = {"Archive", "INBOX"}}};
  world.begin();
  world.account->create_mailbox("Archive").value().append(message_of(40)).value();
  world.store->set_maildrop_policy("mrose", world.policy).value();
  const auto session = world.session();
  talk(*session, "USER mrose\r\nPASS secret\r\n");
  world.account->remove_mailbox("Archive").value();
  const std::string reply = talk(*session, "RETR 1\r\nUIDL 1\r\nUIDL\r\nDELE 1\r\nDELE 2\r\nQUIT\r\n");
  CHECK(
      reply.starts_with("-ERR Message 1 was removed by another session\r\n"
                        "-ERR Message 1 was removed by another session\r\n+OK Unique-id listing follows\r\n2 "));
  CHECK(reply.ends_with("+OK Bye, messages removed: 1\r\n"));
  CHECK(world.inbox().uids().value() == std::vector<Uid>{2, 3});
}

TEST_CASE("the window of the newest") {
  PolicyWorld world{{.messages = three()}, {.newest = 2}};
  world.check_policy(R"(
    C: LIST
    S: +OK 2 messages (500 octets)
    S: 1 200
    S: 2 300
    S: .
    C: DELE 1
    S: +OK Message 1 deleted
    C: QUIT
    S: +OK Bye, messages removed: 1
    ! inbox 1,3
  )");
  CHECK(second_session(world, "").ends_with("+OK Maildrop has 1 message (300 octets)\r\n"));
}

TEST_CASE("EXPIRE and LOGIN-DELAY before and after the login") {
  PolicyWorld world{{}, {.login_delay = std::chrono::seconds(90), .expire_days = 5}};
  world.check_policy(R"(
    S: +OK POP3 server ready
    C: CAPA
    S: +OK Capability list follows
    S~ ...
    S: AUTH-RESP-CODE
    S: EXPIRE 5 USER
    S: LOGIN-DELAY 90 USER
    S: UTF8 USER
    S: LANG
    S: IMPLEMENTATION postfach
    S: .
    C: USER mrose
    C: PASS secret
    S: +OK Password, please
    S: +OK Maildrop has 0 messages (0 octets)
    C: CAPA
    S: +OK Capability list follows
    S~ ...
    S: EXPIRE 5
    S: LOGIN-DELAY 90
    S~ ...
    S: .
    C: QUIT
    S: +OK Bye
  )",
                     "");
  CHECK(second_session(world, "") == "-ERR [LOGIN-DELAY] Too soon after the last login\r\n");
}

TEST_CASE("EXPIRE 0: what was retrieved is deleted at QUIT") {
  PolicyWorld world{{.messages = three()}, {.expire_days = 0}};
  world.check_policy(R"(
    C: CAPA
    S: +OK Capability list follows
    S~ ...
    S: EXPIRE 0
    S~ ...
    S: .
    C: RETR 2
    S~ ...
    S: .
    C: QUIT
    S: +OK Bye, messages removed: 1
    ! inbox 1,3
  )");
}

TEST_CASE("a policy counts from the next login on") {
  PolicyWorld world{{.messages = three()}, {}};
  world.begin();
  const auto first = world.session();
  talk(*first, "USER mrose\r\nPASS secret\r\n");
  world.store->set_maildrop_policy("mrose", MaildropPolicy{.on_delete = OnDelete::hide}).value();
  CHECK(talk(*first, "DELE 1\r\nQUIT\r\n").ends_with("removed: 1\r\n"));
  CHECK(world.inbox().uids().value() == std::vector<Uid>{2, 3});
  CHECK(second_session(world, "DELE 1\r\nQUIT\r\n").ends_with("removed: 1\r\n"));
  CHECK(world.inbox().uids().value() == std::vector<Uid>{2, 3});
  CHECK(second_session(world, "").ends_with("+OK Maildrop has 1 message (300 octets)\r\n"));
}

TEST_CASE("UTF8 and LANG") {
  World{}.check(R"(
    S: +OK POP3 server ready
    C: LANG
    S: +OK Languages follow
    S: en English
    S: .
    C: LANG EN
    S: +OK en English it is
    C: LANG uga
    S: -ERR No such language
    C: LANG en de
    S: -ERR Unexpected argument
    C: UTF8 now
    S: -ERR Unexpected argument
    C: UTF8
    S: +OK UTF-8 it is
    C: USER mrose
    C: PASS secret
    S: +OK Password, please
    S: +OK Maildrop has 0 messages (0 octets)
    C: LANG *
    S: +OK en English it is
    C: UTF8
    S: -ERR Already logged in
  )");
}

TEST_CASE("a message with UTF-8 in its header") {
  const std::string message =
      "Subject: Gr\xC3\xBC\xC3\x9F"
      "e\r\n\r\nbody\r\n";
  World world{.messages = {message, "Subject: x\r\n\r\n\xC3\xBC\r\n"}};
  SECTION("as it is") {
    world.check_logged_in(
        "C: RETR 1\nS: +OK 26 octets\nS: Subject: Gr\\xC3\\xBC\\xC3\\x9F"
        "e\nS:\nS: body\nS: .\n");
  }
  SECTION("only after UTF8, if the host wants it so") {
    world.options.utf8_headers = pop3::Utf8Headers::refused;
    world.check_logged_in(R"(
      C: RETR 1
      S: -ERR [UTF8] The header of this message is UTF-8
      C: TOP 1 0
      S: -ERR [UTF8] The header of this message is UTF-8
      C: RETR 2
      S: +OK 18 octets
      S~ ...
      S: .
    )");
    world.check(R"(
      S: +OK POP3 server ready
      C: UTF8
      S: +OK UTF-8 it is
      C: USER mrose
      S: +OK Password, please
      C: PASS secret
      S~ +OK Maildrop has *
      C: RETR 1
      S: +OK 26 octets
      S~ ...
      S: .
    )");
  }
}

TEST_CASE("names are prepared with SASLprep") {
  World world;
  world.begin();
  world.store
      ->create_account("j\xC3\xBCrgen", {.password = "stra\xC3\x9F"
                                                     "e"})
      .value();
  const auto login = [&](const std::string& name, const std::string& password) {
    const auto session = world.session();
    return talk(*session, "USER " + name + "\r\nPASS " + password + "\r\n");
  };
  CHECK(login("j\xC3\xBCrgen",
              "stra\xC3\x9F"
              "e")
            .find("+OK Maildrop") != std::string::npos);
  CHECK(login("ju\xCC\x88rgen",
              "stra\xC3\x9F"
              "e")
            .find("+OK Maildrop") != std::string::npos);                                       // decomposed
  CHECK(login("j\xEE\x80\x80", "x").find("-ERR Bad character in name") != std::string::npos);  // RFC 4013 §2.3
  CHECK(login("j\xC3\xBCrgen", "\xFF").find("-ERR Bad character in password") != std::string::npos);
}
