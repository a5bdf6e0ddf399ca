// A client with a cache, as RFC 7162 §6 describes it, whose connection breaks at any line. Others change the mailbox all
// the time, also in the middle of a command. Whatever happened, after the next resynchronisation the cache is the mailbox.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "imap/session/world.h"
#include "sqlite/expunge_log.h"
#include "store/store_impl.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

using FlagNames = std::set<std::string>;

std::uint64_t number_at(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
  return base::parse_number(text.substr(at, end - at)).value_or(0);
}

std::optional<std::uint64_t> number_behind(std::string_view text, std::string_view label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  return number_at(text, at + label.size());
}

std::vector<Uid> parse_uids(std::string_view text) {
  std::vector<Uid> uids;
  while (!text.empty()) {
    const std::string_view range = text.substr(0, text.find(','));
    text.remove_prefix(std::min(range.size() + 1, text.size()));
    const auto first = static_cast<Uid>(number_at(range, 0));
    const std::size_t colon = range.find(':');
    const auto last = colon == std::string_view::npos ? first : static_cast<Uid>(number_at(range, colon + 1));
    for (Uid uid = first; uid <= last; ++uid) uids.push_back(uid);
  }
  return uids;
}

// The client's side of it.
struct Cache {
  std::map<Uid, FlagNames> messages;
  std::optional<ModSeq> highest;  // nothing before the first SELECT
  Uid complete = 0;               // every message up to here was fetched once

  // Of the connection:
  std::vector<Uid> view;  // 0: announced, UID not known yet
  ModSeq fetched = 0;
  std::optional<ModSeq> code;

  void disconnect() {
    messages.erase(messages.upper_bound(complete), messages.end());
    view.clear();
    fetched = 0;
    code.reset();
  }

  void line(std::string_view text) {
    if (text.substr(1, 1) != " ") return;  // the end of a FETCH response behind its literal; tags have one letter
    if (const auto told = number_behind(text, "[HIGHESTMODSEQ ")) code = *told;
    if (!text.starts_with("* ")) return tagged();
    if (text.starts_with("* VANISHED (EARLIER) ")) {
      for (const Uid uid : parse_uids(text.substr(21))) {
        CHECK(std::find(view.begin(), view.end(), uid) == view.end());
        messages.erase(uid);
      }
    } else if (text.starts_with("* VANISHED ")) {
      for (const Uid uid : parse_uids(text.substr(11))) vanished(uid);
    } else if (text.ends_with(" EXISTS")) {
      const std::uint64_t exists = number_at(text, 2);
      CHECK(exists >= view.size());
      view.resize(exists, 0);
    } else if (text.find(" FETCH (") != std::string_view::npos) {
      fetch(text);
    }
  }

 private:
  void tagged() {
    if (code) {
      highest = *code;
    } else if (highest && fetched > *highest) {
      highest = fetched;
    }
    code.reset();
    fetched = 0;
  }

  void vanished(Uid uid) {
    auto at = std::find(view.begin(), view.end(), uid);
    if (at == view.end()) {  // one of those that are not known yet, behind all that are smaller
      const auto smaller = std::find_if(view.rbegin(), view.rend(), [uid](Uid one) { return one != 0 && one < uid; });
      at = std::find(smaller.base(), view.end(), Uid{0});
    }
    REQUIRE(at != view.end());
    view.erase(at);
    messages.erase(uid);
  }

  void fetch(std::string_view text) {
    const std::uint64_t number = number_at(text, 2);
    const auto uid = static_cast<Uid>(number_behind(text, "UID ").value_or(0));
    REQUIRE(uid != 0);
    REQUIRE(number >= 1);
    REQUIRE(number <= view.size());
    Uid& known = view[number - 1];
    CHECK((known == 0 || known == uid));
    known = uid;
    fetched = std::max(fetched, ModSeq{number_behind(text, "MODSEQ (").value_or(0)});
    const std::size_t begin = text.find("FLAGS (");
    if (begin == std::string_view::npos) return;
    const std::string_view list = text.substr(begin + 7, text.find(')', begin) - begin - 7);
    FlagNames flags;
    for (std::size_t at = 0; at < list.size();) {
      const std::size_t end = std::min(list.find(' ', at), list.size());
      flags.emplace(list.substr(at, end - at));
      at = end + 1;
    }
    messages[uid] = std::move(flags);
  }
};

class Run {
 public:
  explicit Run(unsigned seed) : random_(seed), store_(make_store(options())), inbox_(inbox(alice())) {
    validity_ = std::to_string(inbox_.status().value().uid_validity);
  }

  void round() {
    connect();
    for (unsigned i = pick(12); i > 0 && client_; --i) command();
    client_.reset();
    cache_.disconnect();
    for (unsigned i = pick(4); i > 0; --i) mutate();
    // Now nobody disturbs, and nothing breaks.
    calm_ = true;
    connect();
    REQUIRE(client_);
    check_cache();
    send("n NOOP\r\n");
    check_cache();
    calm_ = false;
    client_.reset();
    cache_.disconnect();
  }

 private:
  static WorldOptions options() { return {.prepare = with_messages(20)}; }
  Account alice() const { return store_.account("alice").value(); }
  unsigned pick(unsigned choices) { return static_cast<unsigned>(random_() % choices); }

  Uid some_uid() {
    const std::vector<Uid> uids = inbox_.uids().value();
    return uids.empty() ? 1 : uids[pick(static_cast<unsigned>(uids.size()))];
  }
  UidSet some_uids() {
    UidSet uids;
    for (unsigned i = 1 + pick(4); i > 0; --i) uids.add(some_uid());
    return uids;
  }
  Flags some_flags() { return Flags::from_bits(static_cast<std::uint8_t>(1U << pick(5))); }

  void mutate() {
    switch (pick(8)) {
      case 0:
      case 1:
        alice().deliver(message("new")).value();
        break;
      case 2:
        inbox_.remove(some_uids()).value();
        break;
      case 3:
        if (pick(4) == 0) forget(some_uids());
        break;
      default:
        inbox_
            .store(some_uids(), {.change = pick(2) == 0 ? FlagChange::add : FlagChange::remove, .flags = some_flags()})
            .value();
        break;
    }
  }

  // An expunge that the log does not remember.
  void forget(const UidSet& uids) {
    const Account::Impl impl{store_.impl(), alice().id(), "alice"};
    impl.change([&](store::Change& change) -> Result<void> {
          auto row = sqlite::load_mailbox(change.db, inbox_.id()).value();
          const auto messages = store::read_messages(change.db, row.id, uids).value();
          if (messages.empty()) return {};
          store::remove_messages(change, row, messages).value();
          row.highest_modseq = change.take_modseq().value();
          change.touched.push_back(row.id);
          UidSet padding = store::uids_of(messages);  // more than one range, so that the log is cut
          padding.add(row.uid_next + 1);
          sqlite::log_expunge(change.db, row, row.highest_modseq, padding, 1).value();
          return sqlite::save_mailbox(change.db, row);
        })
        .value();
  }

  // False: the connection broke.
  bool send(const std::string& text) {
    client_->offer(text);
    std::string output;
    while (client_->session().want() == protocol::Want::write) {
      output += client_->step(1 + pick(300));
      if (!calm_ && pick(6) == 0) mutate();
    }
    const bool breaks = !calm_ && pick(12) == 0;
    std::size_t lines = breaks ? pick(8) : SIZE_MAX;
    for (std::size_t begin = 0; begin < output.size() && lines > 0; --lines) {
      const std::size_t end = output.find("\r\n", begin);
      REQUIRE(end != std::string::npos);
      cache_.line(std::string_view(output).substr(begin, end - begin));
      begin = end + 2;
    }
    if (breaks) client_.reset();
    return !breaks;
  }

  void connect() {
    client_.emplace(store_);
    client_->send("l LOGIN alice secret\r\ne ENABLE QRESYNC IMAP4rev2\r\n");
    std::string select = "s SELECT INBOX";
    if (cache_.highest) {
      select += " (QRESYNC (" + validity_ + " " + std::to_string(*cache_.highest);
      if (pick(2) == 0 && cache_.complete > 0) select += " 1:" + std::to_string(cache_.complete);
      select += "))";
    }
    if (send(select + "\r\n")) fetch_new();
  }

  void fetch_new() {
    if (!send("f UID FETCH " + std::to_string(cache_.complete + 1) + ":* (FLAGS MODSEQ)\r\n")) return;
    if (!cache_.messages.empty()) cache_.complete = std::max(cache_.complete, cache_.messages.rbegin()->first);
  }

  void command() {
    const std::string uid = std::to_string(some_uid());
    const std::string since = " (UNCHANGEDSINCE " + std::to_string(*cache_.highest) + ") ";
    std::string text;
    switch (pick(9)) {
      case 0:
        text = "NOOP";
        break;
      case 1:
        if (cache_.view.empty()) return;
        text = "STORE 1:" + std::to_string(1 + pick(static_cast<unsigned>(cache_.view.size()))) + " +FLAGS (\\Seen)";
        break;
      case 2:
        text = "UID STORE " + uid + ":*" + since + "-FLAGS (\\Seen)";
        break;
      case 3:
        text = "UID STORE " + uid + since + "+FLAGS (\\Deleted)";
        break;
      case 4:
        if (cache_.view.empty()) return;
        text = "FETCH 1:* (UID FLAGS MODSEQ)";
        break;
      case 5:
        text = "UID FETCH " + uid + " (FLAGS BODY[TEXT]<0.1>)";
        break;
      case 6:
        text = "EXPUNGE";
        break;
      case 7:
        text = "UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + std::to_string(*cache_.highest) + " VANISHED)";
        break;
      default:
        text = "UID SEARCH 1:*";
        break;
    }
    if (send("c " + text + "\r\n") && std::count(cache_.view.begin(), cache_.view.end(), Uid{0}) > 0) fetch_new();
  }

  void check_cache() {
    std::map<Uid, FlagNames> there;
    inbox_
        .fetch(UidSet::all(), Field::none,
               [&](const MessageView& view) {
                 FlagNames& flags = there[view.uid];
                 if (view.flags.has(Flag::seen)) flags.insert("\\Seen");
                 if (view.flags.has(Flag::answered)) flags.insert("\\Answered");
                 if (view.flags.has(Flag::flagged)) flags.insert("\\Flagged");
                 if (view.flags.has(Flag::deleted)) flags.insert("\\Deleted");
                 if (view.flags.has(Flag::draft)) flags.insert("\\Draft");
                 return true;
               })
        .value();
    CHECK(cache_.messages == there);
    CHECK(cache_.view.size() == there.size());
    CHECK(cache_.highest == inbox_.status().value().highest_modseq);
  }

  std::minstd_rand random_;
  Store store_;
  Mailbox inbox_;
  std::string validity_;
  Cache cache_;
  std::optional<Client> client_;
  bool calm_ = false;
};

}  // namespace

TEST_CASE("a cache whose connection breaks anywhere is right again after each resynchronisation") {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    INFO("seed " << seed);
    Run run(seed);
    for (int i = 0; i < 25; ++i) {
      INFO("round " << i);
      run.round();
    }
  }
}
