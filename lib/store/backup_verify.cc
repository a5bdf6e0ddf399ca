// verify_backup.
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "backup_files.h"
#include "postfach/backup.h"
#include "sqlite/backup_tables.h"

namespace postfach {
namespace store {
namespace {

class Verifier {
 public:
  Verifier(BackupPaths paths, const BackupProgressHook& hook, std::uint64_t total)
      : paths_(std::move(paths)), progress_(hook, total) {}

  Result<void> check(std::uint64_t number);
  BackupCheck take_result() { return std::move(check_); }

 private:
  void problem(std::string text) { check_.problems.push_back(std::move(text)); }
  // Reads a file, once. True: it is as it was written.
  Result<bool> is_sound(const std::string& path, const FileSum& sum);
  Result<void> check_bodies(const Manifest& manifest);
  Result<void> check_pack(sqlite::Connection& scratch, const Pack& pack, std::uint64_t& live);

  const BackupPaths paths_;
  Progress progress_;
  BackupCheck check_;
  std::unordered_map<std::string, bool> files_;  // that were read
  std::unordered_set<std::string> checked_;      // packs whose tables were looked at
};

Result<bool> Verifier::is_sound(const std::string& path, const FileSum& sum) {
  if (const auto known = files_.find(path); known != files_.end()) return known->second;
  auto found = sum_of(path);
  if (!found && found.error().code == Errc::internal) return found.error();
  ++check_.files;
  const bool sound = found && *found == sum;
  if (!found) {
    problem(found.error().code == Errc::not_found ? "a file is missing: " + path : found.error().message);
  } else if (!sound) {
    problem("a file is not as it was written: " + path);
  }
  files_.emplace(path, sound);
  if (!found) return false;
  check_.octets += found->size;
  if (auto going_on = progress_.add(found->size); !going_on) return going_on.error();
  return sound;
}

Result<void> Verifier::check_pack(sqlite::Connection& scratch, const Pack& pack, std::uint64_t& live) {
  const std::string path = base::join_path(paths_.small, pack.name);
  if (checked_.insert(pack.name).second) {
    auto wrong = sqlite::check_integrity(scratch, "pack");
    if (!wrong) return wrong.error();
    for (const std::string& each : *wrong) problem(std::string(path).append(": ").append(each));
  }
  auto count = sqlite::count_live(scratch, pack.first, pack.last);
  if (!count) return count.error();
  live += *count;
  auto missing = sqlite::missing_bodies(scratch, pack.first, pack.last);
  if (!missing) return missing.error();
  for (const std::int64_t id : *missing)
    problem("the octets of a message are missing: " + path + ", body " + std::to_string(id));
  auto files = sqlite::list_backup_files(scratch, true);
  if (!files) return files.error();
  for (const sqlite::BackupFile& file : *files) {
    auto sound = is_sound(base::join_path(paths_.large, file.name), {file.size, file.sha256});
    if (!sound) return sound.error();
  }
  return {};
}

Result<void> Verifier::check_bodies(const Manifest& manifest) {
  auto scratch = sqlite::open_scratch();
  if (!scratch) return scratch.error();
  const std::string mail = paths_.mail(manifest.generation.number);
  if (auto done = sqlite::attach(**scratch, mail, "gen", false); !done) return done;
  auto wrong = sqlite::check_integrity(**scratch, "gen");
  if (!wrong) return wrong.error();
  for (const std::string& each : *wrong) problem(std::string(mail).append(": ").append(each));
  std::uint64_t live = 0;
  bool all_sound = true;
  for (const Pack& pack : manifest.packs) {
    const std::string path = base::join_path(paths_.small, pack.name);
    auto sound = is_sound(path, pack.sum);
    if (!sound) return sound.error();
    all_sound = all_sound && *sound;
    if (!*sound) continue;
    if (auto done = sqlite::attach(**scratch, path, "pack", false); !done) return done;
    if (auto done = check_pack(**scratch, pack, live); !done) return done;
    if (auto done = sqlite::detach(**scratch, "pack"); !done) return done;
  }
  auto needed = sqlite::count_live(**scratch, INT64_MIN, INT64_MAX);
  if (!needed) return needed.error();
  auto unknown = sqlite::count_unknown(**scratch);
  if (!unknown) return unknown.error();
  if ((all_sound && live != *needed) || *unknown != 0) problem("messages have no octets in any file: " + mail);
  return {};
}

Result<void> Verifier::check(std::uint64_t number) {
  check_.generations.push_back(number);
  auto manifest = load_manifest(paths_, number);
  if (!manifest) {
    if (manifest.error().code != Errc::corrupt) return manifest.error();
    problem(manifest.error().message);
    return {};
  }
  auto directory = is_sound(paths_.directory(number), manifest->directory);
  if (!directory) return directory.error();
  auto mail = is_sound(paths_.mail(number), manifest->mail);
  if (!mail) return mail.error();
  if (!*mail) return {};
  auto checked = check_bodies(*manifest);
  if (checked || checked.error().code != Errc::corrupt) return checked;
  problem(checked.error().message);
  return {};
}

}  // namespace
}  // namespace store

Result<BackupCheck> verify_backup(const std::string& directory, std::optional<std::uint64_t> generation,
                                  const BackupProgressHook& progress) {
  const store::BackupPaths paths(directory);
  auto lock = store::lock_backup(paths, false);
  if (!lock) return lock.error();
  auto numbers = store::list_generations(paths);
  if (!numbers) return numbers.error();
  if (generation) {
    if (!base::file_exists(paths.manifest(*generation))) {
      return Error{Errc::not_found, "the backup has no generation " + std::to_string(*generation)};
    }
    numbers = std::vector<std::uint64_t>{*generation};
  }
  // The newest tells how much there is to read, about.
  std::uint64_t total = 0;
  if (!numbers->empty()) {
    if (auto last = store::load_manifest(paths, numbers->back())) total = last->generation.usage.bytes;
  }
  store::Verifier verifier(paths, progress, total);
  for (const std::uint64_t number : *numbers) {
    if (auto done = verifier.check(number); !done) return done.error();
  }
  return verifier.take_result();
}

}  // namespace postfach
