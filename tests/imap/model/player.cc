#include "imap/model/player.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>

namespace postfach::imap::model {

Player::Player(const Store& store, std::string name, Mode mode) : client_(store), name_(std::move(name)), mode_(mode) {
  require(run("LOGIN alice secret").back().name == "OK", "login");
  if (mode_ == Mode::condstore) run("ENABLE CONDSTORE");
  if (mode_ == Mode::qresync) run("ENABLE QRESYNC");
}

void Player::require(bool holds, const std::string& what) {
  if (holds) return;
  std::string text = what + "\n";
  const std::size_t shown = std::min<std::size_t>(log_.size(), 30);
  for (std::size_t i = log_.size() - shown; i < log_.size(); ++i) text += "  " + log_[i] + "\n";
  INFO(text);
  REQUIRE(holds);
}

std::vector<Response> Player::run(std::string command, bool may_expunge) {
  if (const std::size_t items = command.find("(UID FLAGS)"); items != std::string::npos && mode_ != Mode::plain) {
    command.replace(items, 11, "(UID FLAGS MODSEQ)");
  }
  const std::string tag = name_ + std::to_string(++last_tag_);
  log_.push_back("C: " + tag + " " + command);
  responses_.clear();
  take(client_.send(tag + " " + command + "\r\n"), may_expunge);
  require(!responses_.empty() && responses_.back().tag == tag, "the tagged response comes last");
  require(responses_.back().name != "BAD", "a command that is right");
  return std::move(responses_);
}

void Player::idle() {
  log_.push_back("C: idle IDLE");
  responses_.clear();
  take(client_.send("idle IDLE\r\n"), true);
  require(!responses_.empty() && responses_.front().tag == "+", "the continuation of IDLE");
}

void Player::hear() {
  if (client_.rang()) take(client_.send(""), true);
}

void Player::done() {
  log_.emplace_back("C: DONE");
  take(client_.send("DONE\r\n"), true);
  require(responses_.back().tag == "idle" && responses_.back().name == "OK", "the end of IDLE");
}

std::vector<std::uint32_t> Player::uids() const {
  std::vector<std::uint32_t> result;
  for (const Known& known : view) result.push_back(known.uid);
  return result;
}

void Player::take(std::string_view octets, bool may_expunge) {
  auto parsed = parse_responses(octets);
  log_.push_back("S: " + std::string(octets));
  require(parsed.has_value(), "responses that can be read");
  for (Response& response : *parsed) {
    take(response, may_expunge);
    responses_.push_back(std::move(response));
  }
}

void Player::take(const Response& response, bool may_expunge) {
  if (response.name == "OK" && response.tokens.size() >= 2 && response.tokens[0].text == "HIGHESTMODSEQ") {
    highest_modseq = std::stoull(response.tokens[1].text);
    require(highest_modseq > 0, "a HIGHESTMODSEQ above 0");
  } else if (response.name == "OK" && response.tokens.size() >= 2 && response.tokens[0].text == "UIDVALIDITY") {
    uid_validity = static_cast<std::uint32_t>(std::stoul(response.tokens[1].text));
  } else if (response.name == "EXISTS") {
    require(*response.number >= view.size(), "EXISTS takes no message away");
    view.resize(*response.number);
  } else if (response.name == "EXPUNGE") {
    require(mode_ != Mode::qresync, "no EXPUNGE after ENABLE QRESYNC");
    require(may_expunge, "no EXPUNGE while sequence numbers may be on their way");
    require(*response.number >= 1 && *response.number <= view.size(), "EXPUNGE of a message that there is");
    view.erase(view.begin() + (*response.number - 1));
  } else if (response.name == "VANISHED") {
    require(mode_ == Mode::qresync, "VANISHED only after ENABLE QRESYNC");
    const bool earlier = response.tokens.front().is_list;
    require(earlier || may_expunge, "no VANISHED while sequence numbers may be on their way");
    const auto gone = parse_set(response.tokens.back().text);
    require(gone.has_value(), "a set of UIDs");
    for (const std::uint32_t uid : *gone) drop(uid, earlier);
  } else if (response.name == "FETCH") {
    take_fetch(response);
  }
}

// A message of which only EXISTS has told is found by its neighbours: UIDs ascend.
void Player::drop(std::uint32_t uid, bool earlier) {
  std::size_t unknown = view.size();
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (view[i].uid == uid) {
      view.erase(view.begin() + static_cast<std::ptrdiff_t>(i));
      return;
    }
    if (view[i].uid > uid) break;
    unknown = view[i].uid != 0 ? view.size() : std::min(unknown, i);
  }
  require(earlier || unknown < view.size(), "VANISHED of a message that there is");
  if (!earlier) view.erase(view.begin() + static_cast<std::ptrdiff_t>(unknown));
}

void Player::take_fetch(const Response& response) {
  require(*response.number >= 1 && *response.number <= view.size(), "FETCH of a message that there is");
  Known& known = view[*response.number - 1];
  const Token& items = response.tokens.front();
  if (const Token* uid = value_of(items, "UID")) {
    const auto number = static_cast<std::uint32_t>(std::stoul(uid->text));
    require(known.uid == 0 || known.uid == number, "the UID of a message stays");
    known.uid = number;
  } else {
    require(mode_ != Mode::qresync, "UID in every FETCH after ENABLE QRESYNC");
  }
  const Token* flags = value_of(items, "FLAGS");
  const Token* modseq = value_of(items, "MODSEQ");
  if (flags != nullptr) {
    FlagNames names = parse_flags(*flags);
    const bool changed = known.flags && *known.flags != names && !known.is_guess;
    if (modseq != nullptr) {
      const std::uint64_t number = std::stoull(modseq->list.front().text);
      require(number > 0 && number >= known.modseq, "a MODSEQ never falls");
      require(!changed || number > known.modseq, "other flags have a higher MODSEQ");
    } else {
      // RFC 7162 §3.1: also where nobody asked; the FETCH commands of this client ask.
      require(mode_ == Mode::plain, "MODSEQ with FLAGS after ENABLE CONDSTORE");
    }
    known.flags = std::move(names);
    known.is_guess = false;
  }
  if (modseq == nullptr) return;
  const std::uint64_t number = std::stoull(modseq->list.front().text);
  if (flags == nullptr && number > known.modseq) known.is_guess = true;  // the answer to a silent STORE
  known.modseq = number;
}

}  // namespace postfach::imap::model
