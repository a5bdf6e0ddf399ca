// A thin POP3 client: an answer that is not +OK is a failure.
#pragma once

#include <asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "connection.h"
#include "input.h"

namespace load {

class Pop3Client {
 public:
  explicit Pop3Client(Network& network) : connection_(network), input_(connection_) {}

  // To the greeting.
  awaitable<void> open(asio::ip::tcp::endpoint endpoint, Handshake handshake = Handshake::full);
  awaitable<void> log_in(const std::string& user, const std::string& password);
  // Number of messages.
  awaitable<std::uint32_t> stat();
  // Lines of the listing.
  awaitable<std::uint32_t> uidl();
  // A message of so many octets, no line of which begins with a dot. In two halves, to send several before the first
  // answer.
  awaitable<void> send_retr(std::uint32_t number);
  awaitable<void> retrieved(std::size_t size);
  awaitable<void> quit();

 private:
  awaitable<std::string_view> command(std::string_view text);
  awaitable<std::string_view> answer();

  Connection connection_;
  Input input_;
};

}  // namespace load
