// The handlers for a client that has enabled IMAP4rev2, and the turns that a long LIST takes.
#include <catch2/catch.hpp>
#include <string>

#include "imap/handlers/handlers.h"
#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap;
using namespace postfach::imap::test;

namespace {

struct Room {
  explicit Room(WorldOptions options = {})
      : store(make_store(options)),
        account(store.account("alice").value()),
        context(store, std::make_shared<const SessionOptions>(options.session), options.peer, [] {}) {
    context.log_in(account);
  }

  // What a command answers, and the condition and code of its tagged response.
  template <class Parse, class Handle>
  std::string run(const std::string& arguments, Parse parse, Handle handle, std::size_t soft_limit = 1000) {
    Scanner in(arguments, context.enabled.utf8_names());
    auto parsed = parse(in);
    if (!parsed) return "BAD " + std::string(in.error());
    std::string out;
    Outcome outcome = handle(context, *parsed, out);
    steps = 0;
    yields = 0;
    if (auto* task = std::get_if<std::unique_ptr<Task>>(&outcome)) {
      for (Task::Step step = Task::Step::more; step != Task::Step::done; ++steps) {
        std::string piece;
        step = (*task)->step(context, piece, soft_limit);
        CHECK(piece.size() < soft_limit + 3000);
        yields += step == Task::Step::yield;
        out += piece;
      }
      outcome = Answer((*task)->answer());
    }
    const Answer& answer = std::get<Answer>(outcome);
    out += answer.condition == Condition::ok ? "OK" : answer.condition == Condition::no ? "NO" : "BAD";
    if (!answer.code.empty()) out += " [" + answer.code + "]";
    return out;
  }
  std::string list(const std::string& arguments) { return run(arguments, parse_list, handle_list); }
  std::string lsub(const std::string& arguments) { return run(arguments, parse_lsub, handle_lsub); }
  std::string status(const std::string& arguments) { return run(arguments, parse_status, handle_status); }
  std::string create(const std::string& arguments) { return run(arguments, parse_create, handle_create); }
  std::string remove(const std::string& arguments) { return run(arguments, parse_mailbox, handle_delete); }
  std::string rename(const std::string& arguments) { return run(arguments, parse_rename, handle_rename); }

  Store store;
  Account account;
  Context context;
  std::size_t steps = 0;
  std::size_t yields = 0;
};

WorldOptions empty_account() {
  WorldOptions options;
  options.store.default_mailboxes = {};
  options.session.capabilities.off = {"OBJECTID"};  // CREATE's answer is a plain OK then
  return options;
}

}  // namespace

TEST_CASE("rev2: mailbox names are UTF-8 in LIST, LSUB and STATUS") {
  Room room(empty_account());
  room.account.create_mailbox("Entw\u00FCrfe").value();
  room.account.subscribe("Entw\u00FCrfe").value();
  CHECK(room.list(" \"\" E*") == "* LIST (\\HasNoChildren) \"/\" Entw&APw-rfe\r\nOK");
  room.context.enabled.rev2 = true;
  CHECK(room.list(" \"\" E* RETURN (STATUS (MESSAGES))") ==
        "* LIST (\\HasNoChildren) \"/\" \"Entw\u00FCrfe\"\r\n* STATUS \"Entw\u00FCrfe\" (MESSAGES 0)\r\nOK");
  CHECK(room.list(" \"\" \"Entw\u00FC*\"") == "* LIST (\\HasNoChildren) \"/\" \"Entw\u00FCrfe\"\r\nOK");
  CHECK(room.list(" \"\" \"Entwu\u0308*\"") == "* LIST (\\HasNoChildren) \"/\" \"Entw\u00FCrfe\"\r\nOK");
  CHECK(room.lsub(" \"\" E*") == "* LSUB () \"/\" \"Entw\u00FCrfe\"\r\nOK");
  CHECK(room.status(" \"Entw\u00FCrfe\" (UIDNEXT)") == "* STATUS \"Entw\u00FCrfe\" (UIDNEXT 1)\r\nOK");
  CHECK(room.list(" \"\" {1}\r\n\xC3") == "OK");
}

TEST_CASE("rev2: RECENT is no STATUS item any more") {
  Room room(empty_account());
  CHECK(room.status(" INBOX (RECENT DELETED)") == "* STATUS INBOX (RECENT 0 DELETED 0)\r\nOK");
  room.context.enabled.rev2 = true;
  CHECK(room.status(" INBOX (MESSAGES RECENT)") == "BAD");
  CHECK(room.list(" \"\" * RETURN (STATUS (RECENT))") == "BAD");
  CHECK(room.status(" INBOX (DELETED SIZE)") == "* STATUS INBOX (DELETED 0 SIZE 0)\r\nOK");
}

TEST_CASE("rev2: LIST options belong to it, whatever capabilities are switched off") {
  WorldOptions options = empty_account();
  options.session.capabilities.off = {"LIST-EXTENDED", "LIST-STATUS"};
  Room room(options);
  for (const char* arguments : {" (SUBSCRIBED) \"\" *", " \"\" (*)", " \"\" * RETURN (SUBSCRIBED)", " (REMOTE) \"\" *",
                                " \"\" * RETURN (STATUS (MESSAGES))"}) {
    INFO(arguments);
    room.context.enabled.rev2 = false;
    CHECK(room.list(arguments) == "BAD");
    room.context.enabled.rev2 = true;
    CHECK(room.list(arguments).ends_with("OK"));
  }
  room.context.enabled.rev2 = false;
  CHECK(room.list(" \"\" * RETURN (CHILDREN)") == "* LIST (\\HasNoChildren) \"/\" INBOX\r\nOK");
}

TEST_CASE("rev2: a client that gives a name in another form is told how it is kept") {
  Room room(empty_account());
  // RFC 5258 §3: no extended data for a client that knows nothing of it.
  CHECK(room.create(" \"u&Awg-\"") == "OK");
  CHECK(room.remove(" \"u&Awg-\"") == "OK");

  room.context.enabled.rev2 = true;
  CHECK(room.create(" \"u\u0308\"") == "* LIST (\\HasNoChildren) \"/\" \"\u00FC\" (\"OLDNAME\" (\"u\u0308\"))\r\nOK");
  CHECK(room.create(" \"u\u0308/a\"").ends_with("OK"));
  CHECK(room.create(" \"\u00FC/b\"") == "OK");
  CHECK(room.create(" plain/") == "OK");
  CHECK(room.create(" inbox/x") == "* LIST (\\HasNoChildren) \"/\" INBOX/x (\"OLDNAME\" (inbox/x))\r\nOK");
  CHECK(room.rename(" plain \"o\u0308\"") == "* LIST (\\HasNoChildren) \"/\" \"\u00F6\" (\"OLDNAME\" (plain))\r\nOK");
  CHECK(room.rename(" \"o\u0308\" plain") == "* LIST (\\HasNoChildren) \"/\" plain (\"OLDNAME\" (\"o\u0308\"))\r\nOK");
  // It keeps its name for its children.
  CHECK(room.remove(" \"u\u0308\"") ==
        "* LIST (\\Noselect \\HasChildren) \"/\" \"\u00FC\" (\"OLDNAME\" (\"u\u0308\"))\r\nOK");
  CHECK(room.remove(" \"u\u0308/a\"") ==
        "* LIST (\\NonExistent \\Noselect \\HasNoChildren) \"/\" \"\u00FC/a\" (\"OLDNAME\" (\"u\u0308/a\"))\r\nOK");
  CHECK(room.create(" \"u\u0308/b\"") == "NO [ALREADYEXISTS]");
}

TEST_CASE("thousands of deep subscriptions without a mailbox") {
  Room room(empty_account());
  std::string deep;
  for (int level = 0; level < 60; ++level) deep += "/x";
  for (int i = 0; i < 2000; ++i) room.account.subscribe("s" + std::to_string(i) + deep).value();
  // All of the first level, each once, and nothing that the pattern does not ask for.
  const std::string top = room.list(" (SUBSCRIBED RECURSIVEMATCH) \"\" %");
  CHECK(std::count(top.begin(), top.end(), '\n') == 2001);
  CHECK(
      top.find("* LIST (\\NonExistent \\Noselect \\HasNoChildren) \"/\" s1999 (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n") !=
      std::string::npos);
  const std::string inner = room.lsub(" \"\" s1/%/%");
  CHECK(inner == "* LSUB (\\Noselect) \"/\" s1/x/x\r\nOK");
  const std::string none = room.list(" (SUBSCRIBED RECURSIVEMATCH) \"\" *");
  CHECK(std::count(none.begin(), none.end(), '\n') == 2001);  // INBOX and the names themselves
  // Only 20 of these 120,000 names come, but all are looked at: others have their turn meanwhile.
  room.list(" (SUBSCRIBED RECURSIVEMATCH) \"\" (s10%1/x/% *y*x*%z)");
  CHECK(room.yields > 3);
}

TEST_CASE("an account has no end of subscriptions no more than of mailboxes") {
  WorldOptions options = empty_account();
  options.store.max_mailboxes = 5;
  Room room(options);
  for (int i = 0; i < 9; ++i) room.account.subscribe("s" + std::to_string(i)).value();
  CHECK(room.run(" s9", parse_mailbox, handle_subscribe) == "NO [LIMIT]");
  CHECK(room.run(" s8", parse_mailbox, handle_subscribe) == "OK");
  CHECK(room.run(" s8", parse_mailbox, handle_unsubscribe) == "OK");
  CHECK(room.run(" s9", parse_mailbox, handle_subscribe) == "OK");
}
