// A client that believes what it is told: it keeps a mailbox as RFC 9051 §5.2 says, and complains about whatever no
// server may say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "imap/model/response.h"
#include "imap/session/world.h"

namespace postfach::imap::model {

// One message as the client knows it.
struct Known {
  std::uint32_t uid = 0;  // 0: not told yet
  std::optional<FlagNames> flags = {};
  std::uint64_t modseq = 0;  // 0: not told
  bool is_guess = false;     // the flags are what the client's own silent STORE makes of them
};

class Player {
 public:
  enum class Mode : std::uint8_t { plain, condstore, qresync };

  Player(const Store& store, std::string name, Mode mode);

  // Runs one command and takes in what it is told. The last response is the tagged one. may_expunge: whether EXPUNGE is
  // allowed before it (RFC 9051 §7.5.1).
  std::vector<Response> run(std::string command, bool may_expunge = true);
  // Begins IDLE; what comes until done() is taken in.
  void idle();
  void hear();  // what the server says by itself
  void done();

  const std::string& name() const noexcept { return name_; }
  Mode mode() const noexcept { return mode_; }
  // The selected mailbox; empty: none.
  std::string selected = {};
  bool read_only = false;
  std::vector<Known> view = {};
  std::uint64_t highest_modseq = 0;
  std::uint32_t uid_validity = 0;

  // What a client with a cache keeps of a mailbox that it closed (RFC 7162 §3.2.5).
  struct Cache {
    std::uint32_t uid_validity = 0;
    std::uint64_t modseq = 0;
    std::vector<Known> view;
  };
  std::map<std::string, Cache> caches = {};

  std::vector<std::uint32_t> uids() const;
  const std::vector<std::string>& log() const noexcept { return log_; }

 private:
  void take(std::string_view octets, bool may_expunge);
  void take(const Response& response, bool may_expunge);
  void drop(std::uint32_t uid, bool earlier);
  void take_fetch(const Response& response);
  void require(bool holds, const std::string& what);

  test::Client client_;
  std::string name_;
  Mode mode_;
  unsigned last_tag_ = 0;
  std::vector<Response> responses_;
  std::vector<std::string> log_;  // of this client, for messages
};

}  // namespace postfach::imap::model
