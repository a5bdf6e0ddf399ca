// back_up, list_backups and prune_backups.
#include "postfach/backup.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <unordered_set>
#include <utility>

#include "auth/sha256.h"
#include "backup_files.h"
#include "base/random.h"
#include "sqlite/account_row.h"
#include "sqlite/backup_tables.h"
#include "sqlite/bodies.h"
#include "store_impl.h"

namespace postfach {
namespace store {
namespace {

// Bodies of one short transaction: up to 13 MB, some 50 ms.
constexpr std::size_t kTogether = 200;
// Times that a message with a large file may be expunged right while its file is about to be linked.
constexpr int kMostAttempts = 20;
constexpr std::int64_t kNoLast = INT64_MAX;

bool has_size(const std::string& path, std::uint64_t size) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) == size;
}

// Rolls back what was not committed.
struct Transaction {
  explicit Transaction(sqlite::Connection& connection) : db(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (db.in_transaction()) (void)db.run("ROLLBACK");
  }
  Result<void> begin() const { return db.run("BEGIN"); }
  Result<void> commit() const { return db.run("COMMIT"); }

  sqlite::Connection& db;
};

Result<base::File> prepare_directory(const BackupPaths& paths) {
  const bool is_new = !base::file_exists(paths.lock);
  if (is_new) {
    auto names = base::list_directory(paths.root);
    if (names && !names->empty()) {
      return Error{Errc::invalid_argument, "the directory is no backup, and not empty: " + paths.root};
    }
    if (!names && names.error().code != Errc::not_found) return names.error();
  }
  if (auto made = base::make_directories(paths.root); !made) return made.error();
  if (auto made = base::File::open_or_create(paths.lock); !made) return made.error();
  // By the lock a directory is known as a backup: nothing may be in it before.
  if (is_new) {
    if (auto synced = base::sync_directory(paths.root); !synced) return synced.error();
  }
  for (const std::string& directory : {paths.generations, paths.small, paths.large}) {
    if (auto made = base::make_directories(directory); !made) return made.error();
  }
  return lock_backup(paths, true);
}

// Generations without a manifest, packs that no generation names, copies that broke off.
Result<void> remove_leftovers(const BackupPaths& paths, const std::vector<Manifest>& manifests) {
  auto names = base::list_directory(paths.generations);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const std::string path = base::join_path(paths.generations, name);
    if (base::file_exists(base::join_path(path, "manifest"))) continue;
    if (auto done = base::remove_directory_tree(path); !done) return done;
  }
  std::unordered_set<std::string> named;
  for (const Manifest& manifest : manifests) {
    for (const Pack& pack : manifest.packs) named.insert(pack.name);
  }
  names = base::list_directory(paths.small);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (named.contains(name)) continue;
    if (auto done = base::remove_file(base::join_path(paths.small, name)); !done) return done;
  }
  names = base::list_directory(paths.large);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name.find(".tmp-") == std::string::npos) continue;
    if (auto done = base::remove_file(base::join_path(paths.large, name)); !done) return done;
  }
  return {};
}

Result<std::vector<Manifest>> load_all(const BackupPaths& paths) {
  auto numbers = list_generations(paths);
  if (!numbers) return numbers.error();
  std::vector<Manifest> manifests;
  for (const std::uint64_t number : *numbers) {
    auto manifest = load_manifest(paths, number);
    if (!manifest) return manifest.error();
    manifests.push_back(*std::move(manifest));
  }
  return manifests;
}

// Makes one generation.
class Backup {
 public:
  Backup(const Account::Impl& account, BackupPaths paths, const BackupOptions& options)
      : account_(account), paths_(std::move(paths)), options_(options) {}

  Result<BackupReport> run();

 private:
  Result<void> choose_packs(const Manifest* last);
  bool is_reusable(const Pack& pack, const Manifest& last) const;
  Result<void> learn_sums(const Manifest& last);
  Result<void> begin_pack(Pack& pack) const;
  // In short transactions, until there is no more.
  Result<void> copy_steps(Pack& pack, Progress& progress);
  Result<void> take(const sqlite::CopiedBodies& copied, Pack& pack, Progress& progress, bool in_snapshot);
  Result<void> secure(const sqlite::CopiedBodies::Large& file, bool in_snapshot);
  Result<void> snapshot(Pack& tail, Progress& progress);
  Result<bool> try_snapshot(Pack& tail, Progress& progress);
  Result<void> finish_pack(Pack pack);
  Result<void> finish(const Manifest* last);
  Result<void> write_manifest() const;

  const Account::Impl& account_;
  const BackupPaths paths_;
  const BackupOptions& options_;
  std::unique_ptr<sqlite::Connection> db_;
  std::string large_;  // of the account
  Manifest manifest_;
  BackupReport report_;
  std::map<std::string, std::string> sums_;           // of large files that the backup has
  std::vector<sqlite::CopiedBodies::Large> missing_;  // when they were looked for
  bool is_gone_ = false;                              // a file that the snapshot names went
};

Result<void> Backup::begin_pack(Pack& pack) const {
  pack.name = base::random_hex(16) + ".db";
  if (auto done = sqlite::attach(*db_, base::join_path(paths_.small, pack.name), "pack", true); !done) return done;
  return sqlite::begin_pack(*db_);
}

bool Backup::is_reusable(const Pack& pack, const Manifest& last) const {
  const auto known = [&](const std::vector<std::pair<std::int64_t, std::string>>& epochs) {
    auto within = epochs;
    std::erase_if(within, [&](const auto& epoch) { return epoch.first > pack.last; });
    return within;
  };
  return last.schema == manifest_.schema && known(last.epochs) == known(manifest_.epochs) &&
         pack.live * 2 >= pack.rows && has_size(base::join_path(paths_.small, pack.name), pack.sum.size);
}

// Packs that stay; between and behind them bodies are copied from the account.
Result<void> Backup::choose_packs(const Manifest* last) {
  if (last == nullptr) return {};
  for (const Pack& pack : last->packs) {
    if (is_reusable(pack, *last)) manifest_.packs.push_back(pack);
  }
  std::vector<Pack>& packs = manifest_.packs;
  auto added = sqlite::count_octets(*db_, packs.empty() ? 1 : packs.back().last + 1, kNoLast);
  if (!added) return added.error();
  // Like the carry of a binary counter: each octet is copied again a few times in its life, and packs stay few.
  while (!packs.empty() && packs.back().sum.size < 2 * *added) {
    *added += packs.back().sum.size;
    packs.pop_back();
  }
  return learn_sums(*last);
}

Result<void> Backup::learn_sums(const Manifest& last) {
  for (const Pack& pack : last.packs) {
    const bool stays = std::any_of(manifest_.packs.begin(), manifest_.packs.end(),
                                   [&](const Pack& each) { return each.name == pack.name; });
    const std::string path = base::join_path(paths_.small, pack.name);
    if (stays || !has_size(path, pack.sum.size)) continue;
    auto scratch = sqlite::open_scratch();
    if (!scratch) return scratch.error();
    if (!sqlite::attach(**scratch, path, "pack", false)) continue;
    auto files = sqlite::list_backup_files(**scratch, false);
    if (!files) continue;  // damaged: its files are read again
    for (sqlite::BackupFile& file : *files) {
      if (has_size(base::join_path(paths_.large, file.name), file.size)) sums_[file.name] = std::move(file.sha256);
    }
  }
  return {};
}

Result<void> Backup::secure(const sqlite::CopiedBodies::Large& file, bool in_snapshot) {
  const std::string target = base::join_path(paths_.large, file.file);
  auto& sum = sums_[file.file];
  if (sum.empty()) {
    auto linked = link_or_copy(base::join_path(large_, file.file), target, options_.link);
    if (!linked && linked.error().code == Errc::not_found) {
      sums_.erase(file.file);
      if (!in_snapshot) {
        missing_.push_back(file);
        return {};
      }
      auto is_named = account_.read([&](sqlite::Connection& now) { return sqlite::is_body_file(now, file.file); });
      if (!is_named) return is_named.error();
      is_gone_ = !*is_named;
      if (*is_named) missing_.push_back(file);
      return {};
    }
    if (!linked) return linked.error();
    auto found = sum_of(target);
    if (!found) return found.error();
    if (found->size != file.size)
      report_.problems.push_back("the large file of a body is not of its size (" + file.file + ")");
    if (!*linked) report_.written += found->size;
    sum = found->sha256;
  }
  return sqlite::insert_backup_file(*db_, file.id, file, sum);
}

Result<void> Backup::take(const sqlite::CopiedBodies& copied, Pack& pack, Progress& progress, bool in_snapshot) {
  for (const auto& file : copied.large) {
    if (auto done = secure(file, in_snapshot); !done) return done;
    if (is_gone_) return {};
  }
  pack.rows += copied.rows;
  pack.last = copied.last;
  report_.new_octets += copied.octets;
  return progress.add(copied.octets);
}

Result<void> Backup::copy_steps(Pack& pack, Progress& progress) {
  const std::int64_t end = pack.last;
  for (std::int64_t next = pack.first;;) {
    const Transaction transaction(*db_);
    if (auto begun = transaction.begin(); !begun) return begun;
    auto copied = sqlite::copy_bodies(*db_, next, end, kTogether);
    if (!copied) return copied.error();
    if (auto done = transaction.commit(); !done) return done;
    if (copied->rows == 0) break;
    if (auto taken = take(*copied, pack, progress, false); !taken) return taken;
    next = copied->last + 1;
  }
  if (pack.rows == 0) pack.last = pack.first - 1;
  return {};
}

// False: to be tried again.
Result<bool> Backup::try_snapshot(Pack& tail, Progress& progress) {
  is_gone_ = false;
  const Transaction transaction(*db_);
  if (auto begun = transaction.begin(); !begun) return begun.error();
  for (;;) {
    auto copied = sqlite::copy_bodies(*db_, tail.last + 1, kNoLast, kTogether);
    if (!copied) return copied.error();
    if (copied->rows == 0) break;
    if (auto taken = take(*copied, tail, progress, true); !taken) return taken.error();
    if (is_gone_) return false;
  }
  for (const auto& file : missing_) {
    auto exists = sqlite::body_exists(*db_, file.id);
    if (!exists) return exists.error();
    if (*exists) report_.problems.push_back("the large file of a body is missing (" + file.file + ")");
  }
  if (auto done = sqlite::copy_mail(*db_); !done) return done.error();
  auto account = sqlite::load_account(*db_);
  if (!account) return account.error();
  report_.usage = manifest_.generation.usage = {account->bytes, account->messages};
  manifest_.highest_modseq = account->highest_modseq;
  manifest_.generation.made = account_.store->clock();
  if (auto done = transaction.commit(); !done) return done.error();
  return true;
}

Result<void> Backup::snapshot(Pack& tail, Progress& progress) {
  if (auto done = sqlite::attach(*db_, paths_.mail(report_.generation), "gen", true); !done) return done;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const Pack before = tail;
    const std::uint64_t octets = report_.new_octets;
    auto done = try_snapshot(tail, progress);
    if (!done) return done.error();
    if (*done) return {};
    tail = before;
    report_.new_octets = octets;
  }
  return Error{Errc::in_use, "large messages of the account are removed faster than they can be linked"};
}

Result<void> Backup::finish_pack(Pack pack) {
  if (auto done = sqlite::detach(*db_, "pack"); !done) return done;
  const std::string path = base::join_path(paths_.small, pack.name);
  if (pack.rows == 0) return base::remove_file(path);
  if (auto synced = sync_file(path); !synced) return synced;
  auto sum = sum_of(path);
  if (!sum) return sum.error();
  pack.sum = *sum;
  report_.written += sum->size;
  manifest_.packs.push_back(std::move(pack));
  return {};
}

Result<void> Backup::finish(const Manifest* last) {
  std::vector<Pack>& packs = manifest_.packs;
  std::sort(packs.begin(), packs.end(), [](const Pack& left, const Pack& right) { return left.first < right.first; });
  for (Pack& pack : packs) {
    auto live = sqlite::count_live(*db_, pack.first, pack.last);
    if (!live) return live.error();
    pack.live = *live;
  }
  if (auto done = sqlite::detach(*db_, "gen"); !done) return done;
  db_.reset();

  const std::string mail = paths_.mail(report_.generation);
  const std::string directory = paths_.directory(report_.generation);
  auto source = sqlite::open_source(account_.store->directory->path(), account_.store->connection_options(false));
  if (!source) return source.error();
  if (auto done = sqlite::attach(**source, directory, "gen", true); !done) return done;
  {
    const Transaction transaction(**source);
    if (auto done = transaction.begin(); !done) return done;
    if (auto done = sqlite::copy_account(**source, account_.id); !done) return done;
    if (auto done = transaction.commit(); !done) return done;
  }
  source->reset();
  auto group = account_.store->usage->chosen_group(account_.id);
  if (!group) return group.error();
  manifest_.group = *std::move(group);
  for (const auto& [path, sum] : {std::pair(&mail, &manifest_.mail), std::pair(&directory, &manifest_.directory)}) {
    if (auto synced = sync_file(*path); !synced) return synced;
    auto found = sum_of(*path);
    if (!found) return found.error();
    *sum = *found;
  }
  if (last != nullptr && last->mail == manifest_.mail && options_.link) {
    // Nothing has changed: one file is enough.
    const std::string other = mail + "-same";
    if (link_or_copy(paths_.mail(last->generation.number), other, true)) {
      if (auto renamed = base::rename_file(other, mail); !renamed) return renamed;
      report_.written -= manifest_.mail.size;
    }
  }
  report_.written += manifest_.mail.size + manifest_.directory.size;
  for (const std::string& each : {paths_.large, paths_.small, paths_.generation(report_.generation)}) {
    if (auto synced = base::sync_directory(each); !synced) return synced;
  }
  return write_manifest();
}

Result<void> Backup::write_manifest() const {
  const std::string path = paths_.manifest(report_.generation);
  auto file = base::File::create(path + ".tmp");
  if (!file) return file.error();
  if (auto done = file->write(manifest_.format()); !done) return done;
  if (auto done = file->sync(); !done) return done;
  // The directory of the generation must be found before its manifest says that it is complete.
  if (auto done = base::sync_directory(paths_.generations); !done) return done;
  if (auto done = base::rename_file(path + ".tmp", path); !done) return done;
  return base::sync_directory(paths_.generation(report_.generation));
}

Result<BackupReport> Backup::run() {
  auto lock = prepare_directory(paths_);
  if (!lock) return lock.error();
  auto manifests = load_all(paths_);
  if (!manifests) return manifests.error();
  if (auto done = remove_leftovers(paths_, *manifests); !done) return done.error();
  const Manifest* const last = manifests->empty() ? nullptr : &manifests->back();
  report_.generation = last == nullptr ? 1 : last->generation.number + 1;
  manifest_.generation.number = report_.generation;
  manifest_.generation.account = account_.name;
  if (auto made = base::make_directories(paths_.generation(report_.generation)); !made) return made.error();

  auto open = account_.store->open_account(account_.id);
  if (!open) return account_.failure(nullptr, open.error());
  large_ = (*open)->location.large;
  auto db = sqlite::open_source((*open)->location.database, account_.store->connection_options(false));
  if (!db) return account_.failure(nullptr, db.error());
  db_ = *std::move(db);
  auto schema = sqlite::body_schema(*db_);
  if (!schema) return schema.error();
  manifest_.schema = hex_of(auth::sha256(*schema));
  auto epochs = sqlite::list_epochs(*db_);
  if (!epochs) return epochs.error();
  manifest_.epochs = *std::move(epochs);
  if (auto done = choose_packs(last); !done) return done.error();

  // The gaps between the packs that stay, and what is behind them.
  std::vector<Pack> wanted;
  std::int64_t next = 1;
  for (const Pack& pack : manifest_.packs) {
    if (next < pack.first) wanted.push_back({.name = {}, .sum = {}, .first = next, .last = pack.first - 1});
    next = pack.last + 1;
  }
  wanted.push_back({.name = {}, .sum = {}, .first = next, .last = kNoLast});
  std::uint64_t total = 0;
  for (const Pack& pack : wanted) {
    auto octets = sqlite::count_octets(*db_, pack.first, pack.last);
    if (!octets) return octets.error();
    total += *octets;
  }
  Progress progress(options_.progress, total);
  for (Pack& pack : wanted) {
    if (auto done = begin_pack(pack); !done) return done.error();
    if (auto done = copy_steps(pack, progress); !done) return done.error();
    if (&pack == &wanted.back()) {
      if (auto done = snapshot(pack, progress); !done) return account_.failure(open->get(), done.error());
    }
    if (auto done = finish_pack(pack); !done) return done.error();
  }
  // Somebody may have put another account in its place meanwhile; what was copied is whole all the same.
  if (auto done = finish(last); !done) return done.error();
  account_.store->observe(Severity::info, "backup_made", account_.name, paths_.root);
  return std::move(report_);
}

}  // namespace
}  // namespace store

Result<BackupReport> back_up(const Account& account, const std::string& directory, const BackupOptions& options) {
  return store::Backup(*account.impl(), store::BackupPaths(directory), options).run();
}

Result<std::vector<BackupGeneration>> list_backups(const std::string& directory) {
  const store::BackupPaths paths(directory);
  auto manifests = store::load_all(paths);
  if (!manifests) return manifests.error();
  std::vector<BackupGeneration> list;
  for (store::Manifest& manifest : *manifests) list.push_back(std::move(manifest.generation));
  return list;
}

Result<std::uint64_t> prune_backups(const std::string& directory, std::size_t keep) {
  if (keep == 0) return Error{Errc::invalid_argument, "one generation at least has to stay"};
  const store::BackupPaths paths(directory);
  auto lock = store::lock_backup(paths, true);
  if (!lock) return lock.error();
  // One that can't be read names files that nobody knows: then nothing is removed.
  auto manifests = store::load_all(paths);
  if (!manifests) return manifests.error();
  const std::size_t surplus = manifests->size() - std::min(keep, manifests->size());
  for (std::size_t i = 0; i < surplus; ++i) {
    const std::uint64_t number = (*manifests)[i].generation.number;
    if (auto done = base::remove_file(paths.manifest(number)); !done) return done.error();
    if (auto done = base::sync_directory(paths.generation(number)); !done) return done.error();
  }
  manifests->erase(manifests->begin(), manifests->begin() + static_cast<std::ptrdiff_t>(surplus));
  if (auto done = store::remove_leftovers(paths, *manifests); !done) return done.error();

  std::unordered_set<std::string> live;
  for (const store::Manifest& manifest : *manifests) {
    auto scratch = sqlite::open_scratch();
    if (!scratch) return scratch.error();
    if (auto done = sqlite::attach(**scratch, paths.mail(manifest.generation.number), "gen", false); !done) {
      return done.error();
    }
    for (const store::Pack& pack : manifest.packs) {
      if (auto done = sqlite::attach(**scratch, base::join_path(paths.small, pack.name), "pack", false); !done) {
        return done.error();
      }
      auto files = sqlite::list_backup_files(**scratch, true);
      if (!files) return files.error();
      for (sqlite::BackupFile& file : *files) live.insert(std::move(file.name));
      if (auto done = sqlite::detach(**scratch, "pack"); !done) return done.error();
    }
  }
  auto names = base::list_directory(paths.large);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (live.contains(name)) continue;
    if (auto done = base::remove_file(base::join_path(paths.large, name)); !done) return done.error();
  }
  return surplus;
}

}  // namespace postfach
