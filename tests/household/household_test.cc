// Two weeks of a household with one account: a phone and a laptop read it over IMAP, an old PC over POP3, and mail comes
// over LMTP meanwhile. Whatever the POP3 policy, nobody loses a message, the PC downloads none twice, and what the account
// uses is exact at every step.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "household/driver.h"
#include "postfach/imap/session.h"
#include "postfach/lmtp/session.h"
#include "postfach/pop3/session.h"
#include "postfach/quota_groups.h"
#include "postfach/store.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

using household::Driver;

constexpr std::int64_t kHour = 60 * 60;
constexpr std::int64_t kDay = 24 * kHour;
constexpr int kDays = 14;
constexpr std::uint64_t kQuotaMessages = 60;
constexpr std::uint64_t kQuotaBytes = 60'000;

// What has to be true of a message, by its number.
struct Known {
  std::set<std::string> may_be_in;       // mailboxes, one of which has it; "" means that it may be gone
  bool downloaded = false;               // by the PC
  std::optional<std::int64_t> due = {};  // when the server removes it
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(line);
  }
  return lines;
}

// The numbers in "X-Number: 7" lines, in their order.
std::vector<int> numbers_in(const std::string& text) {
  std::vector<int> numbers;
  for (const std::string& line : lines_of(text)) {
    if (line.starts_with("X-Number: ")) numbers.push_back(std::stoi(line.substr(10)));
  }
  return numbers;
}

class Household {
 public:
  Household(const MaildropPolicy& policy, bool leaves_mail, unsigned seed)
      : policy_(policy), leaves_mail_(leaves_mail), random_(seed) {
    StoreOptions options;
    options.password_cost = 1;
    store_ = Store::open_temporary(options).value();
    store_->impl()->clock = [this] { return now_; };
    account_ = store_->create_account("family@example.org", {.password = "secret"}).value();
    account_->set_quota({.bytes = kQuotaBytes, .messages = kQuotaMessages}).value();
    account_->create_mailbox("Bills").value();
    store_->set_maildrop_policy("family@example.org", policy).value();
  }

  void live() {
    for (int hour = 0; hour < kDays * 24; ++hour) {
      now_ += kHour;
      if (random_() % 2 == 0) mail_comes();
      if (random_() % 3 == 0) somebody_reads();
      if (random_() % 4 == 0) pc_fetches();
      while (store_->do_upkeep()) continue;
      for (auto& [number, known] : known_) {
        if (known.due && *known.due <= now_) known.may_be_in = {""};
      }
      look();
      if (hour % 24 == 0) REQUIRE(account_->check().value().problems.empty());
    }
  }

  int delivered() const { return static_cast<int>(known_.size()); }
  int refused() const { return refused_; }
  int downloaded() const { return downloaded_; }

 private:
  protocol::Clock::time_point clock() const { return protocol::Clock::time_point(std::chrono::seconds(now_)); }
  static protocol::Peer peer() { return {.address = "127.0.0.1", .tls = {}, .trusted_cleartext = true}; }
  bool chance(unsigned one_in) { return random_() % one_in == 0; }

  void mail_comes() {
    Driver mta(lmtp::make_session(*store_, std::make_shared<const lmtp::SessionOptions>(), peer()), clock());
    const int number = next_number_++;
    std::string text = "X-Number: " + std::to_string(number) + "\r\nSubject: mail\r\n\r\n";
    text.append(random_() % 3000, 'x');
    const std::string answer =
        mta.send("LHLO mta\r\nMAIL FROM:<eve@example.com>\r\nRCPT TO:<family@example.org>\r\nDATA\r\n" + text +
                 "\r\n.\r\nQUIT\r\n");
    const bool is_full = answer.find("\r\n452 4.2.2") != std::string::npos;
    if (is_full) {
      ++refused_;
      return;
    }
    REQUIRE(answer.find("\r\n354 ") != std::string::npos);
    // After the message: the last reply but that to QUIT.
    const auto lines = lines_of(answer);
    REQUIRE(lines.size() > 2);
    if (lines[lines.size() - 2].starts_with("250 2.")) {
      known_[number].may_be_in = {"INBOX"};
    } else {
      CHECK(lines[lines.size() - 2].starts_with("452 4.2.2"));
      ++refused_;
    }
  }

  // The phone or the laptop: reads what is new, files a message, throws some away.
  void somebody_reads() {
    Driver client(imap::make_session(*store_, imap::SessionOptions(), peer(), [] {}), clock());
    REQUIRE(client.send("a LOGIN family@example.org secret\r\n").find("\r\na OK") != std::string::npos);
    const std::string mailbox = chance(4) ? "Trash" : "INBOX";
    REQUIRE(client.send("b SELECT " + mailbox + "\r\n").find("\r\nb OK") != std::string::npos);
    const auto numbers = numbers_in(client.send("c FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Number)])\r\n"));
    if (numbers.empty()) return;
    const std::size_t at = random_() % numbers.size();
    const std::string sequence = std::to_string(at + 1);
    Known& known = known_.at(numbers[at]);
    switch (random_() % 5) {
      case 0:
        client.send("d FETCH " + sequence + " BODY[]\r\n");
        break;
      case 1:
        client.send("d MOVE " + sequence + " Bills\r\n");
        known.may_be_in = {"Bills"};
        known.due.reset();
        break;
      case 2:
        client.send("d MOVE " + sequence + " Trash\r\n");
        known.may_be_in = {"Trash"};
        known.due.reset();
        break;
      case 3:
        if (mailbox == "INBOX" && chance(2)) break;
        client.send("d STORE 1:" + sequence + " +FLAGS.SILENT (\\Deleted)\r\n");
        client.send("e EXPUNGE\r\n");
        for (std::size_t i = 0; i <= at; ++i) known_.at(numbers[i]).may_be_in = {""};
        break;
      default:
        break;
    }
    if (chance(3)) {
      client.drop();
    } else {
      client.send("z LOGOUT\r\n");
    }
  }

  // Downloads what it does not know yet by its UIDL, and deletes it or leaves it.
  void pc_fetches() {
    Driver client(pop3::make_session(*store_, pop3::SessionOptions(), peer(), [] {}), clock());
    REQUIRE(client.send("USER family@example.org\r\nPASS secret\r\n").find("+OK Maildrop") != std::string::npos);
    std::vector<std::pair<std::string, std::string>> list;
    for (const std::string& line : lines_of(client.send("UIDL\r\n"))) {
      const std::size_t space = line.find(' ');
      if (line.starts_with("+OK") || space == std::string::npos) continue;
      list.emplace_back(line.substr(0, space), line.substr(space + 1));
    }
    std::vector<int> fetched;
    std::set<std::string> fresh;
    for (const auto& [number, uidl] : list) {
      if (uidls_.contains(uidl)) continue;
      const auto numbers = numbers_in(client.send("RETR " + number + "\r\n"));
      REQUIRE(numbers.size() == 1);
      fetched.push_back(numbers.front());
      fresh.insert(uidl);
      if (!leaves_mail_) client.send("DELE " + number + "\r\n");
    }
    // Somebody may file one of them before the PC says goodbye.
    if (chance(3) && !fetched.empty()) file_one(fetched[random_() % fetched.size()]);
    if (chance(5)) {
      client.drop();  // nothing has happened
      return;
    }
    REQUIRE(client.send("QUIT\r\n").find("+OK") != std::string::npos);
    // It has them now, and knows them.
    for (const int number : fetched) {
      Known& known = known_.at(number);
      CHECK_FALSE(known.downloaded);
      known.downloaded = true;
      ++downloaded_;
      if (!leaves_mail_ && known.may_be_in == std::set<std::string>{"INBOX"}) deleted_by_policy(known);
    }
    uidls_.insert(fresh.begin(), fresh.end());
  }

  void deleted_by_policy(Known& known) {
    switch (policy_.on_delete) {
      case OnDelete::expunge:
        known.may_be_in = {""};
        break;
      case OnDelete::hide:
        break;
      case OnDelete::trash:
        known.may_be_in = {"Trash"};
        break;
      case OnDelete::keep:
        known.due = now_ + policy_.keep_days * kDay;
        break;
    }
  }

  void file_one(int number) {
    Driver client(imap::make_session(*store_, imap::SessionOptions(), peer(), [] {}), clock());
    client.send("a LOGIN family@example.org secret\r\nb SELECT INBOX\r\n");
    const std::string found = client.send("c UID SEARCH HEADER X-Number \"" + std::to_string(number) + "\"\r\n");
    // Others that have the number in theirs: the first that is exactly it.
    std::istringstream words(found.substr(0, found.find("\r\n")));
    for (std::string word; words >> word;) {
      if (word.find_first_not_of("0123456789") != std::string::npos) continue;
      const auto numbers = numbers_in(client.send("d UID FETCH " + word + " BODY.PEEK[HEADER.FIELDS (X-Number)]\r\n"));
      if (numbers != std::vector<int>{number}) continue;
      CHECK(client.send("e UID MOVE " + word + " Bills\r\n").find("\r\ne OK") != std::string::npos);
      known_.at(number).may_be_in = {"Bills"};
      known_.at(number).due.reset();
    }
  }

  // Everything is where it has to be, once, and counted.
  void look() {
    std::map<int, std::string> place;
    Usage sum;
    for (const MailboxInfo& info : account_->mailboxes().value()) {
      if (!info.selectable) continue;
      const Mailbox mailbox = account_->mailbox(info.name).value();
      mailbox
          .fetch(UidSet::all(), Field::none,
                 [&](const MessageView& message) {
                   sum = {sum.bytes + message.size, sum.messages + 1};
                   return true;
                 })
          .value();
      for (const Uid uid : mailbox.uids().value()) {
        std::string text;
        mailbox.open(uid, 0, 1000).value().read(0, 1000, text).value();
        const auto numbers = numbers_in(text);
        REQUIRE(numbers.size() == 1);
        CHECK(place.emplace(numbers.front(), info.name).second);
      }
    }
    for (const auto& [number, known] : known_) {
      const auto found = place.find(number);
      CAPTURE(number, now_ / kHour);
      CHECK(known.may_be_in.contains(found == place.end() ? std::string() : found->second));
    }
    CHECK(account_->usage().value() == sum);
    CHECK(QuotaGroups(*store_).usage().value().front().usage == sum);
    CHECK(sum.messages <= kQuotaMessages);
    CHECK(sum.bytes <= kQuotaBytes);
  }

  const MaildropPolicy policy_;
  const bool leaves_mail_;
  std::mt19937 random_;
  std::int64_t now_ = 1'800'000'000;
  std::optional<Store> store_;
  std::optional<Account> account_;
  std::map<int, Known> known_;
  std::set<std::string> uidls_;  // that the PC knows
  int next_number_ = 1;
  int refused_ = 0;
  int downloaded_ = 0;
};

void play(const MaildropPolicy& policy, bool leaves_mail) {
  for (const unsigned seed : {1U, 20261126U, 4711U}) {
    CAPTURE(seed);
    Household household(policy, leaves_mail, seed);
    household.live();
    CHECK(household.delivered() > 60);
    CHECK(household.downloaded() > 30);
  }
}

}  // namespace

TEST_CASE("two weeks: the PC deletes what it has downloaded, for all") {
  play({.on_delete = OnDelete::expunge}, false);
}
TEST_CASE("two weeks: the PC deletes for itself alone") { play({.on_delete = OnDelete::hide}, false); }
TEST_CASE("two weeks: what the PC deletes goes to the trash") { play({.on_delete = OnDelete::trash}, false); }
TEST_CASE("two weeks: what the PC deletes is kept for five days") {
  play({.on_delete = OnDelete::keep, .keep_days = 5}, false);
}
TEST_CASE("two weeks: the PC leaves everything on the server") { play({}, true); }
TEST_CASE("two weeks: the PC sees the trash as well") {
  play({.on_delete = OnDelete::hide, .mailboxes = {"INBOX", "Trash"}}, false);
}
