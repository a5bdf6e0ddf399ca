#include "postfach/backup.h"

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "fixture.h"
#include "postfach/removed.h"
#include "store/store_impl.h"

using namespace postfach;
namespace fs = std::filesystem;

namespace {

// Everything of an account that a restore must bring back: what clients see, without UIDVALIDITY and MODSEQs.
std::string contents_of(const Account& account) {
  std::string text;
  const auto names = account.subscriptions().value();
  for (const std::string& name : names) text += "subscribed " + name + "\n";
  const auto list = account.mailboxes().value();
  for (const MailboxInfo& info : list) {
    text += "mailbox " + info.name + " " + std::to_string(static_cast<int>(info.special_use)) + "\n";
    if (!info.selectable) continue;
    const Mailbox mailbox = account.mailbox(info.name).value();
    const KeywordNames keywords = mailbox.keywords().value();
    std::vector<Uid> uids;
    mailbox
        .fetch(UidSet::all(), Field::uidl,
               [&](const MessageView& view) {
                 uids.push_back(view.uid);
                 text += std::to_string(view.uid) + " " + std::string(view.uidl) + " " +
                         std::to_string(view.flags.bits()) + " " + std::to_string(view.internal_date.seconds);
                 for (std::size_t bit = 0; bit < keywords.size(); ++bit) {
                   if ((view.keywords >> bit & 1U) != 0) text += " " + keywords[bit];
                 }
                 text += "\n";
                 return true;
               })
        .value();
    for (const Uid uid : uids) text += std::to_string(std::hash<std::string>()(octets_of(mailbox, uid))) + "\n";
  }
  return text;
}

std::uint64_t octets_below(const std::string& path) {
  std::uint64_t octets = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) octets += entry.file_size();
  }
  return octets;
}

struct BackedUp : Fixture {
  explicit BackedUp(StoreOptions options = {}) : Fixture(std::move(options)) {
    for (int i = 0; i < 20; ++i) inbox.append(message_text("m" + std::to_string(i), i % 5 == 0 ? 90'000 : 400)).value();
    inbox.store(UidSet::of(2, 4), {.flags = Flag::flagged, .keywords = {"$Work"}}).value();
    inbox.copy(UidSet::of(1, 6), account.mailbox("Archive").value()).value();
    inbox.remove(UidSet::of(7, 8)).value();
    account.create_mailbox("Work/2026").value().append(message_text("work")).value();
    NewMessage imported{account.spool().value(), {}, {}, DateTime{1'500'000'000, 0}, "old-uidl"};
    imported.content.write("imported").value();
    inbox.append(std::move(imported)).value();
  }
  BackupReport back_up_now(const BackupOptions& options = {}) const {
    return back_up(account, backup, options).value();
  }
  void verify() const { CHECK(verify_backup(backup).value().problems == std::vector<std::string>()); }
  std::string find(const std::string& below, const char* part = "") const {
    for (const auto& entry : fs::recursive_directory_iterator(backup + "/" + below)) {
      if (entry.is_regular_file() && entry.path().string().find(part) != std::string::npos) return entry.path();
    }
    return {};
  }

  std::string backup = store.options().path + "/backup";
};

}  // namespace

TEST_CASE("an account comes back as it was") {
  const bool link = GENERATE(true, false);
  BackedUp f;
  f.store.add_login(f.account.name(), "al").value();
  f.store.add_address(f.account.name(), "sales@example.org").value();
  f.store.set_enabled(f.account.name(), false).value();
  f.account.set_quota({.bytes = 10'000'000, .messages = 100}).value();
  const std::string before = contents_of(f.account);
  const BackupReport report = f.back_up_now({.link = link});
  CHECK(report.generation == 1);
  CHECK(report.usage == f.account.usage().value());
  CHECK(report.problems.empty());
  f.verify();
  const auto generations = list_backups(f.backup).value();
  REQUIRE(generations.size() == 1);
  CHECK(generations[0].account == f.account.name());
  CHECK(backup_mailboxes(f.backup).value().size() == 8);

  CHECK(restore_account(f.store, f.backup).error().code == Errc::already_exists);
  f.store.remove_account(f.account.name()).value();
  const Account back = restore_account(f.store, f.backup, {.link = link}).value();
  CHECK(back.id() != f.account.id());
  CHECK(contents_of(back) == before);
  CHECK(back.quota().value() == Quota{.bytes = 10'000'000, .messages = 100});
  CHECK(back.check().value().problems == std::vector<std::string>());
  CHECK(f.store.account("al").value().id() == back.id());
  CHECK(f.store.account_for_address("sales@example.org").value().id() == back.id());
  CHECK_FALSE(f.store.accounts().value()[0].enabled);
  f.store.set_enabled(back.name(), true).value();
  CHECK(f.store.authenticate("al", "secret").has_value());
  CHECK(f.account.deliver("x").error().code == Errc::not_found);
  CHECK(back.deliver("x"));
  CHECK(back.check().value().problems.empty());
}

TEST_CASE("a restore misleads no client") {
  BackedUp f;
  f.back_up_now();
  const auto status = [](const Account& account, const char* name) {
    return account.mailbox(name).value().status().value();
  };
  const MailboxStatus archive = status(f.account, "Archive");
  const UidValidity inbox_validity = status(f.account, "INBOX").uid_validity;
  // Everything here is lost: its UIDs, MODSEQs, UIDLs and names must mean nothing else afterwards.
  const Uid lost_uid = f.inbox.append(message_text("lost")).value().uids[0];
  const std::string lost_uidl = uidl_of(f.inbox, lost_uid);
  const MailboxId lost_mailbox = f.account.create_mailbox("Lost").value().id();
  const UidValidity lost_validity = status(f.account, "Lost").uid_validity;
  f.inbox.store(UidSet::of(1, 3), {.flags = Flag::seen}).value();
  const ModSeq highest = status(f.account, "INBOX").highest_modseq;
  const std::string first_uidl = uidl_of(f.inbox, 1);

  const Account back = restore_account(f.store, f.backup, {.replace = true}).value();
  const Mailbox inbox = back.mailbox("INBOX").value();
  CHECK(status(back, "INBOX").uid_validity != inbox_validity);
  CHECK(status(back, "INBOX").uid_validity > lost_validity);
  CHECK(status(back, "INBOX").highest_modseq > highest);
  CHECK(uidl_of(inbox, 1) == first_uidl);
  CHECK_FALSE(flags_of(inbox, 1).has(Flag::seen));
  // Nothing has happened to this one: its clients need nothing again.
  CHECK(status(back, "Archive").uid_validity == archive.uid_validity);
  CHECK(status(back, "Archive").highest_modseq == archive.highest_modseq);
  const Uid fresh = inbox.append(message_text("fresh")).value().uids[0];
  CHECK(uidl_of(inbox, fresh) != lost_uidl);
  CHECK(back.create_mailbox("New").value().id() > lost_mailbox);
  CHECK(status(back, "New").uid_validity > lost_validity);
  CHECK(inbox.changes_since(highest, fresh).has_value());

  // The handles of before get errors, and nothing of the new account.
  CHECK(f.account.usage().error().code == Errc::not_found);
  CHECK(f.inbox.uids().error().code == Errc::not_found);
  CHECK(f.inbox.append("x").error().code == Errc::not_found);
  CHECK(back.check().value().problems.empty());

  // Twice the same way: the epochs differ.
  const std::string fresh_uidl = uidl_of(inbox, fresh);
  const Account again = restore_account(f.store, f.backup, {.replace = true}).value();
  const Mailbox inbox_again = again.mailbox("INBOX").value();
  const std::string third = uidl_of(inbox_again, inbox_again.append("x").value().uids[0]);
  CHECK(third != fresh_uidl);
  CHECK(third != lost_uidl);
}

TEST_CASE("a password that was changed since does not come back, unless that is asked for") {
  const bool directory = GENERATE(false, true);
  BackedUp f;
  f.back_up_now();
  f.store.set_password(f.account.name(), "newer").value();
  f.store.add_login(f.account.name(), "newlogin").value();
  const Account back = restore_account(f.store, f.backup, {.replace = true, .directory = directory}).value();
  CHECK(f.store.authenticate(back.name(), "newer").has_value() == !directory);
  CHECK(f.store.authenticate(back.name(), "secret").has_value() == directory);
  CHECK(f.store.account("newlogin").has_value() == !directory);
  CHECK(f.store.accounts().value().size() == 1);
}

TEST_CASE("a generation costs what has changed") {
  BackedUp f;
  for (int i = 0; i < 300; ++i) f.inbox.append(message_text(std::to_string(i), 20'000)).value();
  const BackupReport first = f.back_up_now({.link = false});
  CHECK(first.written > 6'000'000);
  const std::uint64_t octets = octets_below(f.backup);
  for (int i = 0; i < 5; ++i) f.inbox.append(message_text(std::to_string(i), 20'000)).value();
  f.inbox.append(message_text("large", 200'000)).value();
  const BackupReport second = f.back_up_now({.link = false});
  CHECK(second.new_octets < 320'000);
  CHECK(second.written < 600'000);
  CHECK(octets_below(f.backup) < octets + 700'000);
  f.verify();
  const BackupReport third = f.back_up_now();
  CHECK(third.new_octets == 0);
  CHECK(third.written < 100'000);
  f.verify();
}

TEST_CASE("generations that are pruned take their files along, and no others") {
  BackedUp f;
  std::map<std::uint64_t, std::string> contents;
  for (int day = 0; day < 12; ++day) {
    for (int i = 0; i < 8; ++i) {
      f.inbox.append(message_text("day " + std::to_string(day), i == 0 ? 80'000 : 3000)).value();
    }
    const auto uids = f.inbox.uids().value();
    f.inbox.remove(UidSet::of(uids[0], uids[5])).value();
    contents[f.back_up_now().generation] = contents_of(f.account);
  }
  f.verify();
  std::size_t packs = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(f.backup + "/small")) ++packs;
  CHECK(prune_backups(f.backup, 3).value() == 9);
  f.verify();
  const auto generations = list_backups(f.backup).value();
  REQUIRE(generations.size() == 3);
  CHECK(generations[0].number == 10);
  CHECK(restore_account(f.store, f.backup, {.generation = 2, .replace = true}).error().code == Errc::not_found);
  for (std::uint64_t number = 10; number <= 12; ++number) {
    const Account back = restore_account(f.store, f.backup, {.generation = number, .replace = true}).value();
    CHECK(contents_of(back) == contents[number]);
    CHECK(back.check().value().problems.empty());
  }
  CHECK(prune_backups(f.backup, 1).value() == 2);
  std::size_t left = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(f.backup + "/small")) ++left;
  CHECK(left < packs);
  f.verify();
  CHECK(prune_backups(f.backup, 0).error().code == Errc::invalid_argument);
}

TEST_CASE("an account that went back in time shares only what is the same") {
  BackedUp f;
  f.back_up_now();
  for (int i = 0; i < 10; ++i) f.inbox.append(message_text("second", 500)).value();
  f.back_up_now();
  const Account back = restore_account(f.store, f.backup, {.generation = 1, .replace = true}).value();
  for (int i = 0; i < 10; ++i) back.deliver(message_text("third", 500)).value();  // with the same identifiers
  const std::string contents = contents_of(back);
  back_up(back, f.backup).value();
  f.verify();
  const Account third = restore_account(f.store, f.backup, {.replace = true}).value();
  CHECK(contents_of(third) == contents);
  const Account second = restore_account(f.store, f.backup, {.generation = 2, .replace = true}).value();
  CHECK(second.mailbox("INBOX").value().status().value().messages == 29);
}

TEST_CASE("a damaged backup is told and changes nothing") {
  BackedUp f;
  f.back_up_now({.link = false});
  const std::string contents = contents_of(f.account);
  const std::string file = GENERATE_COPY(std::string("mail.db"), std::string("directory.db"), std::string("manifest"),
                                         std::string("small"), std::string("large"), std::string("gone"));
  CAPTURE(file);
  const std::string path = file == "small" || file == "large" ? f.find(file)
                           : file == "gone"                   ? f.find("large")
                                                              : f.find("generations", file.c_str());
  if (file == "gone") {
    fs::remove(path);
  } else {
    std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(fs::file_size(path) / 2));
    stream.put('\x5A');
    stream.put('\xA5');
  }
  const auto check = verify_backup(f.backup).value();
  CHECK(check.problems.size() >= 1);
  CHECK(restore_account(f.store, f.backup, {.replace = true}).error().code == Errc::corrupt);
  CHECK(contents_of(f.account) == contents);
  CHECK(f.account.deliver("x"));
  for (const auto& entry : fs::directory_iterator(f.store.options().path)) {
    CHECK_FALSE(entry.path().filename().string().starts_with("restoring-"));
  }
}

TEST_CASE("a mailbox or single messages come back beside what is there") {
  BackedUp f;
  f.back_up_now();
  const std::string uidl = uidl_of(f.inbox, 3);
  const std::string octets = octets_of(f.inbox, 1);
  f.inbox.remove(UidSet::of(1, 3)).value();
  f.inbox.move(UidSet::of(4, 4), f.account.mailbox("Archive").value()).value();
  const Uid fresh = f.inbox.append(message_text("fresh")).value().uids[0];
  const auto report = restore_mailbox(f.account, f.backup, {.mailbox = "INBOX"}).value();
  CHECK(report.restored == 3);
  CHECK(report.present == 16);
  CHECK(uidl_of(f.inbox, fresh + 3) == uidl);
  CHECK(octets_of(f.inbox, fresh + 1) == octets);
  CHECK(flags_of(f.inbox, fresh + 3).has(Flag::flagged));
  CHECK(f.problems().empty());
  CHECK(restore_mailbox(f.account, f.backup, {.mailbox = "INBOX"}).value().restored == 0);

  const auto messages = backup_messages(f.backup, "Work/2026").value();
  REQUIRE(messages.size() == 1);
  CHECK_THAT(messages[0].envelope, Catch::Contains("work"));
  f.account.remove_mailbox("Work/2026").value();
  CHECK(restore_mailbox(f.account, f.backup, {.mailbox = "Work/2026", .only = {messages[0].id}, .into = "Restored"})
            .value()
            .restored == 1);
  CHECK(f.account.mailbox("Restored").value().status().value().messages == 1);
  CHECK(f.problems().empty());

  // Another account: UIDLs go along, and what it has already it does not get twice.
  const Account other = f.store.create_account("bob").value();
  CHECK(restore_mailbox(other, f.backup, {.mailbox = "INBOX"}).value().restored == 19);
  CHECK(uidl_of(other.mailbox("INBOX").value(), 3) == uidl);
  CHECK(restore_mailbox(other, f.backup, {.mailbox = "INBOX"}).value().present == 19);
  CHECK(other.check().value().problems.empty());
  CHECK(restore_mailbox(other, f.backup, {.mailbox = "None"}).error().code == Errc::not_found);
  other.set_quota({.messages = 20}).value();
  CHECK(restore_mailbox(other, f.backup, {.mailbox = "Archive"}).error().code == Errc::over_quota);
  CHECK(other.check().value().problems.empty());
}

TEST_CASE("removed messages are in the backup, and come back from it") {
  StoreOptions options;
  options.undelete.window = std::chrono::hours(24);
  BackedUp f(options);
  f.back_up_now();
  f.verify();
  const Account back = restore_account(f.store, f.backup, {.replace = true}).value();
  const auto removed = list_removed(back).value().messages;
  REQUIRE(removed.size() == 2);
  CHECK(restore_removed(back, {removed[0].key}).value().size() == 1);
  CHECK(back.check().value().problems.empty());
  // One that can be undeleted and is restored from the backup is there once.
  back.mailbox("INBOX").value().remove(UidSet::of(1, 2)).value();
  CHECK(restore_mailbox(back, f.backup, {.mailbox = "INBOX"}).value().restored == 2);
  CHECK(list_removed(back).value().messages.size() == 1);
  CHECK(back.check().value().problems.empty());
}

TEST_CASE("the backup of a damaged account has all that is left") {
  BackedUp f;
  std::string lost;
  for (const auto& entry : fs::directory_iterator(f.account_directory() + "/large")) lost = entry.path();
  fs::remove(lost);
  const BackupReport report = f.back_up_now();
  CHECK(report.problems.size() == 1);
  CHECK(verify_backup(f.backup).value().problems.size() == 1);
}

TEST_CASE("backups exclude each other, and other directories are left alone") {
  BackedUp f;
  CHECK(verify_backup(f.backup).error().code == Errc::not_found);
  CHECK(list_backups(f.backup).error().code == Errc::not_found);
  CHECK(restore_account(f.store, f.backup).error().code == Errc::not_found);
  Errc inner{};
  f.back_up_now({.progress = [&](const BackupProgress& progress) {
    CHECK(progress.total_octets > 0);
    inner = back_up(f.account, f.backup).error().code;
    return true;
  }});
  CHECK(inner == Errc::in_use);
  CHECK(back_up(f.account, f.backup, {.progress = [](const BackupProgress&) { return false; }}).has_value());
  f.inbox.append("x").value();
  CHECK(back_up(f.account, f.backup, {.progress = [](const BackupProgress&) { return false; }}).error().code ==
        Errc::not_permitted);
  CHECK(list_backups(f.backup).value().size() == 2);
  f.verify();
  fs::create_directory(f.backup + "2");
  std::ofstream(f.backup + "2/something") << "x";
  CHECK(back_up(f.account, f.backup + "2").error().code == Errc::invalid_argument);
}

TEST_CASE("backups while writers are busy are whole") {
  BackedUp f;
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (unsigned seed = 0; seed < 3; ++seed) {
    writers.emplace_back([&, seed] {
      std::mt19937 random(seed);
      for (int i = 0; !stop; ++i) {
        const Uid uid = f.inbox.append(message_text(std::to_string(i), i % 3 == 0 ? 80'000 : 2000)).value().uids[0];
        if (random() % 2 == 0) (void)f.inbox.remove(UidSet::of(uid, uid));
        if (random() % 3 == 0) (void)f.inbox.move(UidSet::of(uid, uid), f.account.mailbox("Archive").value());
      }
    });
  }
  for (int i = 0; i < 6; ++i) {
    const auto made = back_up(f.account, f.backup);
    CHECK(made.has_value());
    if (!made) WARN(made.error().message);
  }
  // The account is replaced under the feet of its writers: they get errors.
  stop = true;
  for (auto& writer : writers) writer.join();
  f.verify();
  for (std::uint64_t number = 1; number <= 6; ++number) {
    const Account back = restore_account(f.store, f.backup, {.generation = number, .replace = true}).value();
    CHECK(back.check().value().problems == std::vector<std::string>());
  }
}

TEST_CASE("an account that is replaced while others write to it") {
  BackedUp f;
  f.back_up_now();
  std::atomic<bool> failed{false};
  std::atomic<int> acknowledged{0};
  std::thread writer([&] {
    while (!failed) {
      const auto appended = f.inbox.append(message_text("x"));
      if (appended) ++acknowledged;
      if (!appended) failed = appended.error().code == Errc::not_found;
    }
  });
  while (acknowledged < 20) std::this_thread::yield();
  const auto back = restore_account(f.store, f.backup, {.replace = true});
  writer.join();
  CHECK(back.value().check().value().problems.empty());
  CHECK(back.value().mailbox("INBOX").value().status().value().messages == 19);
}

TEST_CASE("kill -9 during backups and restores leaves a store and the old generations") {
  const Fixture scratch;
  const StoreOptions options{.path = scratch.store.options().path + "/s", .password_cost = 1};
  const std::string backup = scratch.store.options().path + "/b";
  {
    const Account bob = Store::open(options).value().create_account("bob").value();
    for (int i = 0; i < 60; ++i) bob.deliver(message_text(std::to_string(i), i % 3 == 0 ? 90'000 : 5000)).value();
    back_up(bob, backup).value();
  }
  std::size_t complete = 1;
  // More of them on a machine so busy that no backup came to its end.
  for (unsigned round = 0; round < 30 || (complete < 2 && round < 300); ++round) {
    CAPTURE(round);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      const auto store = Store::open(options);
      if (!store) ::_exit(3);
      for (;;) {
        const auto bob = store->account("bob");
        if (!bob) ::_exit(4);
        if (!bob->deliver(message_text("more", 70'000))) ::_exit(5);
        if (!bob->deliver(message_text("more", 700))) ::_exit(5);
        if (!back_up(*bob, backup)) ::_exit(6);
        if (!restore_account(*store, backup, {.replace = true})) ::_exit(7);
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + std::mt19937(round)() % 150));
    ::kill(child, SIGKILL);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));  // or else it met an error

    const Store store = Store::open(options).value();
    const Account bob = store.account("bob").value();
    CHECK(store.accounts().value().size() == 1);
    CHECK(bob.check().value().problems == std::vector<std::string>());
    const auto generations = list_backups(backup).value();
    CHECK(generations.size() >= complete);
    complete = generations.size();
    std::size_t directories = 0;
    for (const auto& group : fs::directory_iterator(options.path + "/accounts")) {
      for ([[maybe_unused]] const auto& each : fs::directory_iterator(group)) ++directories;
    }
    CHECK(directories == 1);
    for (const auto& entry : fs::directory_iterator(options.path)) {
      CHECK_FALSE(entry.path().filename().string().starts_with("restoring-"));
    }
  }
  CHECK(complete > 1);
  CHECK(verify_backup(backup).value().problems == std::vector<std::string>());
}
