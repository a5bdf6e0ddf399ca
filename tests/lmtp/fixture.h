// A store with alice@example.org and bob@example.org, made anew for each run of a transcript.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "postfach/lmtp/session.h"
#include "postfach/store.h"
#include "protocol/transcript.h"

namespace postfach::test {

// Arguments of events are given as they stand in the transcript.
inline std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char next = text[at] == '\\' && at + 1 < text.size() ? text[at + 1] : '\0';
    const std::size_t escape = std::string_view("rnt").find(next);
    if (escape == std::string_view::npos) {
      out += text[at];
    } else {
      out += "\r\n\t"[escape];
      ++at;
    }
  }
  return out;
}

struct World {
  StoreOptions store_options = {};
  lmtp::SessionOptions options = {.hostname = "mx.example.org"};
  protocol::Peer peer = {.address = "192.0.2.1"};

  std::optional<Store> store = {};
  std::optional<Account> alice = {};
  std::optional<Account> bob = {};

  void begin() {
    StoreOptions opened = store_options;
    opened.password_cost = 1;
    store = Store::open_temporary(std::move(opened)).value();
    alice = store->create_account("alice@example.org", {.addresses = {"müller@example.org"}}).value();
    bob = store->create_account("bob@example.org", {.addresses = {"\"b b\"@example.org"}}).value();
  }
  std::unique_ptr<protocol::Session> session() const {
    return lmtp::make_session(*store, std::make_shared<const lmtp::SessionOptions>(options), peer);
  }

  // The message with this UID in the account's INBOX, without the fields that delivery put in front.
  static std::string message(const Account& account, Uid uid) {
    std::string out = fields(account, uid);
    const std::size_t date = out.find(";\r\n\t");
    REQUIRE(date != std::string::npos);
    return out.substr(out.find("\r\n", date + 4) + 2);
  }
  static std::string fields(const Account& account, Uid uid) {
    std::string out;
    account.mailbox("INBOX").value().open(uid).value().read(0, SIZE_MAX, out).value();
    return out;
  }

  // Events: "! has alice n": so many messages; "! quota bob n" messages at most; "! text alice 1 octets" of a message;
  // "! field alice 1 octets": they are somewhere in the message.
  void check(std::string_view text) {
    Transcript transcript{.make =
                              [this](const protocol::Ring&) {
                                begin();
                                return session();
                              },
                          .events = {}};
    const auto account = [this](std::string_view& argument) -> const Account& {
      const std::size_t end = argument.find(' ');
      const std::string_view name = argument.substr(0, end);
      argument.remove_prefix(end + 1);
      return name == "alice" ? *alice : *bob;
    };
    const auto number = [](std::string_view& argument) {
      const std::size_t end = std::min(argument.find(' '), argument.size());
      const auto value = std::stoul(std::string(argument.substr(0, end)));
      argument.remove_prefix(std::min(end + 1, argument.size()));
      return value;
    };
    transcript.events["has"] = [=](std::string_view argument) {
      const Account& whose = account(argument);
      CHECK(whose.usage().value().messages == number(argument));
    };
    transcript.events["quota"] = [=](std::string_view argument) {
      const Account& whose = account(argument);
      whose.set_quota({.messages = number(argument)}).value();
    };
    transcript.events["text"] = [=](std::string_view argument) {
      const Account& whose = account(argument);
      const auto uid = static_cast<Uid>(number(argument));
      CHECK(message(whose, uid) == unescaped(argument));
    };
    transcript.events["field"] = [=](std::string_view argument) {
      const Account& whose = account(argument);
      const auto uid = static_cast<Uid>(number(argument));
      CHECK(fields(whose, uid).find(unescaped(argument)) != std::string::npos);
    };
    check_transcript(text, transcript);
  }
  void check_greeted(std::string_view text) {
    check(std::string("\n  S: 220 mx.example.org LMTP server ready\n  C: LHLO client.example.org\n  S~ ...\n"
                      "  S: 250 SIZE 268435456\n") +
          std::string(text));
  }
};

// Drives a session without a transcript; returns all output.
inline std::string talk(protocol::Session& session, std::string_view input, std::size_t piece = SIZE_MAX) {
  std::string out;
  session.set_now(protocol::Clock::time_point() + std::chrono::hours(1));
  while (true) {
    session.produce(out, out.size() + 65536);
    if (session.want() == protocol::Want::write) continue;
    if (session.want() != protocol::Want::read || input.empty()) return out;
    input.remove_prefix(session.receive(input.substr(0, piece)));
  }
}

}  // namespace postfach::test
