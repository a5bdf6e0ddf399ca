#include <catch2/catch.hpp>
#include <string>

#include "postfach/store.h"
#include "script.h"

using namespace postfach;
using namespace postfach::migrate;

namespace {

const Server kServer{.host = "old.example", .user = "alice", .password = "secret"};

Script& begin(Script& script) {
  return script.server("+OK hello\r\n")
      .client("USER alice\r\n")
      .server("+OK\r\n")
      .client("PASS secret\r\n")
      .server("+OK in\r\n")
      .client("UIDL\r\n");
}

std::vector<std::pair<std::string, std::string>> messages(const Account& account) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto inbox = account.mailbox("INBOX").value();
  inbox
      .fetch(UidSet::all(), Field::uidl,
             [&](const MessageView& view) {
               out.emplace_back(view.uidl, "");
               return true;
             })
      .value();
  const auto uids = inbox.uids().value();
  for (std::size_t i = 0; i < uids.size(); ++i) inbox.open(uids[i]).value().read(0, SIZE_MAX, out[i].second).value();
  return out;
}

}  // namespace

TEST_CASE("A maildrop comes with its UIDLs, and the next time what is new") {
  const auto store = Store::open_temporary({.max_message_size = 1000, .password_cost = 1}).value();
  for (const std::size_t piece : {1UL, 3UL, 4096UL}) {
    const auto account = store.create_account("bob" + std::to_string(piece)).value();
    Script script(piece);
    begin(script)
        .server("+OK\r\n1 aa\r\n2 bb\r\n3 cc\r\n.\r\n")
        .client("RETR 1\r\n")
        .server("+OK 20 octets\r\nDate: Fri, 21 Nov 1997 09:55:06 -0600\r\n\r\n..\r\n..x\r\n.\r\n")
        .client("RETR 2\r\n")
        .server("-ERR gone\r\n")
        .client("RETR 3\r\n")
        .server("+OK\r\n" + std::string(2000, 'x') + "\r\n.\r\n")
        .client("QUIT\r\n")
        .server("+OK\r\n");
    const auto report = import_pop3(account, script, kServer, {}).value();
    CHECK_FALSE(report.stopped_by.has_value());
    CHECK(report.messages == 1);
    CHECK(report.problem_count == 2);
    const auto first = messages(account);
    REQUIRE(first.size() == 1);
    CHECK(first[0].first == "aa");
    CHECK(first[0].second == "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n\r\n.\r\n.x\r\n");

    Script second(piece);
    begin(second)
        .server("+OK\r\n1 aa\r\n2 bb\r\n.\r\n")
        .client("RETR 2\r\n")
        .server("+OK\r\nX: y\r\n.\r\n")
        .client("QUIT\r\n")
        .server("+OK\r\n");
    const auto again = import_pop3(account, second, kServer, {}).value();
    CHECK(again.messages == 1);
    CHECK(again.present == 1);
    CHECK(messages(account)[1] == std::pair<std::string, std::string>("bb", "X: y\r\n"));
    CHECK(second.is_over());
  }
}

TEST_CASE("A message that breaks off is not stored") {
  const auto store = Store::open_temporary({.password_cost = 1}).value();
  const auto account = store.create_account("bob").value();
  Script script(4096);
  begin(script).server("+OK\r\n1 aa\r\n.\r\n").client("RETR 1\r\n").server("+OK\r\nX: y\r\n");
  const auto report = import_pop3(account, script, kServer, {}).value();
  CHECK(report.stopped_by->code == Errc::unavailable);
  CHECK(report.messages == 0);
  Script refused(4096);
  refused.server("+OK\r\n").client("USER alice\r\n").server("+OK\r\n").client("PASS secret\r\n").server("-ERR no\r\n");
  CHECK(import_pop3(account, refused, kServer, {}).error().code == Errc::auth_failed);
}
