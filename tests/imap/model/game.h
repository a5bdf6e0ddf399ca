// Several clients and a delivery that do whatever they like to the mailboxes of one account, and a model of a few lines
// that says what the mailboxes hold; the clients must see that, in the way that IMAP permits.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "imap/model/player.h"

namespace postfach::imap::model {

struct Message {
  std::uint32_t uid = 0;
  FlagNames flags;
  std::string subject;
};

struct Box {
  std::vector<Message> messages;
  std::uint32_t next = 1;

  Message* find(std::uint32_t uid) {
    const auto at = std::find_if(messages.begin(), messages.end(), [uid](const Message& m) { return m.uid == uid; });
    return at == messages.end() ? nullptr : &*at;
  }
  void add(FlagNames flags, std::string subject) { messages.push_back({next++, std::move(flags), std::move(subject)}); }
};

inline const std::vector<std::string> kFlags = {"\\seen",  "\\flagged", "\\deleted", "\\answered",
                                                "\\draft", "work",      "later"};
inline const std::vector<std::string> kBoxes = {"INBOX", "Other"};

class Game {
 public:
  Game(std::uint32_t seed, std::size_t players);
  void step();

 private:
  using Mode = Player::Mode;

  std::size_t below(std::size_t n) { return random_() % n; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  void add_player();
  void replace(Player& player);

  Box& box_of(const Player& player) { return boxes_.at(player.selected); }

  // --- What the client sees is what there is ------------------------------------------------------------------------

  void check_synchronised(Player& player);
  void synchronise(Player& player, const std::string& command);
  void learn(Player& player);

  // --- Choices ------------------------------------------------------------------------------------------------------

  FlagNames some_flags(std::size_t one_in);
  static std::string join(const FlagNames& flags);
  // Some messages of the view: as a set of numbers or of UIDs, and which they are.
  struct Choice {
    std::string set;
    std::vector<std::uint32_t> uids;  // of the view
  };
  Choice choose(Player& player, bool by_uid);
  std::string subject() { return "s" + std::to_string(below(10)); }

  // --- Commands -----------------------------------------------------------------------------------------------------

  void deliver();
  void select(Player& player);
  void resume(Player& player, const std::string& command, const Player::Cache& old);
  void remember(Player& player);
  void leave(Player& player);
  void store(Player& player);
  // Which messages were too new the server says (RFC 7162 §3.1.3); those it must leave alone, and no others.
  template <class Change>
  void store_unchanged(Player& player, const std::string& command, bool by_uid, const Choice& choice,
                       const Change& change);
  void expunge(Player& player);
  void transfer(Player& player);
  void append(Player& player);
  void status(Player& player);
  void fetch(Player& player);
  struct Criterion {
    std::string text;
    std::function<bool(const Message&)> holds;
  };
  Criterion criterion(Player& player, int depth);
  void search(Player& player);
  void idle(Player& player);
  static std::string log_of(const Player& player);

  std::mt19937 random_;
  Store store_;
  std::optional<Account> account_;
  std::map<std::string, Box> boxes_;
  std::vector<std::unique_ptr<Player>> players_;
  unsigned next_name_ = 0;
};

}  // namespace postfach::imap::model
