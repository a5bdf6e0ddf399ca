// Pipelined STOREs and APPENDs, which are carried out together: each is answered as it would be alone.
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;
using postfach::protocol::Want;

namespace {

// While it lives nothing can be written to any file.
class NoRoom {
 public:
  NoRoom() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &limit_);
    rlimit none = limit_;
    none.rlim_cur = 1;
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~NoRoom() {
    ::setrlimit(RLIMIT_FSIZE, &limit_);
    (void)std::signal(SIGXFSZ, handler_);
  }
  NoRoom(const NoRoom&) = delete;
  NoRoom& operator=(const NoRoom&) = delete;

 private:
  void (*handler_)(int);
  rlimit limit_{};
};

}  // namespace

TEST_CASE("each of several STOREs tells what its messages had right after it") {
  check_selected(R"(
    C: a STORE 1 +FLAGS (\Seen)
    C: b STORE 1:2 +FLAGS (\Flagged)
    C: c UID STORE 1 -FLAGS (\Seen)
    C: d STORE 1 +FLAGS.SILENT (\Answered)
    C: e STORE 1 +FLAGS (one)
    C: f STORE 2 +FLAGS.SILENT (two)
    C: g STORE 2 FLAGS ()
    C: h NOOP
    S: * 1 FETCH (FLAGS (\Seen \Recent))
    S: a OK Store completed
    S: * 1 FETCH (FLAGS (\Flagged \Seen \Recent))
    S: * 2 FETCH (FLAGS (\Flagged \Recent))
    S: b OK Store completed
    S: * 1 FETCH (UID 1 FLAGS (\Flagged \Recent))
    S: c OK Store completed
    S: d OK Store completed
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft one)
    S~ * OK [PERMANENTFLAGS (* one *)] *
    S: * 1 FETCH (FLAGS (\Answered \Flagged \Recent one))
    S: e OK Store completed
    S: * FLAGS (\Answered \Flagged \Deleted \Seen \Draft one two)
    S~ * OK [PERMANENTFLAGS (* one two *)] *
    S: f OK Store completed
    S: * 2 FETCH (FLAGS (\Recent))
    S: g OK Store completed
    S: h OK Done
  )",
                 {.prepare = with_messages(3)});
}

TEST_CASE("a STORE that fails answers for itself") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    with_messages(2)(account);
    std::vector<std::string> all;
    for (int i = 0; i < 63; ++i) all.push_back("k" + std::to_string(i));
    inbox(account).store(UidSet::of(2, 2), {.keywords = all}).value();
  };
  check_selected(R"(
    C: a STORE 1 +FLAGS.SILENT (\Seen)
    C: b STORE 1 +FLAGS (\Deleted new1 new2)
    C: c STORE 7 +FLAGS (\Deleted)
    C: d STORE 1 +FLAGS (\Answered)
    C: e STORE 1 +FLUGS (\Deleted)
    C: f STORE 1 +FLAGS.SILENT (last)
    C: g STORE 1 +FLAGS (beyond)
    C: h FETCH 1 FLAGS
    S: a OK Store completed
    S~ b NO [LIMIT] *
    S~ c BAD *
    S: * 1 FETCH (FLAGS (\Answered \Seen \Recent))
    S: d OK Store completed
    S~ e BAD *
    S~ * FLAGS (* last)
    S~ * OK [PERMANENTFLAGS *
    S: f OK Store completed
    S~ g NO [LIMIT] *
    S: * 1 FETCH (FLAGS (\Answered \Seen \Recent last))
    S~ h OK *
  )",
                 options);
}

TEST_CASE("STOREs with CONDSTORE: a MODSEQ for each, and those that fail") {
  for (const bool is_joined : {false, true}) {
    const WorldOptions options{.prepare = with_messages(3)};
    const Store world = make_store(options);
    Client client(world, options);
    client.log_in_and_select();
    client.send("e ENABLE CONDSTORE\r\n");
    const std::string first = client.send("f FETCH 1:3 MODSEQ\r\n");
    const unsigned long long modseq = number_behind(first, "* 3 FETCH (MODSEQ (");
    const auto number = [&](unsigned more) { return std::to_string(modseq + more); };
    const std::vector<std::string> commands = {"a STORE 1 (UNCHANGEDSINCE " + number(0) + ") +FLAGS (\\Seen)\r\n",
                                               "b STORE 1,2 (UNCHANGEDSINCE " + number(0) + ") +FLAGS (\\Flagged)\r\n",
                                               "c STORE 1 +FLAGS.SILENT (\\Answered)\r\n",
                                               "d STORE 3 (UNCHANGEDSINCE 1) +FLAGS.SILENT (\\Answered)\r\n"};
    std::string output;
    if (is_joined) {
      std::string all;
      for (const std::string& command : commands) all += command;
      output = client.send(all);
    } else {
      for (const std::string& command : commands) output += client.send(command);
    }
    CAPTURE(is_joined);
    CHECK(output == "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (" + number(1) +
                        "))\r\n"
                        "a OK Store completed\r\n"
                        "* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent) MODSEQ (" +
                        number(2) +
                        "))\r\n"
                        "* 1 FETCH (UID 1 FLAGS (\\Seen \\Recent) MODSEQ (" +
                        number(1) +
                        "))\r\n"
                        "b OK [MODIFIED 1] Conditional store failed for some messages\r\n"
                        "* 1 FETCH (UID 1 MODSEQ (" +
                        number(3) +
                        "))\r\n"
                        "c OK Store completed\r\n"
                        "* 3 FETCH (UID 3 FLAGS (\\Recent) MODSEQ (" +
                        number(0) +
                        "))\r\n"
                        "d OK [MODIFIED 3] Conditional store failed for some messages\r\n");
  }
}

TEST_CASE("the first STORE with UNCHANGEDSINCE does not change the answers before it") {
  check_selected(R"(
    C: a STORE 1 +FLAGS (\Seen)
    C: b STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\Flagged)
    C: c STORE 2 +FLAGS.SILENT (\Seen)
    S: * 1 FETCH (FLAGS (\Seen \Recent))
    S: a OK Store completed
    S~ * OK [HIGHESTMODSEQ *
    S~ * 1 FETCH (UID 1 FLAGS (\Seen \Recent) MODSEQ (*))
    S~ b OK [MODIFIED 1] *
    S~ * 2 FETCH (UID 2 MODSEQ (*))
    S: c OK Store completed
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("what comes behind held STOREs is answered behind them") {
  check_selected(R"(
    C: a STORE 1 +FLAGS.SILENT (\Seen)
    C: b STORE 2 +FLAGS.SILENT (\Seen)
    C: c SEARCH SUBJECT {1}
    S: a OK Store completed
    S: b OK Store completed
    S: + OK
    C: 1
    S: * SEARCH 1
    S~ c OK *
    C: d STORE 1 +FLAGS.SILENT (\Seen)
    C: e NO\0OP
    C: f STORE 1 +FLAGS.SILENT (\Flagged)
    C: g STORE {1+}
    C: 1 +FLAGS (\Deleted)
    C: h STORE 2 +FLAGS.SILENT (\Deleted)
    C: i EXPUNGE
    C: j STORE 1 +FLAGS.SILENT (\Draft)
    C: k IDLE
    S: d OK Store completed
    S: e BAD NUL in command
    S: f OK Store completed
    S~ g BAD *
    S: h OK Store completed
    S: * 2 EXPUNGE
    S~ i OK *
    S: j OK Store completed
    S: + idling
    C: DONE
    C: l STORE 1 FLAGS.SILENT ()
    C: m LOGOUT
    S~ k OK *
    S: l OK Store completed
    S~ * BYE *
    S~ m OK *
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("each of several APPENDs tells its UID and what is in the mailbox then") {
  check_selected(R"(
    C: a APPEND INBOX {n+}
    L: one
    C:
    C: b APPEND Trash (\Seen) {n+}
    L: two
    C:
    C: c APPEND INBOX (\Flagged k) {n+}
    L: three
    C:
    C: d UID FETCH 3 (FLAGS RFC822.SIZE)
    S: * 2 EXISTS
    S: * 2 RECENT
    S~ a OK [APPENDUID * 2] *
    S~ b OK [APPENDUID * 1] *
    S: * 3 EXISTS
    S: * 3 RECENT
    S~ c OK [APPENDUID * 3] *
    S~ * FLAGS (* k)
    S~ * OK [PERMANENTFLAGS *
    S: * 3 FETCH (UID 3 FLAGS (\Flagged \Recent k) RFC822.SIZE 7)
    S~ d OK *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("an APPEND that fails answers for itself") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    with_messages(1)(account);
    account.set_quota({.messages = 3}).value();
  };
  check_logged_in(R"(
    C: a APPEND INBOX {n+}
    L: one
    C:
    C: b APPEND Nowhere {n+}
    L: two
    C:
    C: c APPEND INBOX {0+}
    C:
    C: d APPEND INBOX (\Seen {3+}
    C: x)
    C: e APPEND INBOX {n+}
    L: three
    C:
    C: f APPEND INBOX {n+}
    L: four
    C:
    C: g STATUS INBOX (MESSAGES)
    S~ a OK [APPENDUID * 2] *
    S~ b NO [TRYCREATE] *
    S~ c NO *
    S~ d BAD *
    S~ e OK [APPENDUID * 3] *
    S~ f NO [OVERQUOTA] *
    S: * STATUS INBOX (MESSAGES 3)
    S~ g OK *
  )",
                  options);
}

TEST_CASE("APPENDs between other forms of them") {
  check_selected(R"(
    C: a APPEND INBOX {n+}
    L: one
    C:
    C: b APPEND INBOX {3+}
    C: two {5+}
    C: three
    C: c APPEND INBOX CATENATE (URL "/INBOX/;UID=2")
    C: d APPEND INBOX {n+}
    L: four
    C:
    C: e REPLACE 1 INBOX {n+}
    L: five
    C:
    C: f APPEND INBOX {n}
    S: * 2 EXISTS
    S: * 2 RECENT
    S~ a OK [APPENDUID * 2] *
    S~ ...
    S~ e OK *
    S: + OK
    L: six
    C:
    S: * 7 EXISTS
    S: * 7 RECENT
    S~ f OK [APPENDUID * 8] *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("STOREs and APPENDs by turns") {
  check_selected(R"(
    C: a STORE 1 +FLAGS (\Seen)
    C: b APPEND INBOX {n+}
    L: one
    C:
    C: c STORE 2 +FLAGS (\Flagged)
    C: d STORE 1:2 -FLAGS (\Seen \Flagged)
    C: e APPEND INBOX {n+}
    L: two
    C:
    S: * 1 FETCH (FLAGS (\Seen \Recent))
    S: a OK Store completed
    S: * 2 EXISTS
    S: * 2 RECENT
    S~ b OK [APPENDUID * 2] *
    S: * 2 FETCH (FLAGS (\Flagged \Recent))
    S: c OK Store completed
    S: * 1 FETCH (FLAGS (\Recent))
    S: * 2 FETCH (FLAGS (\Recent))
    S: d OK Store completed
    S: * 3 EXISTS
    S: * 3 RECENT
    S~ e OK [APPENDUID * 3] *
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("what others do is told between the answers to pipelined STOREs") {
  check_selected(R"(
    ! flag 2 \Seen
    ! deliver new
    C: a STORE 1 +FLAGS.SILENT (\Seen)
    C: b STORE 2 +FLAGS.SILENT (\Answered)
    C: c STORE 2 +FLAGS (\Flagged)
    S: * 3 EXISTS
    S~ * 3 RECENT
    S: * 2 FETCH (UID 2 FLAGS (\Seen \Recent))
    S: a OK Store completed
    S: b OK Store completed
    S: * 2 FETCH (FLAGS (\Answered \Flagged \Seen \Recent))
    S: c OK Store completed
  )",
                 {.prepare = with_messages(2)});
}

TEST_CASE("pipelined changes are one commit") {
  const WorldOptions options{.prepare = with_messages(3)};
  const Store store = make_store(options);
  const Account account = store.account("alice").value();
  Client client(store, options);
  client.log_in_and_select();
  int rings = 0;  // one for each commit
  const Subscription watch = inbox(account).watch([&] { ++rings; });
  std::string stores;
  for (int i = 0; i < 50; ++i) {
    stores += "s STORE " + std::to_string(i % 3 + 1) + (i % 2 == 0 ? " +" : " -") + "FLAGS.SILENT (\\Seen)\r\n";
  }
  client.offer(stores);
  CHECK(rings == 0);
  CHECK(client.session().want() == Want::write);
  CHECK(client.session().may_join());
  std::string answers = client.send("");
  CHECK(rings == 1);
  CHECK_FALSE(client.session().may_join());
  std::string expected;
  for (int i = 0; i < 50; ++i) expected += "s OK Store completed\r\n";
  CHECK(answers == expected);

  std::string appends;
  for (int i = 0; i < 20; ++i) appends += "a APPEND INBOX {7+}\r\nMessage\r\n";
  appends.resize(appends.size() - 4);  // the last one is yet to come to its end
  client.offer(appends);
  rings = 0;
  answers = client.send("");
  CHECK(rings == 1);
  CHECK(number_behind(answers.substr(answers.rfind("* 2")), "* ") == 22);
  CHECK(client.session().want() == Want::read);
  answers = client.send("ge\r\n");
  CHECK(answers.find("* 23 EXISTS") != std::string::npos);
  CHECK(rings == 2);
  // What is held is bounded.
  std::string many;
  for (int i = 0; i < 20; ++i) many += stores;
  rings = 0;
  answers = client.send(many);
  CHECK(answers.size() == 20 * expected.size());
  CHECK(rings >= 1000 / 64);
}

TEST_CASE("what is held when the client is gone is dropped, or there as a whole") {
  const WorldOptions options{.prepare = with_messages(1)};
  const Store store = make_store(options);
  const Account account = store.account("alice").value();
  Client client(store, options);
  client.log_in_and_select();
  client.offer("a APPEND INBOX {3+}\r\none\r\nb APPEND INBOX {3+}\r\ntw");
  client.session().on_disconnect();
  CHECK(client.send("").empty());
  CHECK(client.session().want() == Want::close);
  CHECK(inbox(account).status().value().messages == 1);
  CHECK(account.check().value().problems.empty());
}

TEST_CASE("a disk that fails: none of the commands that share a commit is answered OK") {
  const WorldOptions options{.prepare = with_messages(2)};
  const Store store = make_store(options);
  const Account account = store.account("alice").value();
  Client client(store, options);
  client.log_in_and_select();
  const std::string stores = "a STORE 1 +FLAGS (\\Seen)\r\nb STORE 2 +FLAGS (\\Seen)\r\n";
  const std::string appends = "c APPEND INBOX {3+}\r\none\r\nd APPEND INBOX {3+}\r\ntwo\r\n";
  std::string answers;
  {
    const NoRoom full;
    answers = client.send(stores) + client.send(appends);
  }
  CAPTURE(answers);
  for (const char* tag : {"a", "b", "c", "d"}) {
    const std::string refusal = std::string(tag) + " NO [";
    CHECK((answers.starts_with(refusal) || answers.find("\n" + refusal) != std::string::npos));
  }
  CHECK(answers.find(" OK") == std::string::npos);
  CHECK(answers.find("FETCH") == std::string::npos);
  CHECK(answers.find("EXISTS") == std::string::npos);
  const MailboxStatus status = inbox(account).status().value();
  CHECK(status.messages == 2);
  CHECK(status.unseen == 2);
  answers = client.send(stores + appends);
  CHECK(answers.find("\nb OK") != std::string::npos);
  CHECK(answers.find("\nd OK") != std::string::npos);
  CHECK(inbox(account).status().value().messages == 4);
  CHECK(account.check().value().problems.empty());
}

TEST_CASE("a message that is too big is refused in the same words, whatever comes along with it") {
  WorldOptions options;
  options.prepare = [](const Account& account) { account.set_quota({.bytes = 5'000, .message_size = 2'000}).value(); };
  check_logged_in(R"(
    C: a APPEND INBOX {3+}
    C: one
    C: b APPEND INBOX {n+}
    L: )" + std::string(2000, 'x') +
                      R"(
    C:
    C: c APPEND INBOX {3+}
    C: two
    C: d APPEND INBOX {6000}
    S~ a OK [APPENDUID * 1] *
    S~ b NO [TOOBIG] *
    S~ c OK [APPENDUID * 2] *
    S~ d NO [TOOBIG] *
  )",
                  options);
}
