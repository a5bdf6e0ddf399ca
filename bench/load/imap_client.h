// A thin IMAP client: it sends what it is told, and an answer that is not OK is a failure.
#pragma once

#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "connection.h"
#include "imap_answer.h"
#include "input.h"

namespace load {

class ImapClient {
 public:
  explicit ImapClient(Network& network) : connection_(network), input_(connection_) {}

  // To the greeting.
  awaitable<void> open(asio::ip::tcp::endpoint endpoint, Handshake handshake = Handshake::full);
  awaitable<void> log_in(const std::string& user, const std::string& password);
  // Says goodbye and waits for the answer.
  awaitable<void> log_out();

  // Sends a command, which has no tag and no CRLF, and waits for its end. The answer is good until the next one.
  awaitable<const Answer*> command(std::string_view text);
  // The same in two halves, to send several before the first answer. The octets are whole: tag, command, CRLF.
  awaitable<void> send(std::string_view octets) { return connection_.write(octets); }
  awaitable<const Answer*> answer();
  // Starts IDLE, and stops it.
  awaitable<void> idle();
  awaitable<void> done();
  // The next EXISTS, while idling.
  awaitable<std::uint32_t> exists();

  // Whether its TLS session was one of before.
  bool was_resumed() const noexcept { return connection_.was_resumed(); }
  void release_buffer() noexcept { input_.release(); }

 private:
  awaitable<const Answer*> next(AnswerScanner::Until until);

  Connection connection_;
  Input input_;
  AnswerScanner scanner_;
  std::string request_;
};

}  // namespace load
