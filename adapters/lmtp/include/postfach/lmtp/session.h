// An LMTP session (RFC 2033 over RFC 5321, with RFC 1870, 2034, 2920, 3030, 3207, 6152 and 6531), without a socket: see
// postfach/protocol/session.h for how to drive it. lmtp::Server does that over Asio.
//
// - Mail is taken for addresses of the store alone; nothing is relayed. Who may connect is for the driver to say: a
//   client is trusted in what it says of senders.
// - After the message each recipient that was accepted gets a reply of its own, in the order of RCPT. A recipient that
//   got 250 has the message on the disk; StoreOptions::delivery and delivery.h tell the rest.
// - The message behind DATA ends with CRLF.CRLF and nothing else, and what comes in is stored octet by octet, bare CR and
//   LF included. A command line that ends with a bare LF is refused. Lines of a message may be of any length.
// - BDAT takes octets of any kind; BODY=BINARYMIME is possible.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "postfach/protocol/session.h"
#include "postfach/store.h"

namespace postfach::lmtp {

struct SessionOptions {
  // The name of this host in the greeting and in Received fields; letters, digits, '-' and '.'.
  std::string hostname = "localhost";
  // Without a command; RFC 5321 §4.5.3.2.7 asks for five minutes.
  std::chrono::seconds command_timeout{5 * 60};
  // Without an octet of a message that has begun.
  std::chrono::seconds data_timeout{3 * 60};
  // From DATA or the first BDAT to the end of the message, however it drips.
  std::chrono::seconds message_timeout{60 * 60};
  // So many bad commands in a row close the connection.
  unsigned bad_commands = 20;
};

std::unique_ptr<protocol::Session> make_session(Store store, std::shared_ptr<const SessionOptions> options,
                                                protocol::Peer peer);

}  // namespace postfach::lmtp
