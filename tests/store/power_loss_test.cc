// Power loss at any moment: what was acknowledged is there, to the last counter; what was under way is there as a whole
// or not at all.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <random>

#include "fault/disk.h"
#include "fault/replay.h"
#include "fault/world.h"

using namespace postfach;
using namespace postfach::fault;

namespace {

StoreOptions options_for(const std::string& path, std::size_t open_accounts = 100) {
  return {.path = path,
          .open_accounts = open_accounts,
          .default_mailboxes = {{"Archive", SpecialUse::archive}},
          .password_cost = 1};
}

// One acknowledgement: how far the disk was, and what the store held then.
struct Moment {
  std::size_t position = 0;
  std::string state;
};

NewMessage new_message(const Account& account, unsigned number) {
  Spool spool = account.spool().value();
  spool.write(message_of(number)).value();
  return {std::move(spool), {}, {}, {}, {}};
}

class Worker {
 public:
  Worker(unsigned seed, unsigned first_message) : random_(seed), next_message_(first_message) {}

  // One function of the API, success or not: exactly one transaction.
  void step(const Store& store) {
    const auto what = static_cast<unsigned>(random_() % 40);
    if (what == 0) {
      (void)store.create_account("account" + std::to_string(random_() % 4), {.logins = {"l" + some_name()}});
      return;
    }
    auto infos = store.accounts().value();
    if (infos.empty()) {
      store.create_account("account0").value();
      return;
    }
    const AccountInfo info = infos[random_() % infos.size()];
    if (what == 1 && infos.size() > 1 && random_() % 3 == 0) return store.remove_account(info.name).value();
    if (what == 2) return (void)store.add_login(info.name, "l" + some_name());
    work(store.account(info.name).value(), what);
  }
  unsigned next_message() const { return next_message_; }

 private:
  std::string some_name() { return std::string(1, static_cast<char>('a' + random_() % 6)); }
  std::string some_mailbox() {
    switch (random_() % 3) {
      case 0:
        return "INBOX";
      case 1:
        return "Archive";
      default:
        return some_name() + (random_() % 2 == 0 ? "/" + some_name() : "");
    }
  }
  // About one in `one_in` messages.
  UidSet some_of(const Mailbox& mailbox, unsigned one_in) {
    UidSet set;
    for (const Uid uid : mailbox.uids().value()) {
      if (random_() % one_in == 0) set.add(uid);
    }
    return set;
  }
  void work(const Account& account, unsigned what) {
    if (what == 3) return (void)account.create_mailbox(some_mailbox());
    if (what == 4) return (void)account.rename_mailbox(some_mailbox(), some_mailbox());
    if (what == 5) return (void)account.remove_mailbox(some_mailbox());
    if (what == 6) return (void)account.subscribe(some_mailbox());
    const auto found = account.mailbox(some_mailbox());
    const Mailbox mailbox = found ? *found : account.mailbox("INBOX").value();
    if (what < 10) return (void)mailbox.store(some_of(mailbox, 2), {.flags = Flag::seen, .keywords = {some_name()}});
    if (what < 13) return (void)mailbox.store(some_of(mailbox, 3), {.flags = Flag::deleted});
    if (what < 15) return (void)mailbox.expunge();
    if (what < 17) return (void)mailbox.remove(some_of(mailbox, 4));
    const auto target = account.mailbox(some_mailbox());
    if (what > 36 && target) return replace(mailbox, *target);
    if (what < 20 && target) return (void)mailbox.copy(some_of(mailbox, 4), *target);
    if (what < 23 && target) return (void)mailbox.move(some_of(mailbox, 3), *target);
    std::vector<NewMessage> messages;
    for (int count = random_() % 6 == 0 ? 5 : 1; count > 0; --count) {
      Spool spool = account.spool().value();
      spool.write(message_of(next_message_++)).value();
      messages.push_back({std::move(spool), random_() % 2 == 0 ? Flags(Flag::seen) : Flags(), {}, {}, {}});
    }
    mailbox.append(std::move(messages)).value();
  }

  void replace(const Mailbox& mailbox, const Mailbox& target) {
    const std::vector<Uid> uids = mailbox.uids().value();
    if (uids.empty()) return;
    NewMessage message = new_message(mailbox.account(), next_message_++);
    (void)mailbox.replace(uids[random_() % uids.size()], target, std::move(message)).value();
  }

  std::mt19937 random_;
  unsigned next_message_;
};

// What the image of a disk must hold: the last acknowledged state, or the one that was under way.
void check_image(const std::string& image, const std::vector<Moment>& moments, std::size_t cut) {
  const auto after =
      std::upper_bound(moments.begin(), moments.end(), cut,
                       [](std::size_t position, const Moment& each) { return position < each.position; });
  REQUIRE(after != moments.begin());
  const std::string& acknowledged = std::prev(after)->state;
  const auto opened = Store::open(options_for(image));
  if (!opened) FAIL(opened.error().message);
  const std::string found = describe(*opened);
  if (found != acknowledged && (after == moments.end() || found != after->state)) {
    CAPTURE(acknowledged, found);
    FAIL("the state is neither that before nor that after the last step");
  }
  check_integrity(*opened);
}

// UIDs and MODSEQs go on where they had been.
void check_goes_on(const std::string& image) {
  const Store store = Store::open(options_for(image)).value();
  const auto infos = store.accounts().value();
  for (const AccountInfo& info : infos) {
    const Account account = store.account(info.name).value();
    const Mailbox inbox = account.mailbox("INBOX").value();
    const MailboxStatus before = inbox.status().value();
    CHECK(inbox.append(message_of(9)).value().uids == std::vector<Uid>{before.uid_next});
    CHECK(inbox.status().value().highest_modseq > before.highest_modseq);
    CHECK(account.check().value().problems.empty());
  }
}

// The line of describe() for a message.
std::string row_of(const Mailbox& mailbox, Uid uid) {
  const std::string all = "\n" + describe(mailbox.account());
  const std::size_t begin = all.find("\n" + std::to_string(uid) + " ");
  return all.substr(begin + 1, all.find('\n', begin + 1) - begin);
}

}  // namespace

TEST_CASE("power loss at random moments of a store's life") {
  Disk& disk = Disk::instance();
  for (const unsigned seed : {1U, 2U, 3U}) {
    const Scratch scratch;
    std::string root = scratch.path + "/0";
    std::filesystem::create_directory(root);
    unsigned next_message = 1;
    for (unsigned life = 1; life <= 4; ++life) {
      CAPTURE(seed, life);
      Worker worker(seed * 100 + life, next_message);
      std::mt19937 random(seed * 100 + life);
      std::vector<Moment> moments;
      disk.watch(root);
      {
        // With room for one open account a second one is closed and opened all the time, its log put into the database.
        const Store store = Store::open(options_for(root, seed == 2 ? 1 : 100)).value();
        moments.push_back({0, ""});
        if (life > 1) moments[0].state = describe(store);
        for (int step = 0; step < 60; ++step) {
          worker.step(store);
          moments.push_back({disk.position(), describe(store)});
        }
      }
      const Recording recording = disk.stop();
      next_message = worker.next_message();

      Replay replay(recording, seed * 100 + life);
      std::vector<std::size_t> cuts;
      for (int i = 0; i < 24; ++i) cuts.push_back(random() % (recording.events.size() + 1));
      std::sort(cuts.begin(), cuts.end());
      const std::string image = scratch.path + "/image";
      for (const std::size_t cut : cuts) {
        CAPTURE(cut, recording.events.size());
        replay.advance(cut);
        std::filesystem::remove_all(image);
        replay.write_image(image);
        check_image(image, moments, cut);
        if (cut % 3 == 0) check_goes_on(image);
      }
      // The next life begins with what this one left.
      replay.advance(recording.events.size() * 3 / 4);
      root = scratch.path + "/" + std::to_string(life);
      replay.write_image(root);
    }
  }
}

TEST_CASE("power loss at each operation of the creation of a store and an account") {
  Disk& disk = Disk::instance();
  const Scratch scratch;
  const std::string root = scratch.path + "/s";
  const std::string image = scratch.path + "/image";
  std::filesystem::create_directory(root);
  disk.watch(root);
  std::vector<Moment> moments{{0, ""}};
  {
    const Store store = Store::open(options_for(root)).value();
    store.create_account("alice", {.logins = {"a"}}).value();
    moments.push_back({disk.position(), describe(store)});
  }
  const Recording recording = disk.stop();
  Replay replay(recording, 7);
  for (std::size_t cut = 0; cut <= recording.events.size(); ++cut) {
    CAPTURE(cut);
    replay.advance(cut);
    std::filesystem::remove_all(image);
    replay.write_image(image);
    check_image(image, moments, cut);
    const Store store = Store::open(options_for(image)).value();
    if (!store.account("alice")) CHECK(store.create_account("alice", {.logins = {"a"}}));
    CHECK(store.account("a").value().deliver(message_of(9)));
    check_integrity(store);
  }
}

// REPLACE (RFC 8508): either the old message is there or the new one, never neither nor both.
TEST_CASE("power loss at each operation of a replacement") {
  Disk& disk = Disk::instance();
  constexpr unsigned kSmall = 1;
  constexpr unsigned kLarge = 9;  // a file of its own
  struct Case {
    unsigned old_message;
    unsigned new_message;
    const char* target;
  };
  const Case each = GENERATE_COPY(Case{kSmall, kSmall + 1, "INBOX"}, Case{kSmall, kLarge, "INBOX"},
                                  Case{kLarge, kSmall, "INBOX"}, Case{kLarge, 2 * kLarge, "INBOX"},
                                  Case{kSmall, kLarge, "Archive"}, Case{kLarge, kSmall, "Archive"});
  CAPTURE(each.old_message, each.new_message, each.target);
  const Scratch scratch;
  const std::string root = scratch.path + "/s";
  const std::string image = scratch.path + "/image";
  std::filesystem::create_directory(root);
  {
    const Store store = Store::open(options_for(root)).value();
    const Account alice = store.create_account("alice").value();
    alice.mailbox("INBOX").value().append(message_of(each.old_message)).value();
  }
  disk.watch(root);
  std::vector<Moment> moments;
  {
    const Store store = Store::open(options_for(root)).value();
    const Account alice = store.account("alice").value();
    moments.push_back({0, describe(store)});
    const Mailbox inbox = alice.mailbox("INBOX").value();
    const Mailbox target = alice.mailbox(each.target).value();
    inbox.replace(1, target, new_message(alice, each.new_message)).value();
    moments.push_back({disk.position(), describe(store)});
    CHECK(inbox.status().value().messages + alice.mailbox("Archive").value().status().value().messages == 1);
  }
  const Recording recording = disk.stop();
  Replay replay(recording, each.old_message * 100 + each.new_message);
  std::size_t olds = 0;
  std::size_t news = 0;
  for (std::size_t cut = 0; cut <= recording.events.size(); ++cut) {
    CAPTURE(cut, recording.events.size());
    replay.advance(cut);
    // What was not synced may be there or not.
    for (int luck = 0; luck < 3; ++luck) {
      std::filesystem::remove_all(image);
      replay.write_image(image);
      check_image(image, moments, cut);
      const Store store = Store::open(options_for(image)).value();
      ++(describe(store) == moments[0].state ? olds : news);
    }
  }
  CHECK(olds > 0);
  CHECK(news > 0);
}

// What a failed sync did not write is lost for good, though it can be read as long as the machine runs; here a later
// sync does not bring it back either. The append that failed may be there as a whole, those that succeeded must be.
TEST_CASE("power loss some time after a sync that failed") {
  Disk& disk = Disk::instance();
  const Scratch scratch;
  unsigned acknowledged_after_fault = 0;
  for (const bool is_lasting : {false, true}) {
    for (std::uint64_t at = 1; at <= 3; ++at) {
      CAPTURE(is_lasting, at);
      const std::string root = scratch.path + "/" + (is_lasting ? "lasting" : "once") + std::to_string(at);
      const std::string image = root + "-image";
      std::filesystem::create_directory(root);
      Store::open(options_for(root)).value().create_account("alice").value();
      disk.watch(root);
      std::vector<Moment> moments;
      bool fired = false;
      {
        const Store store = Store::open(options_for(root)).value();
        const Mailbox inbox = store.account("alice").value().mailbox("INBOX").value();
        inbox.append(message_of(1)).value();
        moments.push_back({disk.position(), row_of(inbox, 1)});
        disk.arm({.actions = action::kSync, .at = at, .is_lasting = is_lasting});
        for (unsigned number = 2; number < 12; ++number) {
          if (number == 7) fired = disk.disarm();
          const auto appended = inbox.append(message_of(number));
          CHECK((appended || number < 7));
          if (!appended) continue;
          moments.push_back({disk.position(), row_of(inbox, appended->uids[0])});
          if (number >= 7) ++acknowledged_after_fault;
        }
      }
      CHECK(fired);
      const Recording recording = disk.stop();
      Replay replay(recording, static_cast<unsigned>(at));
      for (std::size_t cut = moments[0].position; cut <= recording.events.size(); cut += 5) {
        CAPTURE(cut, recording.events.size());
        replay.advance(cut);
        std::filesystem::remove_all(image);
        replay.write_image(image);
        const Store store = Store::open(options_for(image)).value();
        const std::string found = describe(store);
        for (const Moment& moment : moments) {
          if (moment.position <= cut) CHECK_THAT(found, Catch::Contains("\n" + moment.state));
        }
        check_integrity(store);
      }
    }
  }
  CHECK(acknowledged_after_fault == 2 * 3 * 5);
}

// The log that the first process leaves ends with a commit that is in memory alone; the next one goes on behind it.
TEST_CASE("power loss after a restart while syncs failed") {
  Disk& disk = Disk::instance();
  const Scratch scratch;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    const std::string root = scratch.path + "/" + std::to_string(seed);
    const std::string image = root + "-image";
    std::filesystem::create_directory(root);
    Store::open(options_for(root)).value().create_account("alice").value();
    disk.watch(root);
    std::vector<Moment> moments;
    {
      const Store store = Store::open(options_for(root)).value();
      const Mailbox inbox = store.account("alice").value().mailbox("INBOX").value();
      inbox.append(message_of(1)).value();
      moments.push_back({disk.position(), row_of(inbox, 1)});
      disk.arm({.actions = action::kSync, .is_lasting = true});
      CHECK(!inbox.append(message_of(2)));
    }
    disk.disarm();
    const Store store = Store::open(options_for(root)).value();
    const Mailbox inbox = store.account("alice").value().mailbox("INBOX").value();
    for (unsigned number = 7; number < 12; ++number) {
      const auto appended = inbox.append(message_of(number)).value();
      moments.push_back({disk.position(), row_of(inbox, appended.uids[0])});
    }
    const Recording recording = disk.stop();
    Replay replay(recording, seed);
    for (std::size_t cut = moments[0].position; cut <= recording.events.size(); cut += 5) {
      CAPTURE(seed, cut, recording.events.size());
      replay.advance(cut);
      std::filesystem::remove_all(image);
      replay.write_image(image);
      const Store again = Store::open(options_for(image)).value();
      const std::string found = describe(again);
      for (const Moment& moment : moments) {
        if (moment.position <= cut) CHECK_THAT(found, Catch::Contains("\n" + moment.state));
      }
      check_integrity(again);
    }
  }
}
