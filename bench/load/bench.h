// What a case works with, and who the accounts are.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connection.h"
#include "corpus.h"
#include "failure.h"
#include "imap_client.h"
#include "lmtp_client.h"
#include "options.h"
#include "pop3_client.h"
#include "process_tree.h"

namespace load {

struct Bench {
  const Options& options;
  Network& network;  // of this case
  ProcessTree server;
  Corpus& corpus;
  Corpus& small;  // Corpus::Kind::small
};

// Each case has accounts to itself: what one leaves behind does not slow another one down. Ranges begin here.
enum Account : int {
  kReader = 1,     // has the mailbox of messages that are read, searched, marked
  kMaildrop = 2,   // whose INBOX POP3 fetches
  kNotified = 3,   // whose INBOX somebody watches
  kLoggingIn = 4,  // 5 of them, with a few messages
  kHuge = 9,
  kGrowing = 10,   // one for each size, up to 15
  kReceiver = 16,  // 16 of them: deliveries, APPEND
  kIdle = 33,      // and all after it
};
inline constexpr int kLoggingInCount = 5;
static_assert(kIdle < kFewestUsers);

// Addresses of the options; a failure if there is none.
asio::ip::tcp::endpoint imap_of(const Bench& bench);
asio::ip::tcp::endpoint pop3_of(const Bench& bench);
asio::ip::tcp::endpoint lmtp_of(const Bench& bench);

// Connects and logs in.
awaitable<void> enter(Bench& bench, ImapClient& client, int account, Handshake handshake = Handshake::full);

// Runs all of them; the first failure is thrown, and the others are left where they are: the case is over.
awaitable<void> together(Network& network, std::vector<awaitable<void>> parts);

// A failure unless the two are equal.
void expect_equal(std::uint64_t found, std::uint64_t expected, const std::string& what);

}  // namespace load
