// A store with one account, "mrose" with the password "secret", made anew for each run of a transcript.
#pragma once

#include <catch2/catch.hpp>
#include <charconv>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "postfach/pop3/session.h"
#include "postfach/store.h"
#include "protocol/transcript.h"

namespace postfach::test {

inline protocol::Peer peer_with_tls() {
  return {.address = "192.0.2.1", .tls = protocol::TlsInfo{"TLSv1.3", "TLS_AES_128_GCM_SHA256", ""}};
}
inline protocol::Peer peer_in_clear() { return {.address = "192.0.2.1", .tls = {}, .can_start_tls = true}; }

// A message of exactly so many octets that ends with CRLF.
inline std::string message_of(std::size_t octets) {
  std::string message = "Subject: x\r\n\r\n";
  REQUIRE(octets >= message.size() + 2);
  message.append(octets - message.size() - 2, 'x');
  return message + "\r\n";
}

inline constexpr std::string_view logged_in = R"(
  S: +OK POP3 server ready
  C: USER mrose
  S: +OK Password, please
  C: PASS secret
  S~ +OK Maildrop has *
)";

struct World {
  std::vector<std::string> messages = {};
  pop3::SessionOptions options = {};
  protocol::Peer peer = peer_with_tls();

  std::optional<Store> store = {};
  std::optional<Account> account = {};

  Mailbox inbox() const { return account->mailbox("INBOX").value(); }

  void begin() {
    store = Store::open_temporary({.path = {}, .default_mailboxes = {}, .password_cost = 1}).value();
    account = store->create_account("mrose", {.password = "secret"}).value();
    for (const std::string& message : messages) account->deliver(message).value();
  }
  std::unique_ptr<protocol::Session> session(protocol::Ring ring = {}) const {
    return pop3::make_session(*store, options, peer, std::move(ring));
  }

  // Events: "! deliver text", "! expunge uid" as an IMAP session would, "! left n": so many messages are in
  // INBOX.
  void check(std::string_view text, decltype(Transcript::events) more = {}) {
    Transcript transcript{.make =
                              [this](protocol::Ring ring) {
                                begin();
                                return session(std::move(ring));
                              },
                          .events = std::move(more)};
    const auto number = [](std::string_view argument) { return static_cast<Uid>(std::stoul(std::string(argument))); };
    transcript.events["deliver"] = [this](std::string_view argument) {
      account->deliver(std::string(argument) + "\r\n").value();
    };
    transcript.events["expunge"] = [this, number](std::string_view argument) {
      inbox().remove(UidSet::of(number(argument), number(argument))).value();
    };
    transcript.events["left"] = [this, number](std::string_view argument) {
      CHECK(inbox().uids().value().size() == number(argument));
    };
    check_transcript(text, transcript);
  }
  void check_logged_in(std::string_view text, decltype(Transcript::events) more = {}) {
    check(std::string(logged_in) + std::string(text), std::move(more));
  }
};

// Drives a session through some lines without a transcript; returns all output.
inline std::string talk(protocol::Session& session, std::string_view input, std::size_t soft_limit = 65536) {
  std::string out;
  session.set_now(protocol::Clock::time_point() + std::chrono::hours(1));
  while (true) {
    session.produce(out, out.size() + soft_limit);
    if (session.want() == protocol::Want::write) continue;
    if (session.want() != protocol::Want::read || input.empty()) return out;
    input.remove_prefix(session.receive(input));
  }
}

}  // namespace postfach::test
