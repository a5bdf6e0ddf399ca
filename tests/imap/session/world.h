// Sessions in a world of their own: a temporary store with the account "alice", password "secret".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "postfach/account.h"
#include "postfach/imap/session.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"
#include "protocol/transcript.h"

namespace postfach::imap::test {

struct WorldOptions {
  SessionOptions session = {};
  StoreOptions store = {};
  protocol::Peer peer = {.address = "192.0.2.1", .tls = protocol::TlsInfo{"TLSv1.3", "AES", ""}};
  // What alice's account holds before the session begins.
  std::function<void(const Account&)> prepare = {};
};

Store make_store(const WorldOptions& options);

// A transcript with events of what others do to alice's INBOX:
//   ! deliver SUBJECT     a message of 2 lines arrives
//   ! flag UID \Seen      somebody sets a flag or a keyword
//   ! expunge SET         somebody removes messages ("2:3")
//   ! remove NAME, ! create NAME   a mailbox is deleted, made
postfach::test::Transcript imap_transcript(WorldOptions options = {});

// Checks the text after the greeting and a LOGIN with the tag "l".
void check_logged_in(std::string_view text, WorldOptions options = {});
// Checks the text after a SELECT of INBOX too, with the tag "s".
void check_selected(std::string_view text, WorldOptions options = {});

// The number behind a name in what a session said; 0 if the name is not there.
unsigned long long number_behind(std::string_view output, std::string_view name);

// A small message with this subject: "Subject: x\r\n\r\nHello x\r\n".
std::string message(std::string_view subject);
// Delivers so many of them, with the subjects 1, 2, ...
std::function<void(const Account&)> with_messages(int count);

Mailbox inbox(const Account& account);
// To be appended.
NewMessage new_message(const Account& account, std::string_view octets, Flags flags = {});

// Drives a session by hand.
class Client {
 public:
  Client(const Store& store, const WorldOptions& options = {});
  // Everything that the session has to say after these octets. Stops after soft_limit octets of each turn.
  std::string send(std::string_view octets, std::size_t soft_limit = 64 * 1024);
  // One call of produce(); for what happens between two.
  std::string step(std::size_t soft_limit);
  void offer(std::string_view octets);
  void log_in_and_select();
  // Whether the doorbell rang; tells the session.
  bool rang();
  protocol::Session& session() { return *session_; }

 private:
  struct Bell;
  std::shared_ptr<Bell> bell_;
  std::unique_ptr<protocol::Session> session_;
};

}  // namespace postfach::imap::test
