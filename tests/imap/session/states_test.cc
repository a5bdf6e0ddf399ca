// Each command in each state: the table is the only state check, and this is its copy in the words of RFC 9051 §6.
#include <catch2/catch.hpp>
#include <string>

#include "imap/commands.h"
#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

struct Row {
  const char* command;
  const char* states;  // n: not authenticated, a: authenticated, s: selected
};

const Row rows[] = {
    {"CAPABILITY", "nas"},
    {"NOOP", "nas"},
    {"ID NIL", "nas"},
    {"APPEND INBOX {1+}\r\nx", "as"},
    {"CREATE new", "as"},
    {"DELETE Junk", "as"},
    {"RENAME Junk Spam", "as"},
    {"SUBSCRIBE x", "as"},
    {"UNSUBSCRIBE x", "as"},
    {"LIST \"\" *", "as"},
    {"LSUB \"\" *", "as"},
    {"STATUS INBOX (MESSAGES)", "as"},
    {"NAMESPACE", "as"},
    {"ENABLE CONDSTORE", "as"},
    {"SELECT INBOX", "as"},
    {"EXAMINE INBOX", "as"},
    {"IDLE\r\nDONE", "as"},
    {"CHECK", "s"},
    {"CLOSE", "s"},
    {"UNSELECT", "s"},
    {"EXPUNGE", "s"},
    {"UID EXPUNGE 1", "s"},
    {"FETCH 1 FLAGS", "s"},
    {"UID FETCH 1 FLAGS", "s"},
    {"STORE 1 FLAGS (\\Seen)", "s"},
    {"UID STORE 1 FLAGS (\\Seen)", "s"},
    {"SEARCH ALL", "s"},
    {"UID SEARCH ALL", "s"},
    {"COPY 1 Trash", "s"},
    {"UID COPY 1 Trash", "s"},
    {"MOVE 1 Trash", "s"},
    {"UID MOVE 1 Trash", "s"},
    {"LOGOUT", "nas"},
};

std::string answer_in(char state, const char* command) {
  WorldOptions options;
  options.prepare = with_messages(1);
  const Store store = make_store(options);
  Client client(store, options);
  if (state == 'a') client.send("l LOGIN alice secret\r\n");
  if (state == 's') client.log_in_and_select();
  const std::string output = client.send("x1 " + std::string(command) + "\r\n");
  const std::size_t at = output.rfind("x1 ");
  return at == std::string::npos ? output : output.substr(at + 3, output.find(' ', at + 3) - at - 3);
}

}  // namespace

TEST_CASE("each command is valid in its states and BAD in the others") {
  for (const Row& row : rows) {
    for (const char state : std::string("nas")) {
      INFO(row.command << " in state " << state);
      const bool valid = std::string(row.states).find(state) != std::string::npos;
      CHECK(answer_in(state, row.command) == (valid ? "OK" : "BAD"));
    }
  }
}

TEST_CASE("arguments that are missing or too many are BAD") {
  for (const char* command : {"CAPABILITY x",
                              "NOOP x",
                              "LOGOUT x",
                              "ID",
                              "ID (\"a\")",
                              "SELECT",
                              "EXAMINE",
                              "SELECT INBOX x",
                              "CREATE",
                              "DELETE",
                              "RENAME a",
                              "SUBSCRIBE",
                              "UNSUBSCRIBE",
                              "LIST",
                              "LIST \"\"",
                              "LSUB \"\"",
                              "STATUS INBOX",
                              "STATUS INBOX ()",
                              "STATUS INBOX (FOO)",
                              "NAMESPACE x",
                              "ENABLE",
                              "IDLE x",
                              "CHECK x",
                              "CLOSE x",
                              "UNSELECT x",
                              "EXPUNGE 1",
                              "UID EXPUNGE",
                              "FETCH",
                              "FETCH 1",
                              "FETCH 0 FLAGS",
                              "FETCH a FLAGS",
                              "FETCH 1 FOO",
                              "FETCH 1 ()",
                              "FETCH 1 (FLAGS",
                              "FETCH 1 BODY[",
                              "FETCH 1 BODY[FOO]",
                              "FETCH 1 BODY[]<0.0>",
                              "UID FETCH 1",
                              "UID",
                              "UID FOO 1",
                              "STORE 1",
                              "STORE 1 FOO (\\Seen)",
                              "STORE 1 FLAGS (\\Foo)",
                              "SEARCH",
                              "SEARCH FOO",
                              "SEARCH (ALL",
                              "SEARCH NOT",
                              "COPY 1",
                              "COPY x INBOX",
                              "MOVE 1",
                              "APPEND INBOX",
                              "APPEND INBOX x",
                              "STORE 2 FLAGS (\\Seen)",
                              "FETCH 2 FLAGS",
                              "FETCH 1:2 FLAGS",
                              "COPY 1:5 Trash",
                              "MOVE 9 Trash",
                              "LOGIN alice secret",
                              "FOO",
                              "SELECT &&",
                              "SELECT \"a"}) {
    INFO(command);
    CHECK(answer_in('s', command) == "BAD");
  }
}

TEST_CASE("LOGOUT says BYE first") {
  check_logged_in(R"(
    C: a LOGOUT
    S: * BYE Logging out
    S: a OK Logout completed
    ! want close
  )");
}

TEST_CASE("lines that are no commands") {
  check_logged_in(R"(
    C: \x20
    S~ * BAD *
    C: a
    S~ a BAD Missing command
    C: * NOOP
    S~ * BAD *
    C: a NO\0OP
    S~ a BAD *
    C: b NOOP\r
    S~ b BAD *
    C: c NOOP
    S~ c OK *
  )");
}

TEST_CASE("a shutdown says goodbye between responses") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! shutdown
    S~ * BYE [UNAVAILABLE] *
    ! want close
  )");
}

TEST_CASE("half an hour without a command, five minutes within one") {
  check_logged_in(R"(
    ! after 1799
    ! want read
    C: a NOOP
    S~ a OK *
    ! after 1800
    S~ * BYE Autologout*
    ! want close
  )");
  check_logged_in(R"(
    C: a NO\
    ! after 299
    ! want read
    ! after 1
    S~ * BYE Autologout*
  )");
}

TEST_CASE("a thousand parentheses without an end cost nothing") {
  const Store store = make_store({});
  Client client(store);
  client.send("l LOGIN alice secret\r\n");
  const std::string output = client.send("a NOOP " + std::string(200'000, '(') + "\r\nb NOOP\r\n");
  CHECK(output.find("a BAD") != std::string::npos);
  CHECK(output.find("b OK") != std::string::npos);
}
