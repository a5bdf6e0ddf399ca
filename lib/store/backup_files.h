// The files of a backup: where they are, what a manifest says, copying with SHA-256. See postfach/backup.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "postfach/backup.h"
#include "postfach/result.h"

namespace postfach::store {

struct BackupPaths {
  explicit BackupPaths(std::string root);

  std::string root;
  std::string lock;
  std::string generations;
  std::string small;
  std::string large;

  std::string generation(std::uint64_t number) const;
  std::string manifest(std::uint64_t number) const { return base::join_path(generation(number), "manifest"); }
  std::string mail(std::uint64_t number) const { return base::join_path(generation(number), "mail.db"); }
  std::string directory(std::uint64_t number) const { return base::join_path(generation(number), "directory.db"); }
};

struct FileSum {
  std::uint64_t size = 0;
  std::string sha256;  // hex

  bool operator==(const FileSum&) const = default;
};

// Bodies of a range of identifiers.
struct Pack {
  std::string name;  // in small/
  FileSum sum;
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::uint64_t rows = 0;
  std::uint64_t live = 0;  // of them, in use by the generation
};

struct Manifest {
  BackupGeneration generation;
  ModSeq highest_modseq = 0;
  FileSum mail;
  FileSum directory;
  std::string schema;                                        // SHA-256 of the tables of packs
  std::vector<std::pair<std::int64_t, std::string>> epochs;  // UIDL prefixes
  std::vector<Pack> packs;                                   // ascending, they do not overlap
  std::string group;                                         // of quotas, if it was chosen; else empty

  std::string format() const;
  // Errors: corrupt.
  static Result<Manifest> parse(std::string_view text, const std::string& path);
};

// Errors: not_found, corrupt.
Result<Manifest> load_manifest(const BackupPaths& paths, std::uint64_t number);
// Numbers of complete generations, ascending. Errors: not_found (no backup).
Result<std::vector<std::uint64_t>> list_generations(const BackupPaths& paths);
// The one that was asked for, or the newest. Errors: not_found.
Result<Manifest> choose_generation(const BackupPaths& paths, std::optional<std::uint64_t> number);

// The lock of a backup that exists: alone to change it, shared to read it. Errors: not_found, in_use.
Result<base::File> lock_backup(const BackupPaths& paths, bool alone);

// Where a store puts an account that is being restored, and the file that is locked meanwhile.
inline constexpr std::string_view kStagingPrefix = "restoring-";
inline constexpr std::string_view kRestoreLock = "restore.lock";
// Removes what restores left that broke off.
Result<void> sweep_restores(const std::string& root);

// How far a long work has come.
class Progress {
 public:
  Progress(const BackupProgressHook& hook, std::uint64_t total) : hook_(hook) { state_.total_octets = total; }
  // Errors: not_permitted (stopped).
  Result<void> add(std::uint64_t octets);

 private:
  const BackupProgressHook& hook_;
  BackupProgress state_;
};

// Reads it all.
Result<FileSum> sum_of(const std::string& path);
// Copies to a new file, synced; its directory is not.
Result<FileSum> copy_file(const std::string& from, const std::string& to);
// A second name for the file, or where that can't be a copy under a name of its own before it gets `to`. False: a copy.
// Errors: not_found (from).
Result<bool> link_or_copy(const std::string& from, const std::string& to, bool may_link);
Result<void> sync_file(const std::string& path);
std::string hex_of(std::string_view octets);

}  // namespace postfach::store
