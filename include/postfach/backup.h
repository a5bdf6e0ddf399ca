// Backup and restore of one account, while the store is in use.
//
//     postfach::back_up(account, "/backup/alice").value();          // each day: costs what is new
//     postfach::verify_backup("/backup/alice").value();
//     postfach::restore_account(store, "/backup/alice").value();    // or a mailbox, or some messages
//
// A backup is a directory for one account, which holds any number of generations; each is the account at one moment (one
// read transaction), whole, whatever writers did meanwhile. Generations share what has not changed:
//
//     generations/0000000007/manifest      written last, at once: a generation without it does not exist
//     generations/0000000007/mail.db       every table of the account's mail.db but the bodies
//     generations/0000000007/directory.db  what directory.db has of the account: names, logins, addresses, password
//                                          hash, SCRAM keys, whether it is enabled, settings (the quota is in mail.db)
//     small/<name>.db                      a pack: bodies of a range of identifiers, with the octets of those up to
//                                          64 KiB, and for the others the SHA-256 of their files
//     large/<name>                         the octets of larger bodies, one file each
//     lock                                 held by whoever works on the backup
//
// Bodies never change, so a new generation reads and writes the new ones, and a copy of the rest of mail.db, some 100 octets
// for each message there is. Packs of alike size are joined (read anew from the account, without what was expunged), so
// that there are never many; a pack of which less than half is in use is written anew. The manifest is text: for each
// file of the generation and each pack a line with its size and SHA-256, and in the end the SHA-256 of the lines before.
//
// Large files are hard links where the file systems allow that, so that they take no room as long as the account has them;
// a link is no second copy, so keep a backup that is to survive the disk on another one. Nothing is encrypted or
// compressed: whoever can read a backup reads the mail, and file systems and tools for archives do both better. Owner and
// mode: as those of a store (0600, 0700). Copy or archive the directory as a whole, while no backup is being made of it.
//
// Everything is written before the manifest, and synced. A crash at any moment leaves the generations that were complete;
// what else it leaves the next backup uses or removes, or the next pruning. Functions that change the directory exclude each other (in_use),
// also between processes; any thread may call them. They take long, read and write much, and hold no transaction of the
// account for longer than it takes to copy its tables without the bodies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "postfach/account.h"
#include "postfach/quota.h"
#include "postfach/result.h"
#include "postfach/store.h"
#include "postfach/types.h"

namespace postfach {

struct BackupProgress {
  std::uint64_t octets = 0;        // of messages, done
  std::uint64_t total_octets = 0;  // about
};
// False: stop, with not_permitted and no harm done. Called some times a second at most, on the caller's thread.
using BackupProgressHook = std::function<bool(const BackupProgress&)>;

struct BackupOptions {
  // False: large files are always copied, so that a fault of the disk can't hit both.
  bool link = true;
  BackupProgressHook progress = {};
};

struct BackupReport {
  std::uint64_t generation = 0;       // its number
  Usage usage;                        // of the account at that moment
  std::uint64_t new_octets = 0;       // of messages that were not in the backup before, or were written anew
  std::uint64_t written = 0;          // octets of files that were made, without links
  std::vector<std::string> problems;  // of the account: what it lacks, the backup can't have
};

// Adds a generation. Makes the directory; its parents must exist. An account that is the successor of another one (made
// anew under the name, or restored) shares with older generations what it has in common with them, and no more. Errors:
// in_use, invalid_argument (the directory holds something else), unavailable, not_permitted (stopped).
Result<BackupReport> back_up(const Account& account, const std::string& directory, const BackupOptions& options = {});

struct BackupGeneration {
  std::uint64_t number = 0;  // ascending
  std::string account;       // the name it had
  std::int64_t made = 0;     // seconds since 1970-01-01T00:00:00Z
  Usage usage;
};
// The complete ones, oldest first. Errors: not_found (no backup).
Result<std::vector<BackupGeneration>> list_backups(const std::string& directory);

struct BackupCheck {
  std::vector<std::uint64_t> generations;  // that were looked at
  std::uint64_t files = 0;
  std::uint64_t octets = 0;           // that were read
  std::vector<std::string> problems;  // one sentence each, for operators; empty: everything can be restored
};
// Reads every file and compares its SHA-256, and looks whether every message of each generation has its octets.
// generation: nothing for all. Errors: not_found, in_use.
Result<BackupCheck> verify_backup(const std::string& directory, std::optional<std::uint64_t> generation = {},
                                  const BackupProgressHook& progress = {});

// Removes all generations but the newest `keep` (at least 1), and what only they needed. Returns how many. Errors:
// not_found, in_use, invalid_argument.
Result<std::uint64_t> prune_backups(const std::string& directory, std::size_t keep);

struct RestoreOptions {
  std::optional<std::uint64_t> generation = {};  // nothing: the newest
  // True: an account of the name is replaced. False: already_exists.
  bool replace = false;
  // When an account is replaced: whether its names, password and settings become those of the backup as well. A password
  // that was changed since because somebody knew it should not come back. (The quota is always that of the backup.)
  bool directory = false;
  // As BackupOptions::link, from the backup to the store.
  bool link = true;
  BackupProgressHook progress = {};
};

// Brings a whole account back, as it was, after checking the SHA-256 of all that it reads. It is built aside and takes its
// place at once: a crash leaves the old account, or the new one. It gets a new AccountId; sessions of the account that was
// replaced get errors from then on, and so do handles to it.
//
// Going back in time must mislead no client:
// - Each mailbox gets a new UIDVALIDITY, so that no client takes one message for another, but a mailbox that is as it was
//   in every respect at the moment of the replacement: its clients need nothing again.
// - MODSEQs go on above the highest that was ever given out. If the account does not exist any more nobody knows that
//   one: then 2^32 are skipped.
// - UIDLs of restored messages are the same as before: a POP3 client downloads nothing twice. New messages get UIDLs of a
//   new epoch, which repeat none that was given out since the backup. MAILBOXIDs (RFC 8474) are not given out again either.
//
// Limits of quota groups are not asked: what was there is there again. The group that the account was put into is kept.
//
// Errors: not_found (no such backup or generation), already_exists (also if another account has one of the names),
// corrupt (the backup is damaged: nothing was changed), newer_schema, unavailable, not_permitted (stopped).
Result<Account> restore_account(const Store& store, const std::string& directory, const RestoreOptions& options = {});

struct BackupMailbox {
  std::string name;
  std::uint32_t messages = 0;
  std::uint64_t bytes = 0;
};
Result<std::vector<BackupMailbox>> backup_mailboxes(const std::string& directory,
                                                    std::optional<std::uint64_t> generation = {});  // sorted by name

struct BackupMessage {
  MessageId id{};
  Uid uid = 0;
  Flags flags;
  DateTime internal_date;
  std::uint64_t size = 0;
  std::string envelope;  // RFC 9051 §7.5.2
};
// Up to `most` (1..1000) messages of a mailbox with a UID above `after`, ascending. Errors: not_found (also the mailbox).
Result<std::vector<BackupMessage>> backup_messages(const std::string& directory, std::string_view mailbox,
                                                   Uid after = 0, std::size_t most = 100,
                                                   std::optional<std::uint64_t> generation = {});

struct RestoreMailboxOptions {
  std::optional<std::uint64_t> generation = {};
  std::string mailbox = {};          // its name in the backup
  std::vector<MessageId> only = {};  // these messages; empty: all of the mailbox
  // Where they go; made if it does not exist. Nothing: the mailbox of the same name.
  std::optional<std::string> into = {};
  BackupProgressHook progress = {};
};
struct RestoreMailboxReport {
  std::uint64_t restored = 0;
  std::uint64_t present = 0;  // that the account still has, wherever: they were left alone
};
// Brings messages back into an account that is in use, beside what it has: messages that it lost since the backup, or all
// of them if it is another account or one that was made anew. They are appended in the order of their UIDs, in short
// transactions, with flags (but \Deleted), keywords and internal date, and the UIDLs that they had. What was restored
// stays if the function fails on the way; it may be called again. Errors: not_found (backup, generation, mailbox),
// over_quota, limit, corrupt (the backup).
Result<RestoreMailboxReport> restore_mailbox(const Account& account, const std::string& directory,
                                             const RestoreMailboxOptions& options);

}  // namespace postfach
