// APPEND as a task: what a session does with it, for a client that enabled UTF8=ACCEPT.
#include "imap/handlers/append.h"

#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "imap/handlers/handlers.h"
#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap;

namespace {

struct Scene {
  Scene() {
    context.log_in(store.account("alice").value());
    context.enabled.utf8 = true;
  }
  // The texts between literals, and the literals between them; the last answer.
  Answer append(const std::vector<std::string>& texts, const std::vector<std::string>& literals) {
    Outcome outcome = handle_append(context, {"INBOX"}, texts[0]);
    if (auto* answer = std::get_if<Answer>(&outcome)) return *answer;
    auto task = std::get<std::unique_ptr<Task>>(std::move(outcome));
    std::string out;
    for (std::size_t next = 0;;) {
      switch (task->step(context, out, 1000)) {
        case Task::Step::octets:
          REQUIRE(next < literals.size());
          task->octets(literals[next]);
          task->text(texts[++next]);
          break;
        case Task::Step::join: {
          Task* const alone = task.get();
          task->carry_out(context, std::span(&alone, 1));
          break;
        }
        case Task::Step::done:
          CHECK(out.empty());
          return task->answer();
        default:
          break;
      }
    }
  }

  Store store = imap::test::make_store({});
  Context context{store, std::make_shared<const SessionOptions>(), protocol::Peer{}, [] {}};
};

std::string octets_of(const Mailbox& mailbox, Uid uid) {
  std::string octets;
  mailbox.open(uid).value().read(0, SIZE_MAX, octets).value();
  return octets;
}

const std::string kMail = "Subject: Gr\xC3\xBC\xC3\x9F\x65\r\n\r\nx\r\n";

}  // namespace

TEST_CASE("UTF8 (~{n}) is a message with UTF-8 headers (RFC 6855 §4)") {
  Scene scene;
  const std::string size = std::to_string(kMail.size());
  const Answer answer = scene.append({" (\\Seen) UTF8 (~{" + size + "}", ") UTF8 (~{3}", ")"}, {kMail, "abc"});
  CHECK(answer.condition == Condition::ok);
  const Mailbox inbox = imap::test::inbox(*scene.context.account);
  CHECK(octets_of(inbox, 1) == kMail);
  CHECK(octets_of(inbox, 2) == "abc");
}

TEST_CASE("UTF8 data as a part of CATENATE") {
  Scene scene;
  const std::string size = std::to_string(kMail.size());
  const Answer answer = scene.append({" CATENATE (UTF8 (~{" + size + "}", ") TEXT {3}", " URL {15}", ")"},
                                     {kMail, "y\r\n", "/Sent/;UID=1234"});
  CHECK(answer.condition == Condition::no);
  CHECK(answer.code == "BADURL \"/Sent/;UID=1234\"");
  CHECK(scene.append({" CATENATE (UTF8 (~{" + size + "}", ") TEXT {3}", ")"}, {kMail, "y\r\n"}).condition ==
        Condition::ok);
  CHECK(octets_of(imap::test::inbox(*scene.context.account), 1) == kMail + "y\r\n");
}

TEST_CASE("UTF8 data needs its parentheses and a literal8") {
  Scene scene;
  for (const char* text : {" UTF8 {5}", " UTF8 ({5}", " UTF8 ~{5}", " UTF8 (x)", " CATENATE (UTF8 ({5}"}) {
    INFO(text);
    CHECK(scene.append({text}, {}).condition == Condition::bad);
  }
  CHECK(scene.append({" UTF8 (~{1}", ""}, {"x"}).condition == Condition::bad);
  CHECK(scene.append({" UTF8 (~{1}", "))"}, {"x"}).condition == Condition::bad);
  CHECK(imap::test::inbox(*scene.context.account).status().value().messages == 0);
}

TEST_CASE("a keyword too many is told when the command ends, and nothing is stored") {
  Scene scene;
  std::string flags = " (k0";
  for (int i = 1; i < 65; ++i) flags += " k" + std::to_string(i);
  const Answer answer = scene.append({" {1}", flags + ") {1}", ""}, {"x", "y"});
  CHECK(answer.condition == Condition::no);
  CHECK(answer.code == "LIMIT");
  CHECK(imap::test::inbox(*scene.context.account).status().value().messages == 0);
}
