// restore_account: an account is built aside from a backup and takes its place at once.
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "backup_files.h"
#include "base/random.h"
#include "postfach/backup.h"
#include "sqlite/account_row.h"
#include "sqlite/backup_tables.h"
#include "sqlite/directory.h"
#include "sqlite/feed_log.h"
#include "sqlite/mailboxes.h"
#include "sqlite/migrations.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {
namespace store {
namespace {

// More MODSEQs than an account gives out between a backup and the loss of the account; 2^31 restores have room.
constexpr ModSeq kSkippedModSeqs = ModSeq{1} << 32U;
// The same for identifiers of mailboxes.
constexpr std::int64_t kSkippedMailboxes = std::int64_t{1} << 24U;

// What the account that is replaced has given out. What is not known is empty.
struct Before {
  std::optional<sqlite::AccountRow> account;
  std::vector<sqlite::MailboxRow> mailboxes;
  std::vector<std::pair<std::int64_t, std::string>> epochs;
  std::int64_t last_mailbox = 0;
};

Result<Before> look_at(sqlite::Connection& db) {
  Before before;
  auto account = sqlite::load_account(db);
  if (!account) return account.error();
  auto mailboxes = sqlite::list_all(db);
  if (!mailboxes) return mailboxes.error();
  auto epochs = sqlite::list_epochs(db);
  if (!epochs) return epochs.error();
  auto last = db.value("SELECT seq FROM sqlite_sequence WHERE name = 'mailbox'");
  if (!last) return last.error();
  before.account = *account;
  before.mailboxes = *std::move(mailboxes);
  before.epochs = *std::move(epochs);
  before.last_mailbox = last->value_or(0);
  return before;
}

// Nothing that a client could have seen of the mailbox has changed: every change has a MODSEQ.
bool is_unchanged(const sqlite::MailboxRow& row, const Before& before) {
  return std::any_of(before.mailboxes.begin(), before.mailboxes.end(), [&](const sqlite::MailboxRow& old) {
    return old.id == row.id && old.uid_validity == row.uid_validity && old.uid_next == row.uid_next &&
           old.highest_modseq == row.highest_modseq && old.messages == row.messages && old.name == row.name;
  });
}

// What is restored goes on where the old account was.
Result<void> go_on_from(sqlite::Connection& db, const Before& before, std::int64_t now) {
  auto row = sqlite::load_account(db);
  if (!row) return row.error();
  auto mailboxes = sqlite::list_all(db);
  if (!mailboxes) return mailboxes.error();
  auto epochs = sqlite::list_epochs(db);
  if (!epochs) return epochs.error();
  // Another lineage says nothing about this one, though it may have the same numbers.
  const bool is_known =
      before.account && !epochs->empty() && !before.epochs.empty() && epochs->front() == before.epochs.front();
  const bool is_same = is_known && before.epochs == *epochs && before.account->highest_modseq == row->highest_modseq &&
                       before.account->next_message_id == row->next_message_id;
  Change change{.db = db, .account = *row, .now = now};
  change.account.highest_modseq =
      is_known ? std::max(row->highest_modseq, before.account->highest_modseq) : row->highest_modseq + kSkippedModSeqs;
  if (before.account) {
    change.account.highest_modseq = std::max(change.account.highest_modseq, before.account->highest_modseq);
    change.account.last_uid_validity = std::max(row->last_uid_validity, before.account->last_uid_validity);
  }
  if (!is_same) {
    auto modseq = change.take_modseq();
    if (!modseq) return modseq.error();
    if (auto done = store::begin_epoch(db, row->next_message_id); !done) return done;
    // Who follows the feed begins anew.
    if (auto done = sqlite::begin_feed(db, *modseq); !done) return done;
  }
  for (sqlite::MailboxRow& mailbox : *mailboxes) {
    if (is_known && is_unchanged(mailbox, before)) continue;
    auto uid_validity = change.take_uid_validity();
    if (!uid_validity) return uid_validity.error();
    auto modseq = change.take_modseq();
    if (!modseq) return modseq.error();
    // The log is about UIDs of another UIDVALIDITY.
    if (auto done = db.run("DELETE FROM expunged WHERE mailbox_id = ?1", mailbox.id); !done) return done;
    mailbox.uid_validity = *uid_validity;
    mailbox.highest_modseq = mailbox.log_floor = mailbox.expunge_modseq = *modseq;
    mailbox.flags_modseq = *modseq;
    mailbox.log_ranges = 0;
    if (auto done = sqlite::save_mailbox(db, mailbox); !done) return done;
  }
  const std::int64_t skip = is_known ? 0 : kSkippedMailboxes;
  if (auto done = db.run("UPDATE sqlite_sequence SET seq = max(seq + ?1, ?2) WHERE name = 'mailbox'", skip,
                         before.last_mailbox);
      !done) {
    return done;
  }
  return sqlite::save_account(db, change.account);
}

class Restore {
 public:
  Restore(std::shared_ptr<Store::Impl> store, BackupPaths paths, const RestoreOptions& options)
      : store_(std::move(store)), paths_(std::move(paths)), options_(options) {}
  Restore(const Restore&) = delete;
  Restore& operator=(const Restore&) = delete;
  ~Restore() {
    if (!staging_.empty()) (void)base::remove_directory_tree(staging_);
  }

  Result<Account> run();

 private:
  Result<void> begin();
  // The files of the account in the staging directory.
  Result<void> build();
  Result<void> fill(sqlite::Connection& db, Progress& progress);
  Result<void> bring_files(sqlite::Connection& scratch, const std::string& large, Progress& progress) const;
  Result<void> check_sum(const std::string& path, const FileSum& sum) const;
  Result<void> adjust(const Before& before) const;
  // Takes the place of the account in directory.db and on the disk.
  Result<void> put_in_place();
  Result<void> replace(const sqlite::DirectoryRow& old);

  const std::shared_ptr<Store::Impl> store_;
  const BackupPaths paths_;
  const RestoreOptions& options_;
  base::File store_lock_;
  Manifest manifest_;
  std::string staging_;
  std::optional<sqlite::DirectoryRow> old_;
  sqlite::DirectoryRow row_;  // of the new account
};

Result<void> Restore::check_sum(const std::string& path, const FileSum& sum) const {
  auto found = sum_of(path);
  if (!found && found.error().code != Errc::not_found) return found.error();
  if (found && *found == sum) return {};
  return Error{Errc::corrupt,
               "a file of the backup is " + std::string(found ? "not as it was written: " : "missing: ") + path};
}

Result<void> Restore::begin() {
  auto manifest = choose_generation(paths_, options_.generation);
  if (!manifest) return manifest.error();
  manifest_ = *std::move(manifest);
  auto old = store_->directory->read([&](sqlite::Connection& db) {
    return sqlite::find_account(db, manifest_.generation.account, sqlite::IdentityKind::any);
  });
  if (!old && old.error().code != Errc::not_found) return old.error();
  if (old) {
    if (!options_.replace) return Error{Errc::already_exists, "the account exists: " + old->name};
    if (old->name != manifest_.generation.account) {
      return Error{Errc::already_exists, "the name belongs to the account " + old->name};
    }
    old_ = *std::move(old);
  }
  const std::string& root = store_->options.path;
  auto lock = base::File::open_or_create(base::join_path(root, std::string(kRestoreLock)));
  if (!lock) return lock.error();
  store_lock_ = *std::move(lock);
  if (::flock(store_lock_.fd(), LOCK_SH) != 0) return base::system_error(errno, "lock of " + root);
  staging_ = base::join_path(root, std::string(kStagingPrefix) + base::random_hex(16));
  return base::make_directories(base::join_path(staging_, "large"));
}

Result<void> Restore::bring_files(sqlite::Connection& scratch, const std::string& large, Progress& progress) const {
  auto files = sqlite::list_backup_files(scratch, true);
  if (!files) return files.error();
  for (const sqlite::BackupFile& file : *files) {
    const std::string source = base::join_path(paths_.large, file.name);
    const std::string target = base::join_path(large, file.name);
    auto linked = link_or_copy(source, target, options_.link);
    if (!linked && linked.error().code == Errc::not_found) {
      return Error{Errc::corrupt, "a file of the backup is missing: " + source};
    }
    if (!linked) return linked.error();
    if (auto checked = check_sum(target, {file.size, file.sha256}); !checked) return checked;
    if (auto going_on = progress.add(file.size); !going_on) return going_on;
  }
  return {};
}

Result<void> Restore::fill(sqlite::Connection& db, Progress& progress) {
  const std::string large = base::join_path(staging_, "large");
  for (const Pack& pack : manifest_.packs) {
    const std::string path = base::join_path(paths_.small, pack.name);
    if (auto checked = check_sum(path, pack.sum); !checked) return checked;
    if (auto done = sqlite::attach(db, path, "pack", false); !done) return done;
    if (auto done = db.run("BEGIN"); !done) return done;
    auto filled = sqlite::fill_bodies(db, pack.first, pack.last);
    if (filled) filled = db.run("COMMIT");
    if (!filled) return filled;
    if (auto done = sqlite::detach(db, "pack"); !done) return done;
    if (auto going_on = progress.add(pack.sum.size); !going_on) return going_on;

    auto scratch = sqlite::open_scratch();
    if (!scratch) return scratch.error();
    if (auto done = sqlite::attach(**scratch, paths_.mail(manifest_.generation.number), "gen", false); !done)
      return done;
    if (auto done = sqlite::attach(**scratch, path, "pack", false); !done) return done;
    if (auto done = bring_files(**scratch, large, progress); !done) return done;
  }
  if (auto done = db.run("BEGIN"); !done) return done;
  auto missing = db.value("SELECT count(*) FROM main.backup_body WHERE id NOT IN (SELECT id FROM main.body)");
  if (!missing) return missing.error();
  if (missing->value_or(0) != 0) return Error{Errc::corrupt, "the backup lacks messages: " + paths_.root};
  if (auto done = sqlite::finish_mail(db); !done) return done;
  return db.run("COMMIT");
}

Result<void> Restore::build() {
  const std::uint64_t number = manifest_.generation.number;
  if (auto checked = check_sum(paths_.directory(number), manifest_.directory); !checked) return checked;
  const std::string mail = base::join_path(staging_, "mail.db");
  auto copied = copy_file(paths_.mail(number), mail);
  if (!copied && copied.error().code != Errc::not_found) return copied.error();
  if (!copied || *copied != manifest_.mail) {
    return Error{Errc::corrupt, "a file of the backup is damaged: " + paths_.mail(number)};
  }
  Progress progress(options_.progress, manifest_.generation.usage.bytes);
  {
    // Nobody else opens the file, and it is synced when it is complete.
    auto db = sqlite::open_source(mail, {.durable = false});
    if (!db) return db.error();
    if (auto filled = fill(**db, progress); !filled) return filled;
    if (auto migrated = sqlite::migrate(**db, sqlite::kMailSchema); !migrated) return migrated;
  }
  return sync_file(mail);
}

Result<void> Restore::adjust(const Before& before) const {
  const std::string mail = base::join_path(staging_, "mail.db");
  {
    auto db = sqlite::open_source(mail, {.durable = false});
    if (!db) return db.error();
    if (auto begun = (*db)->run("BEGIN"); !begun) return begun;
    auto done = go_on_from(**db, before, store_->clock());
    if (done) done = (*db)->run("COMMIT");
    if (!done) return done;
  }
  for (const char* name : {"mail.db-wal", "mail.db-shm"}) {
    if (base::file_exists(base::join_path(staging_, name))) {
      return Error{Errc::unavailable, "the database of the account could not be completed: " + mail};
    }
  }
  if (auto synced = sync_file(mail); !synced) return synced;
  if (auto synced = base::sync_directory(base::join_path(staging_, "large")); !synced) return synced;
  return base::sync_directory(staging_);
}

Result<void> Restore::put_in_place() {
  // A connection of its own, because it needs the backup's file beside directory.db.
  auto db = sqlite::Connection::open(store_->directory->path(), store_->connection_options(false));
  if (!db) return db.error();
  if (auto done = sqlite::attach(**db, paths_.directory(manifest_.generation.number), "gen", false); !done) return done;
  if (auto begun = (*db)->run("BEGIN IMMEDIATE"); !begun) return begun;
  const auto work = [&]() -> Result<void> {
    Result<AccountId> id{AccountId{}};
    if (old_ && !options_.directory) {
      id = sqlite::renumber_account(**db, old_->id);
    } else {
      if (old_) {
        if (auto done = sqlite::delete_everywhere(**db, old_->id); !done) return done;
      }
      id = sqlite::insert_from_backup(**db);
    }
    if (!id) return id.error();
    auto row = sqlite::load_account_by_id(**db, *id);
    if (!row) return row.error();
    row_ = *std::move(row);
    // As the creation of an account does: what a crash leaves before the commit, the next sweep finds.
    const std::string target = store_->locate(row_.id).directory;
    const std::string folder = target.substr(0, target.rfind('/'));
    if (auto removed = base::remove_directory_tree(target); !removed) return removed;
    if (auto made = base::make_directories(folder); !made) return made;
    if (auto renamed = base::rename_file(staging_, target); !renamed) return renamed;
    staging_ = target;
    if (auto synced = base::sync_directory(folder); !synced) return synced;
    return (*db)->run("COMMIT");
  };
  auto done = work();
  if (!done) {
    if ((*db)->in_transaction()) (void)(*db)->run("ROLLBACK");
    // After a COMMIT that failed nobody knows: the files stay, and the next sweep decides.
    if (row_.id != AccountId{}) staging_.clear();
    return done;
  }
  staging_.clear();
  return {};
}

Result<void> Restore::replace(const sqlite::DirectoryRow& old) {
  // With its write lock in hand the old account gives out nothing more; whoever waits finds it gone.
  bool was_placed = false;
  Result<void> placed;
  auto open = store_->open_account(old.id);
  if (open) {
    auto done = (*open)->database->write([&](sqlite::Connection& db) -> Result<void> {
      if (!(*open)->is_current()) return Error{Errc::not_found, "the account was removed"};
      auto before = look_at(db);
      placed = adjust(before ? *before : Before{});
      if (placed) placed = put_in_place();
      was_placed = true;
      if (!placed) return placed;
      const std::string directory = store_->locate(old.id).directory;
      const std::string away = directory.substr(0, directory.rfind('/') + 1) + "removed-" + base::random_hex(16);
      (void)base::rename_file(directory, away);
      return {};
    });
    if (was_placed) return placed;
    if (done || done.error().code == Errc::not_found) {
      return Error{Errc::in_use, "the account was replaced or removed by somebody else"};
    }
    if (done.error().code != Errc::corrupt) return done;
  } else if (open.error().code != Errc::corrupt) {
    return open.error();
  }
  // It is damaged: nobody can write to it, and what it had given out is not known.
  placed = adjust({});
  return placed ? put_in_place() : placed;
}

Result<Account> Restore::run() {
  auto lock = lock_backup(paths_, false);
  if (!lock) return lock.error();
  if (auto begun = begin(); !begun) return begun.error();
  if (auto built = build(); !built) return built.error();
  Result<void> placed;
  if (old_) {
    placed = replace(*old_);
  } else {
    placed = adjust({});
    if (placed) placed = put_in_place();
  }
  if (!placed) return placed.error();

  if (old_) {
    // As Store::remove_account() does.
    const std::string directory = store_->locate(old_->id).directory;
    const std::string away = directory.substr(0, directory.rfind('/') + 1) + "removed-" + base::random_hex(16);
    (void)base::rename_file(directory, away);
    store_->accounts.drop(old_->id);
    // Its group stays as well, if nothing was asked for from the backup.
    if (!options_.directory) {
      if (auto group = store_->usage->chosen_group(old_->id)) manifest_.group = *std::move(group);
    }
    store_->usage->remove(old_->id);
    store_->hub.ring(old_->id, {}, true);
  }
  (void)store_->usage->look_again(row_.id, row_.name);
  if (!manifest_.group.empty()) (void)store_->usage->assign(row_.id, row_.name, manifest_.group);
  store_->removed.note(row_.id, 0);  // its window may be over
  store_->observe(Severity::info, "account_restored", row_.name, paths_.root);
  return Account(std::make_shared<const Account::Impl>(Account::Impl{store_, row_.id, row_.name}));
}

}  // namespace

Result<void> sweep_restores(const std::string& root) {
  auto names = base::list_directory(root);
  if (!names) return names.error();
  std::erase_if(*names, [](const std::string& name) { return !name.starts_with(kStagingPrefix); });
  if (names->empty()) return {};
  auto lock = base::File::open_or_create(base::join_path(root, std::string(kRestoreLock)));
  if (!lock) return lock.error();
  if (::flock(lock->fd(), LOCK_EX | LOCK_NB) != 0) return {};  // one of them is at work
  for (const std::string& name : *names) (void)base::remove_directory_tree(base::join_path(root, name));
  return {};
}

}  // namespace store

Result<Account> restore_account(const Store& store, const std::string& directory, const RestoreOptions& options) {
  return store::Restore(store.impl(), store::BackupPaths(directory), options).run();
}

}  // namespace postfach
