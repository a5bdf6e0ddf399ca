#include "imap/model/game.h"

#include <catch2/catch.hpp>
#include <utility>

namespace postfach::imap::model {

Game::Game(std::uint32_t seed, std::size_t players)
    : random_(seed), store_(imap::test::make_store(test::WorldOptions{})) {
  account_.emplace(store_.account("alice").value());
  account_->create_mailbox("Other").value();
  for (const std::string& name : kBoxes) boxes_[name];
  for (std::size_t i = 0; i < players; ++i) add_player();
}

void Game::step() {
  Player& player = *players_[below(players_.size())];
  if (chance(8)) return deliver();
  if (chance(40)) return replace(player);
  if (player.selected.empty() || chance(25)) return select(player);
  learn(player);
  switch (below(12)) {
    case 0:
    case 1:
    case 2:
      return store(player);
    case 3:
      return expunge(player);
    case 4:
      return transfer(player);
    case 5:
      return append(player);
    case 6:
    case 7:
      return search(player);
    case 8:
    case 9:
      return fetch(player);
    case 10:
      return idle(player);
    default:
      if (chance(6)) return leave(player);
      if (chance(3)) return status(player);
      return synchronise(player, chance(2) ? "NOOP" : "CHECK");
  }
}

void Game::add_player() {
  const Mode mode = static_cast<Mode>(below(3));
  players_.push_back(
      std::make_unique<Player>(store_, std::string(1, static_cast<char>('a' + next_name_++ % 26)), mode));
}

// A device goes away and another comes.
void Game::replace(Player& player) {
  for (auto& place : players_) {
    if (place.get() != &player) continue;
    place.reset();
    place = std::make_unique<Player>(store_, std::string(1, static_cast<char>('a' + next_name_++ % 26)),
                                     static_cast<Mode>(below(3)));
    return;
  }
}

void Game::check_synchronised(Player& player) {
  Box& box = box_of(player);
  INFO(log_of(player));
  REQUIRE(player.view.size() == box.messages.size());
  for (std::size_t i = 0; i < player.view.size(); ++i) {
    const Known& known = player.view[i];
    if (known.uid != 0) REQUIRE(known.uid == box.messages[i].uid);
    if (known.flags) REQUIRE(*known.flags == box.messages[i].flags);
  }
}

void Game::synchronise(Player& player, const std::string& command) {
  player.run(command);
  check_synchronised(player);
  learn(player);
}

// As clients do when EXISTS tells of new messages. One that was expunged before it could be asked about is known only
// once the client hears of that.
void Game::learn(Player& player) {
  for (int attempt = 0; attempt < 4; ++attempt) {
    const auto unknown =
        std::find_if(player.view.begin(), player.view.end(), [](const Known& each) { return each.uid == 0; });
    if (unknown == player.view.end()) return;
    if (attempt % 2 != 0) {
      player.run("NOOP");
      continue;
    }
    player.run("FETCH " + std::to_string(unknown - player.view.begin() + 1) + ":* (UID FLAGS)", false);
  }
  INFO(log_of(player));
  FAIL("messages of which nothing is told");
}

FlagNames Game::some_flags(std::size_t one_in) {
  FlagNames flags;
  for (const std::string& flag : kFlags) {
    if (chance(one_in)) flags.insert(flag);
  }
  return flags;
}

std::string Game::join(const FlagNames& flags) {
  std::string text;
  for (const std::string& flag : flags) text += (text.empty() ? "" : " ") + flag;
  return "(" + text + ")";
}

Game::Choice Game::choose(Player& player, bool by_uid) {
  Choice choice;
  const auto take = [&](std::size_t first, std::size_t last) {  // of the view
    for (std::size_t i = first; i <= last; ++i) choice.uids.push_back(player.view[i].uid);
    const auto name = [&](std::size_t i) { return std::to_string(by_uid ? player.view[i].uid : i + 1); };
    choice.set += (choice.set.empty() ? "" : ",") + name(first);
    if (first != last) choice.set += ":" + (last + 1 == player.view.size() && chance(2) ? "*" : name(last));
  };
  for (std::size_t i = 0; i < player.view.size();) {
    const std::size_t first = i + below(4);
    const std::size_t last = first + below(3);
    if (last >= player.view.size()) break;
    take(first, last);
    i = last + 2;
  }
  if (choice.set.empty()) take(0, player.view.size() - 1);
  return choice;
}

}  // namespace postfach::imap::model
