#include "imap/session/world.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/ascii.h"

namespace postfach::imap::test {
namespace {

using protocol::Want;

constexpr std::string_view kLogin = R"(
  S~ * OK [CAPABILITY IMAP4rev1 *] *
  C: l LOGIN alice secret
  S~ l OK [CAPABILITY IMAP4rev1 *] Logged in
)";

constexpr std::string_view kSelect = R"(
  C: s SELECT INBOX
  S~ ...
  S~ s OK [READ-WRITE] *
)";

UidSet parse_set(std::string_view text) {
  const std::size_t colon = text.find(':');
  const auto first = static_cast<Uid>(base::parse_number(text.substr(0, colon)).value_or(0));
  if (colon == std::string_view::npos) return UidSet::of(first, first);
  return UidSet::of(first, static_cast<Uid>(base::parse_number(text.substr(colon + 1)).value_or(0)));
}

void set_flag(const Account& account, std::string_view argument) {
  const std::size_t space = argument.find(' ');
  const std::string_view name = argument.substr(space + 1);
  Mailbox::FlagUpdate update;
  if (name == "\\Seen") {
    update.flags = Flag::seen;
  } else if (name == "\\Deleted") {
    update.flags = Flag::deleted;
  } else if (name == "\\Flagged") {
    update.flags = Flag::flagged;
  } else {
    update.keywords = {std::string(name)};
  }
  inbox(account).store(parse_set(argument.substr(0, space)), update).value();
}

}  // namespace

Store make_store(const WorldOptions& options) {
  StoreOptions store_options = options.store;
  store_options.password_cost = 1;
  Store store = Store::open_temporary(store_options).value();
  const Account account = store.create_account("alice", {.password = "secret"}).value();
  if (options.prepare) options.prepare(account);
  return store;
}

postfach::test::Transcript imap_transcript(WorldOptions options) {
  // Of the run that goes on.
  auto current = std::make_shared<std::optional<Store>>();
  const auto alice = [current] { return (*current)->account("alice").value(); };
  postfach::test::Transcript transcript;
  transcript.make = [options, current](protocol::Ring ring) {
    *current = make_store(options);
    return make_session(**current, options.session, options.peer, std::move(ring));
  };
  transcript.events["deliver"] = [alice](std::string_view subject) { alice().deliver(message(subject)).value(); };
  transcript.events["flag"] = [alice](std::string_view argument) { set_flag(alice(), argument); };
  transcript.events["expunge"] = [alice](std::string_view set) { inbox(alice()).remove(parse_set(set)).value(); };
  transcript.events["remove"] = [alice](std::string_view name) { alice().remove_mailbox(name).value(); };
  transcript.events["create"] = [alice](std::string_view name) { alice().create_mailbox(name).value(); };
  return transcript;
}

void check_logged_in(std::string_view text, WorldOptions options) {
  postfach::test::check_transcript(std::string(kLogin) + std::string(text), imap_transcript(std::move(options)));
}

void check_selected(std::string_view text, WorldOptions options) {
  check_logged_in(std::string(kSelect) + std::string(text), std::move(options));
}

unsigned long long number_behind(std::string_view output, std::string_view name) {
  const std::size_t at = output.find(name);
  return at == std::string_view::npos ? 0 : std::stoull(std::string(output.substr(at + name.size())));
}

std::string message(std::string_view subject) {
  return "Subject: " + std::string(subject) + "\r\n\r\nHello " + std::string(subject) + "\r\n";
}

std::function<void(const Account&)> with_messages(int count) {
  return [count](const Account& account) {
    for (int i = 1; i <= count; ++i) account.deliver(message(std::to_string(i))).value();
  };
}

Mailbox inbox(const Account& account) { return account.mailbox("INBOX").value(); }

NewMessage new_message(const Account& account, std::string_view octets, Flags flags) {
  Spool spool = account.spool(octets.size()).value();
  spool.write(octets).value();
  return {.content = std::move(spool), .flags = flags};
}

struct Client::Bell {
  std::atomic<bool> rung{false};
};

Client::Client(const Store& store, const WorldOptions& options)
    : bell_(std::make_shared<Bell>()),
      session_(make_session(store, options.session, options.peer, [bell = bell_] { bell->rung = true; })) {
  send("");
}

void Client::offer(std::string_view octets) {
  while (!octets.empty() && session_->want() == Want::read) octets.remove_prefix(session_->receive(octets));
}

std::string Client::step(std::size_t soft_limit) {
  std::string out;
  session_->set_now(protocol::Clock::now());
  session_->produce(out, soft_limit);
  return out;
}

std::string Client::send(std::string_view octets, std::size_t soft_limit) {
  std::string out;
  for (;;) {
    out += step(soft_limit);
    if (session_->want() == Want::write) continue;
    if (octets.empty() || session_->want() != Want::read) return out;
    octets.remove_prefix(session_->receive(octets));
  }
}

void Client::log_in_and_select() {
  REQUIRE(send("l LOGIN alice secret\r\n").find("l OK") != std::string::npos);
  REQUIRE(send("s SELECT INBOX\r\n").find("s OK") != std::string::npos);
}

bool Client::rang() {
  const bool rung = bell_->rung.exchange(false);
  if (rung) session_->on_store_changed();
  return rung;
}

}  // namespace postfach::imap::test
