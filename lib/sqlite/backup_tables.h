// What a backup is made of, in SQL: copies of the tables of a mail.db or directory.db in files of their own, which are
// attached to the connection under the names that the functions say. Such files have no log.
//
// Tables are copied as the schema has them, whatever they are called: a table that a later version adds is in the backup
// without a word here. Only bodies and their octets are treated apart, because they never change and are nearly all of
// the file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connection.h"
#include "messages.h"
#include "postfach/types.h"

namespace postfach::sqlite {

// A connection to a database in memory, for files that are attached and only read.
Result<std::unique_ptr<Connection>> open_scratch();
// name: "pack" or "gen". is_new: the file is written now.
Result<void> attach(Connection& db, const std::string& path, std::string_view name, bool is_new);
Result<void> detach(Connection& db, std::string_view name);

// --- Making one. Connections are those of the database that is read, opened by open_source(). ---

// Foreign keys are off, and nothing is written to the file itself.
Result<std::unique_ptr<Connection>> open_source(const std::string& path, ConnectionOptions options);

// Tables body and content of "main" in SQL: files that were made with another text hold other columns.
Result<std::string> body_schema(Connection& db);
// First identifiers and prefixes of UIDLs: bodies are the same in two databases if these are, up to their identifiers.
Result<std::vector<std::pair<std::int64_t, std::string>>> list_epochs(Connection& db);

// Makes the tables body, content and backup_file in "pack".
Result<void> begin_pack(Connection& db);
struct CopiedBodies {
  struct Large {
    std::int64_t id = 0;
    std::string file;
    std::uint64_t size = 0;
  };
  std::int64_t last = 0;  // the last one; 0: there was none
  std::uint64_t rows = 0;
  std::uint64_t octets = 0;  // of the messages
  std::vector<Large> large;
};
// Copies up to `most` bodies of [first, last] into "pack", the lowest first, within the caller's transaction.
Result<CopiedBodies> copy_bodies(Connection& db, std::int64_t first, std::int64_t last, std::size_t most);
// Octets of the messages whose bodies lie in [first, last].
Result<std::uint64_t> count_octets(Connection& db, std::int64_t first, std::int64_t last);
Result<bool> body_exists(Connection& db, std::int64_t id);
Result<void> insert_backup_file(Connection& db, std::int64_t id, const CopiedBodies::Large& file,
                                std::string_view sha256);
struct BackupFile {
  std::int64_t id = 0;
  std::string name;
  std::uint64_t size = 0;
  std::string sha256;  // hex
};
// Of "pack"; only_live: those that "gen" refers to.
Result<std::vector<BackupFile>> list_backup_files(Connection& db, bool only_live);

// Copies every other table into "gen", and which bodies are in use into its table backup_body.
Result<void> copy_mail(Connection& db);
// How many bodies of [first, last] "gen" refers to.
Result<std::uint64_t> count_live(Connection& db, std::int64_t first, std::int64_t last);
// Copies what directory.db, which is "main", knows of the account into "gen".
Result<void> copy_account(Connection& directory, AccountId id);

// --- Reading one ---

// Whatever is wrong with the attached file, as SQLite sees it.
Result<std::vector<std::string>> check_integrity(Connection& db, std::string_view name);
// Bodies of [first, last] that "gen" needs and "pack" lacks, or whose octets are not there in their size.
Result<std::vector<std::int64_t>> missing_bodies(Connection& db, std::int64_t first, std::int64_t last);
// Messages of "gen" whose body it does not know.
Result<std::uint64_t> count_unknown(Connection& db);

struct BackupMailboxRow {
  MailboxId id{};
  std::string name;
  std::uint32_t messages = 0;
  std::uint64_t bytes = 0;
};
Result<std::vector<BackupMailboxRow>> list_backup_mailboxes(Connection& db);  // of "gen", by name
// Up to `most` messages of "gen" with a UID above `after`, ascending; without MODSEQ and save date.
Result<std::vector<MessageRow>> list_backup_messages(Connection& db, MailboxId mailbox, Uid after, std::size_t most);
Result<std::string> backup_envelope(Connection& db, std::int64_t body_id);  // of "pack"
// The octets, or the file that has them. Errors: corrupt (there is no such body in "pack").
struct BackupOctets {
  std::string octets;
  std::optional<BackupFile> file;
};
Result<BackupOctets> read_backup_body(Connection& db, std::int64_t body_id);

// "main" is a copy of the file that was "gen": takes the bodies that it needs from "pack".
Result<void> fill_bodies(Connection& db, std::int64_t first, std::int64_t last);
// Then: what a mail.db has beside its tables.
Result<void> finish_mail(Connection& db);
// What "gen" has of an account comes into "main", a directory.db, as a new account. Errors: already_exists (a name).
Result<AccountId> insert_from_backup(Connection& directory);
// A new identifier for an account, which takes everything along that directory.db knows of it.
Result<AccountId> renumber_account(Connection& directory, AccountId id);
// Everything that directory.db knows of an account.
Result<void> delete_everywhere(Connection& directory, AccountId id);

}  // namespace postfach::sqlite
