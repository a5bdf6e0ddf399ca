// A backup that is cut at any step, by power loss or by a disk that fails: the generations before it stay whole, and the
// next one succeeds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "fault/disk.h"
#include "fault/replay.h"
#include "fault/world.h"
#include "postfach/backup.h"
#include "sanitized.h"

using namespace postfach;
using namespace postfach::fault;

namespace {

StoreOptions options_for(const std::string& path) {
  return {.path = path, .default_mailboxes = {}, .password_cost = 1};
}

// Small ones, and each time a large one, which is linked.
void change(const Mailbox& inbox, unsigned round) {
  for (const unsigned number : {round * 9, round * 9 + 1, round * 9 + 2}) inbox.append(message_of(number)).value();
  if (round % 2 == 0) inbox.remove(UidSet::of(round, round + 1)).value();
}

std::vector<std::uint64_t> generations_at(const std::string& backup) {
  std::vector<std::uint64_t> numbers;
  const auto list = list_backups(backup);
  if (!list) return numbers;
  for (const BackupGeneration& each : *list) numbers.push_back(each.number);
  return numbers;
}

bool includes(const std::vector<std::uint64_t>& all, const std::vector<std::uint64_t>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// All that are listed are whole, those that were acknowledged are among them, and another one can be made and restored.
void check_backup(const Account& account, const std::string& backup, const std::vector<std::uint64_t>& acknowledged,
                  const std::string& elsewhere) {
  const auto before = generations_at(backup);
  CAPTURE(before, acknowledged);
  CHECK(includes(before, acknowledged));
  if (!before.empty()) CHECK(verify_backup(backup).value().problems == std::vector<std::string>());

  const auto report = back_up(account, backup);
  if (!report) FAIL(report.error().message);
  CHECK(report->problems == std::vector<std::string>());
  CHECK(report->usage == account.usage().value());
  const auto after = generations_at(backup);
  CHECK(after.size() == before.size() + 1);
  CHECK(includes(after, before));
  CHECK(verify_backup(backup).value().problems == std::vector<std::string>());
  if (elsewhere.empty()) return;
  std::filesystem::remove_all(elsewhere);
  const Store store = Store::open(options_for(elsewhere)).value();
  CHECK(restore_account(store, backup).value().usage().value() == report->usage);
  if (!before.empty()) {
    restore_account(store, backup, {.generation = before.front(), .replace = true}).value();
  }
  check_integrity(store);
}

}  // namespace

TEST_CASE("power loss at any step of backups") {
  const bool links = GENERATE(true, false);
  CAPTURE(links);
  Disk& disk = Disk::instance();
  const Scratch scratch;
  const std::string root = scratch.path + "/s";
  std::filesystem::create_directory(root);
  {
    const Store store = Store::open(options_for(root + "/store")).value();
    change(store.create_account("alice").value().mailbox("INBOX").value(), 1);
  }
  const std::string backup = root + "/backup";
  struct Moment {
    std::size_t position = 0;
    std::vector<std::uint64_t> acknowledged;  // from here on
  };
  std::vector<Moment> moments{{}};
  std::vector<std::size_t> cuts;
  disk.watch(root);
  {
    const Store store = Store::open(options_for(root + "/store")).value();
    const Account alice = store.account("alice").value();
    for (unsigned round = 2; round <= 5; ++round) {
      const std::size_t begin = disk.position();
      back_up(alice, backup, {.link = links}).value();
      // Each step of it; what follows is told by other tests.
      for (std::size_t cut = begin; cut <= disk.position(); ++cut) cuts.push_back(cut);
      moments.push_back({disk.position(), generations_at(backup)});
      change(alice.mailbox("INBOX").value(), round);
    }
    // Those that are going can't be counted on from the first step of it.
    const std::size_t begin = disk.position();
    prune_backups(backup, 2).value();
    moments.push_back({begin, generations_at(backup)});
    for (std::size_t cut = begin; cut <= disk.position(); ++cut) cuts.push_back(cut);
  }
  const Recording recording = disk.stop();
  CHECK(cuts.size() > 100);

  Replay replay(recording, links ? 1 : 2);
  const std::string image = scratch.path + "/image";
  int count = 0;
  for (std::size_t next = 0; next < cuts.size(); next += test::kStride) {
    const std::size_t cut = cuts[next];
    CAPTURE(cut, recording.events.size());
    const auto after =
        std::upper_bound(moments.begin(), moments.end(), cut,
                         [](std::size_t position, const Moment& each) { return position < each.position; });
    replay.advance(cut);
    std::filesystem::remove_all(image);
    replay.write_image(image);
    const Store store = Store::open(options_for(image + "/store")).value();
    check_backup(store.account("alice").value(), image + "/backup", std::prev(after)->acknowledged,
                 ++count % 8 == 0 ? scratch.path + "/elsewhere" : "");
  }
}

TEST_CASE("backups on a disk that fails") {
  struct Case {
    Failure failure;
    bool is_lasting;
  };
  const Case each = GENERATE(Case{Failure::io, false}, Case{Failure::io, true}, Case{Failure::full, true},
                             Case{Failure::half_written, false});
  const bool is_prune = GENERATE(false, true);
  CAPTURE(static_cast<int>(each.failure), each.is_lasting, is_prune);
  Disk& disk = Disk::instance();
  const Scratch scratch;
  const std::string backup = scratch.path + "/backup";
  const Store store = Store::open(options_for(scratch.path + "/store")).value();
  const Account alice = store.create_account("alice").value();
  const Mailbox inbox = alice.mailbox("INBOX").value();
  unsigned round = 1;
  for (int i = 0; i < 2; ++i) {
    change(inbox, round++);
    back_up(alice, backup).value();
  }
  bool has_failed = true;
  std::uint64_t at = 1;
  for (; has_failed; at += test::kStride) {
    CAPTURE(at);
    change(inbox, round++);
    if (is_prune) back_up(alice, backup).value();
    auto expected = generations_at(backup);
    disk.arm({.actions = action::kAllChanges | action::kGrow,
              .failure = each.failure,
              .at = at,
              .is_lasting = each.is_lasting,
              .below = backup});
    const bool is_done = is_prune ? prune_backups(backup, 2).has_value() : back_up(alice, backup).has_value();
    has_failed = disk.disarm();
    // What fails without harm is no failure: a link that can't be made is a copy.
    if (!has_failed) CHECK(is_done);
    if (is_prune) expected.erase(expected.begin(), expected.end() - 2);
    check_backup(alice, backup, expected, "");
    prune_backups(backup, 2).value();
  }
  CHECK(at > (is_prune ? 3U : 30U));
}
