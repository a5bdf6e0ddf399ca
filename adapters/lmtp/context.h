// All of a session that a handler may touch.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "dot_reader.h"
#include "postfach/delivery.h"
#include "postfach/lmtp/session.h"
#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::lmtp {

// What the octets are that come next.
enum class Mode : unsigned char { command, data, chunk };

// From MAIL to the last reply.
struct Transaction {
  explicit Transaction(Delivery the_delivery) : delivery(std::move(the_delivery)) {}
  Delivery delivery;
  bool is_utf8 = false;
  bool is_binary = false;
  std::vector<std::size_t> accepted = {};  // recipients, as indices of the delivery's results
  bool has_chunks = false;                 // BDAT was used: no more recipients, no DATA
  protocol::Clock::time_point begun = {};  // the message
};

struct Context {
  Context(Store the_store, std::shared_ptr<const SessionOptions> the_options, protocol::Peer the_peer)
      : store(std::move(the_store)), options(std::move(the_options)), peer(std::move(the_peer)) {}

  const Store store;
  const std::shared_ptr<const SessionOptions> options;
  protocol::Peer peer;
  protocol::Clock::time_point now = {};

  bool closing = false;       // nothing is read any more
  bool starting_tls = false;  // STARTTLS was answered
  std::string client;         // of LHLO; empty: not greeted yet
  std::optional<Transaction> transaction;
  Mode mode = Mode::command;

  // DATA
  std::optional<DotReader> dots;
  std::uint64_t data_octets = 0;  // that came, stored or not
  // BDAT: the chunk that is coming in.
  std::uint64_t chunk_size = 0;
  std::uint64_t chunk_left = 0;
  bool is_last_chunk = false;
  std::optional<Reply> chunk_refusal;  // its octets are thrown away

  // The replies after the message.
  bool replying = false;
  std::size_t next_reply = 0;  // of Transaction::accepted

  // A client that goes on sending what can't be stored is cut off here.
  std::uint64_t most_octets() const noexcept {
    constexpr std::uint64_t kSlack = std::uint64_t{1} << 20U;
    return 2 * store.options().max_message_size + kSlack;
  }
  void reset() noexcept {
    transaction.reset();
    dots.reset();
    mode = Mode::command;
    replying = false;
    next_reply = 0;
    chunk_left = 0;
    chunk_refusal.reset();
    data_octets = 0;
  }

  void log(Severity severity, std::string_view event, std::string_view detail = {},
           std::string_view account = {}) const {
    if (const Observer& observer = store.options().observer) {
      observer({.severity = severity, .event = event, .account = account, .remote = peer.address, .detail = detail});
    }
  }
};

}  // namespace postfach::lmtp
