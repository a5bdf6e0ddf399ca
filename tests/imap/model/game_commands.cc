// What clients do, and what it has to do to the model.
#include "imap/model/game.h"

#include <catch2/catch.hpp>
#include <utility>

namespace postfach::imap::model {

void Game::deliver() {
  const std::string text = subject();
  account_->deliver(imap::test::message(text)).value();
  boxes_["INBOX"].add({}, text);
}

void Game::select(Player& player) {
  remember(player);
  player.selected = kBoxes[below(kBoxes.size())];
  player.read_only = chance(4);
  player.view.clear();
  player.highest_modseq = 0;
  Box& box = box_of(player);
  std::string command = (player.read_only ? "EXAMINE " : "SELECT ") + player.selected;
  const auto cache = player.caches.find(player.selected);
  const bool resumes = player.mode() == Mode::qresync && cache != player.caches.end();
  if (resumes) {
    const Player::Cache& old = cache->second;
    command += " (QRESYNC (" + std::to_string(old.uid_validity) + " " + std::to_string(old.modseq);
    if (!old.view.empty() && chance(2)) {
      command += " ";
      for (std::size_t i = 0; i < old.view.size(); ++i)
        command += (i == 0 ? "" : ",") + std::to_string(old.view[i].uid);
    }
    command += "))";
    resume(player, command, old);
  } else {
    if (player.mode() == Mode::condstore && chance(2)) command += " (CONDSTORE)";
    player.run(command);
  }
  INFO(log_of(player));
  REQUIRE(player.view.size() == box.messages.size());
  learn(player);
  if (resumes && !player.view.empty()) player.run("FETCH 1:* (UID)", false);
  check_synchronised(player);
}

// The client knows the messages of its cache, and hears what became of them.
void Game::resume(Player& player, const std::string& command, const Player::Cache& old) {
  std::vector<Known> known = old.view;
  std::vector<Known> fresh;
  for (const Response& response : player.run(command)) {
    if (response.name == "VANISHED") {
      const auto gone = parse_set(response.tokens.back().text);
      REQUIRE(gone);
      std::erase_if(known, [&](const Known& each) { return gone->count(each.uid) != 0; });
    }
  }
  // The answer numbers messages as they are now: those of the cache that are left, then the new ones.
  INFO(log_of(player));
  REQUIRE(known.size() <= player.view.size());
  for (std::size_t i = 0; i < known.size(); ++i) {
    Known& now = player.view[i];
    if (now.uid == 0) {
      now = known[i];
    } else {
      REQUIRE(now.uid == known[i].uid);
    }
    if (!now.flags) now.flags = known[i].flags;
    now.modseq = std::max(now.modseq, known[i].modseq);
  }
}

void Game::remember(Player& player) {
  if (player.mode() != Mode::qresync || player.selected.empty()) return;
  // What it may rely on is what it was told with the last HIGHESTMODSEQ: it asks once more.
  synchronise(player, "NOOP");
  const auto answer = player.run("STATUS " + player.selected + " (HIGHESTMODSEQ)");
  // What happened since is told before the answer.
  check_synchronised(player);
  learn(player);
  const Token* modseq = nullptr;
  for (const Response& response : answer) {
    if (response.name == "STATUS") modseq = value_of(response.tokens.back(), "HIGHESTMODSEQ");
  }
  INFO(log_of(player));
  REQUIRE(modseq != nullptr);
  player.caches[player.selected] = {player.uid_validity, std::stoull(modseq->text), player.view};
}

void Game::leave(Player& player) {
  const bool closes = chance(2);
  remember(player);
  player.run(closes ? "CLOSE" : "UNSELECT");
  if (closes && !player.read_only) {
    std::erase_if(box_of(player).messages, [](const Message& m) { return m.flags.count("\\deleted") != 0; });
    // The messages that went by CLOSE the client takes out of its cache itself, if it is told HIGHESTMODSEQ; it lets
    // the server tell it.
  }
  player.selected.clear();
  player.view.clear();
}

void Game::store(Player& player) {
  if (player.view.empty()) return;
  const bool by_uid = chance(2);
  const bool silent = chance(3);
  const Choice choice = choose(player, by_uid);
  const FlagNames flags = some_flags(3);
  const std::size_t kind = below(3);
  std::string command = by_uid ? "UID STORE " : "STORE ";
  command += choice.set;
  std::optional<std::uint64_t> unchanged_since;
  if (player.mode() != Mode::plain && chance(3)) {
    // As of one of the messages that it knows.
    const std::uint64_t modseq = player.view[below(player.view.size())].modseq;
    if (modseq != 0) {
      unchanged_since = modseq;
      command += " (UNCHANGEDSINCE " + std::to_string(modseq) + ")";
    }
  }
  command += kind == 0 ? " FLAGS" : kind == 1 ? " +FLAGS" : " -FLAGS";
  if (silent) command += ".SILENT";
  command += " " + join(flags);

  const auto change = [&](FlagNames& names) {
    if (kind == 0) names = flags;
    for (const std::string& flag : flags) {
      if (kind == 1) names.insert(flag);
      if (kind == 2) names.erase(flag);
    }
  };
  if (player.read_only) {
    REQUIRE(player.run(command, by_uid).back().name == "NO");
    return;
  }
  Box& box = box_of(player);
  if (unchanged_since) return store_unchanged(player, command, by_uid, choice, change);
  for (const std::uint32_t uid : choice.uids) {
    if (Message* message = box.find(uid)) change(message->flags);
  }
  if (silent) {
    for (Known& known : player.view) {
      const bool is_meant = std::find(choice.uids.begin(), choice.uids.end(), known.uid) != choice.uids.end();
      if (is_meant && known.flags) {
        change(*known.flags);
        known.is_guess = true;
      }
    }
  }
  const auto answer = player.run(command, by_uid);
  INFO(log_of(player));
  CHECK(answer.back().name == "OK");
  if (silent) return;
  for (const Known& known : player.view) {
    if (std::find(choice.uids.begin(), choice.uids.end(), known.uid) == choice.uids.end()) continue;
    if (const Message* message = box.find(known.uid)) CHECK(known.flags == message->flags);
  }
}

template <class Change>
void Game::store_unchanged(Player& player, const std::string& command, bool by_uid, const Choice& choice,
                           const Change& change) {
  Box& box = box_of(player);
  const std::vector<Known> before = player.view;
  const auto answer = player.run(command, by_uid);
  std::set<std::uint32_t> failed;
  const Response& last = answer.back();
  if (!last.tokens.empty() && last.tokens[0].text == "MODIFIED") {
    const auto numbers = parse_set(last.tokens[1].text);
    REQUIRE(numbers);
    for (const std::uint32_t number : *numbers) failed.insert(by_uid ? number : before.at(number - 1).uid);
  }
  for (const std::uint32_t uid : choice.uids) {
    Message* message = box.find(uid);
    if (message == nullptr || failed.count(uid) != 0) continue;
    const FlagNames old = message->flags;
    change(message->flags);
    // What the client does not know to be as it was can't have passed; without a change it is all the same.
    const auto known = std::find_if(before.begin(), before.end(), [uid](const Known& k) { return k.uid == uid; });
    INFO(log_of(player));
    if (known->flags) CHECK(*known->flags == old);
  }
  // A silent one is told no flags: it asks.
  if (!player.view.empty()) player.run("FETCH 1:* (UID FLAGS)", false);
  for (const std::uint32_t uid : failed) {
    INFO(log_of(player));
    CHECK(std::find(choice.uids.begin(), choice.uids.end(), uid) != choice.uids.end());
  }
}

void Game::expunge(Player& player) {
  Box& box = box_of(player);
  const bool by_uid = chance(3) && !player.view.empty();
  const Choice choice = by_uid ? choose(player, true) : Choice{};
  const std::string command = by_uid ? "UID EXPUNGE " + choice.set : "EXPUNGE";
  if (player.read_only) {
    REQUIRE(player.run(command).back().name == "NO");
    return;
  }
  std::erase_if(box.messages, [&](const Message& m) {
    return m.flags.count("\\deleted") != 0 &&
           (!by_uid || std::find(choice.uids.begin(), choice.uids.end(), m.uid) != choice.uids.end());
  });
  REQUIRE(player.run(command).back().name == "OK");
  check_synchronised(player);
  learn(player);
}

void Game::transfer(Player& player) {
  if (player.view.empty()) return;
  const bool by_uid = chance(2);
  const bool moves = chance(2);
  const std::string target = kBoxes[below(kBoxes.size())];
  const Choice choice = choose(player, by_uid);
  const std::string command =
      std::string(by_uid ? "UID " : "") + (moves ? "MOVE " : "COPY ") + choice.set + " " + target;
  if (moves && player.read_only) {
    REQUIRE(player.run(command).back().name == "NO");
    return;
  }
  Box& from = box_of(player);
  std::vector<Message> messages;
  for (const Message& message : from.messages) {
    if (std::find(choice.uids.begin(), choice.uids.end(), message.uid) != choice.uids.end())
      messages.push_back(message);
  }
  if (moves) {
    std::erase_if(from.messages, [&](const Message& m) {
      return std::any_of(messages.begin(), messages.end(), [&](const Message& other) { return other.uid == m.uid; });
    });
  }
  Numbers sources;
  Numbers destinations;
  for (const Message& message : messages) {
    sources.insert(message.uid);
    destinations.insert(boxes_[target].next);
    boxes_[target].add(message.flags, message.subject);
  }
  const auto answer = player.run(command, by_uid || moves);
  INFO(log_of(player));
  if (messages.empty()) return;
  CHECK(answer.back().name == "OK");
  const auto code = std::find_if(answer.begin(), answer.end(), [](const Response& response) {
    return !response.tokens.empty() && response.tokens[0].text == "COPYUID";
  });
  REQUIRE(code != answer.end());
  CHECK(parse_set(code->tokens.at(2).text) == sources);
  CHECK(parse_set(code->tokens.at(3).text) == destinations);
  if (moves) check_synchronised(player);
  learn(player);
}

void Game::append(Player& player) {
  const std::string target = kBoxes[below(kBoxes.size())];
  const FlagNames flags = some_flags(4);
  const std::string text = subject();
  const std::string octets = imap::test::message(text);
  const std::string uid = std::to_string(boxes_[target].next);
  boxes_[target].add(flags, text);
  const auto answer =
      player.run("APPEND " + target + " " + join(flags) + " {" + std::to_string(octets.size()) + "+}\r\n" + octets);
  INFO(log_of(player));
  REQUIRE(answer.back().name == "OK");
  REQUIRE(answer.back().tokens.at(0).text == "APPENDUID");
  CHECK(answer.back().tokens.at(2).text == uid);
  check_synchronised(player);
  learn(player);
}

void Game::status(Player& player) {
  const std::string name = kBoxes[below(kBoxes.size())];
  const Box& box = boxes_[name];
  const auto unseen = std::count_if(box.messages.begin(), box.messages.end(),
                                    [](const Message& m) { return m.flags.count("\\seen") == 0; });
  const auto answer = player.run("STATUS " + name + " (MESSAGES UNSEEN UIDNEXT)");
  const auto data =
      std::find_if(answer.begin(), answer.end(), [](const Response& response) { return response.name == "STATUS"; });
  INFO(log_of(player));
  REQUIRE(data != answer.end());
  CHECK(value_of(data->tokens.back(), "MESSAGES")->text == std::to_string(box.messages.size()));
  CHECK(value_of(data->tokens.back(), "UNSEEN")->text == std::to_string(unseen));
  CHECK(value_of(data->tokens.back(), "UIDNEXT")->text == std::to_string(box.next));
  learn(player);
}

void Game::fetch(Player& player) {
  if (player.view.empty()) return;
  const bool by_uid = chance(2);
  const bool reads = chance(3);
  const Choice choice = choose(player, by_uid);
  Box& box = box_of(player);
  if (reads && !player.read_only) {
    for (const std::uint32_t uid : choice.uids) {
      if (Message* message = box.find(uid)) message->flags.insert("\\seen");
    }
  }
  const std::vector<Known> before = player.view;
  const auto answer = player.run((by_uid ? "UID FETCH " : "FETCH ") + choice.set +
                                     (reads ? " (UID BODY[HEADER.FIELDS (SUBJECT)])" : " (UID FLAGS)"),
                                 by_uid);
  INFO(log_of(player));
  std::set<std::uint32_t> told;
  for (const Response& response : answer) {
    if (response.name != "FETCH") continue;
    const Token* uid = value_of(response.tokens.front(), "UID");
    REQUIRE(uid != nullptr);
    const auto number = static_cast<std::uint32_t>(std::stoul(uid->text));
    const Token* header = value_of(response.tokens.front(), "BODY[HEADER.FIELDS (SUBJECT)]");
    if (reads && header == nullptr) continue;  // of others' changes
    const bool is_first = told.insert(number).second;
    CHECK((is_first || !reads));
    const Message* message = box.find(number);
    REQUIRE(message != nullptr);
    if (reads) CHECK(header->text == "Subject: " + message->subject + "\r\n\r\n");
  }
  for (const std::uint32_t uid : choice.uids) CHECK(told.count(uid) == (box.find(uid) != nullptr ? 1 : 0));
  for (const Known& known : player.view) {
    const Message* message = box.find(known.uid);
    if (told.count(known.uid) != 0 && message != nullptr && !reads) CHECK(known.flags == message->flags);
  }
  if (by_uid) learn(player);
}

Game::Criterion Game::criterion(Player& player, int depth) {
  switch (below(depth > 0 ? 8 : 5)) {
    case 0: {
      const std::string flag = kFlags[below(5)];
      const bool negated = chance(2);
      std::string word = flag.substr(1);
      if (negated) word = "UN" + word;
      return {word, [flag, negated](const Message& m) { return (m.flags.count(flag) != 0) != negated; }};
    }
    case 1: {
      const std::string flag = kFlags[5 + below(2)];
      return {"KEYWORD " + flag, [flag](const Message& m) { return m.flags.count(flag) != 0; }};
    }
    case 2: {
      const std::string text = subject();
      return {"SUBJECT " + text, [text](const Message& m) { return m.subject.find(text) != std::string::npos; }};
    }
    case 3: {
      const bool by_uid = chance(2);
      const Choice choice = choose(player, by_uid);
      return {(by_uid ? "UID " : "") + choice.set, [uids = choice.uids](const Message& m) {
                return std::find(uids.begin(), uids.end(), m.uid) != uids.end();
              }};
    }
    case 4:
      return {"ALL", [](const Message&) { return true; }};
    case 5: {
      const Criterion one = criterion(player, depth - 1);
      return {"NOT " + one.text, [holds = one.holds](const Message& m) { return !holds(m); }};
    }
    case 6: {
      const Criterion one = criterion(player, depth - 1);
      const Criterion two = criterion(player, depth - 1);
      return {"OR " + one.text + " " + two.text,
              [a = one.holds, b = two.holds](const Message& m) { return a(m) || b(m); }};
    }
    default: {
      const Criterion one = criterion(player, depth - 1);
      const Criterion two = criterion(player, depth - 1);
      return {"(" + one.text + " " + two.text + ")",
              [a = one.holds, b = two.holds](const Message& m) { return a(m) && b(m); }};
    }
  }
}

void Game::search(Player& player) {
  if (player.view.empty()) return;
  const Criterion wanted = criterion(player, 3);
  const bool by_uid = chance(2);
  const bool extended = chance(2);
  Numbers expected;
  for (std::size_t i = 0; i < player.view.size(); ++i) {
    const Message* message = box_of(player).find(player.view[i].uid);
    if (message == nullptr || !wanted.holds(*message)) continue;
    expected.insert(by_uid ? message->uid : static_cast<std::uint32_t>(i + 1));
  }
  const auto answer = player.run(
      std::string(by_uid ? "UID " : "") + "SEARCH " + (extended ? "RETURN (ALL COUNT) " : "") + wanted.text, by_uid);
  INFO(log_of(player));
  REQUIRE(answer.back().name == "OK");
  Numbers found;
  for (const Response& response : answer) {
    if (response.name == "SEARCH") {
      for (const Token& token : response.tokens) {
        if (!token.is_list) found.insert(static_cast<std::uint32_t>(std::stoul(token.text)));
      }
    } else if (response.name == "ESEARCH") {
      Token pairs{true, false, {}, {response.tokens.begin() + 1, response.tokens.end()}};
      if (!pairs.list.empty() && pairs.list.front().text == "UID") pairs.list.erase(pairs.list.begin());
      const Token* all = value_of(pairs, "ALL");
      if (all != nullptr) found = parse_set(all->text).value();
      CHECK(value_of(pairs, "COUNT")->text == std::to_string(found.size()));
    }
  }
  CHECK(found == expected);
  if (by_uid) learn(player);
}

void Game::idle(Player& player) {
  player.idle();
  check_synchronised(player);
  for (auto n = below(3); n > 0; --n) deliver();
  if (chance(2)) {
    Player& other = *players_[below(players_.size())];
    if (&other != &player && !other.selected.empty()) {
      learn(other);
      chance(2) ? store(other) : expunge(other);
    }
  }
  player.hear();
  check_synchronised(player);
  player.done();
  check_synchronised(player);
  learn(player);
}

std::string Game::log_of(const Player& player) {
  std::string text;
  const auto& log = player.log();
  const std::size_t shown = std::min<std::size_t>(log.size(), 25);
  for (std::size_t i = log.size() - shown; i < log.size(); ++i) text += log[i] + "\n";
  return text;
}

}  // namespace postfach::imap::model
