#include "backup_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "auth/sha256.h"
#include "base/random.h"

namespace postfach::store {
namespace {

constexpr std::string_view kFirstLine = "postfach-backup 1";
constexpr std::size_t kDigits = 10;
constexpr std::size_t kPiece = std::size_t{256} * 1024;
constexpr std::uint64_t kMostManifest = 64ULL * 1024 * 1024;

// One line of a manifest: words with one space between them.
class Words {
 public:
  explicit Words(std::string_view line) noexcept : rest_(line) {}
  std::string_view next() noexcept {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return word;
  }
  std::string_view rest() const noexcept { return rest_; }
  template <class Number>
  Number number() noexcept {
    Number value{};
    const std::string_view word = next();
    const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
    if (word.empty() || read.ec != std::errc() || read.ptr != word.data() + word.size()) ok_ = false;
    return value;
  }
  FileSum sum() {
    FileSum sum;
    sum.size = number<std::uint64_t>();
    sum.sha256 = next();
    if (sum.sha256.size() != 2 * auth::kSha256Size) ok_ = false;
    return sum;
  }
  // A name without a way out of its directory.
  std::string name() {
    const std::string_view word = next();
    if (word.empty() || word.front() == '.' || word.find('/') != std::string_view::npos) ok_ = false;
    return std::string(word);
  }
  bool ok() const noexcept { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::string line_of(std::string_view what, const FileSum& sum) {
  return std::string(what) + " " + std::to_string(sum.size) + " " + sum.sha256 + "\n";
}

bool parse_line(std::string_view line, Manifest& manifest) {
  Words words(line);
  const std::string_view what = words.next();
  if (what == "account") {
    manifest.generation.account = words.rest();
    return !manifest.generation.account.empty();
  }
  if (what == "group") {
    manifest.group = words.rest();
    return true;
  }
  if (what == "generation") {
    manifest.generation.number = words.number<std::uint64_t>();
    manifest.generation.made = words.number<std::int64_t>();
  } else if (what == "usage") {
    manifest.generation.usage.bytes = words.number<std::uint64_t>();
    manifest.generation.usage.messages = words.number<std::uint64_t>();
    manifest.highest_modseq = words.number<ModSeq>();
  } else if (what == "schema") {
    manifest.schema = words.next();
  } else if (what == "epoch") {
    const auto first = words.number<std::int64_t>();
    manifest.epochs.emplace_back(first, words.next());
  } else if (what == "mail.db") {
    manifest.mail = words.sum();
  } else if (what == "directory.db") {
    manifest.directory = words.sum();
  } else if (what == "pack") {
    Pack pack;
    pack.name = words.name();
    pack.sum = words.sum();
    pack.first = words.number<std::int64_t>();
    pack.last = words.number<std::int64_t>();
    pack.rows = words.number<std::uint64_t>();
    pack.live = words.number<std::uint64_t>();
    manifest.packs.push_back(std::move(pack));
  } else {
    return false;
  }
  return words.ok();
}

// Calls take(piece) for the octets of a file.
template <class Take>
Result<void> read_in_pieces(const base::File& file, Take take) {
  std::string buffer(kPiece, '\0');
  for (std::uint64_t offset = 0;;) {
    const auto got = file.read_at(offset, buffer.data(), buffer.size());
    if (!got) return got.error();
    if (*got == 0) return {};
    if (Result<void> done = take(std::string_view(buffer).substr(0, *got)); !done) return done;
    offset += *got;
  }
}

}  // namespace

BackupPaths::BackupPaths(std::string path)
    : root(std::move(path)),
      lock(base::join_path(root, "lock")),
      generations(base::join_path(root, "generations")),
      small(base::join_path(root, "small")),
      large(base::join_path(root, "large")) {}

std::string BackupPaths::generation(std::uint64_t number) const {
  std::string name = std::to_string(number);
  if (name.size() < kDigits) name.insert(0, kDigits - name.size(), '0');
  return base::join_path(generations, name);
}

std::string Manifest::format() const {
  std::string text(kFirstLine);
  text += "\ngeneration " + std::to_string(generation.number) + " " + std::to_string(generation.made);
  text += "\naccount " + generation.account;
  text += "\nusage " + std::to_string(generation.usage.bytes) + " " + std::to_string(generation.usage.messages) + " " +
          std::to_string(highest_modseq) + "\n";
  if (!group.empty()) text += "group " + group + "\n";
  text += "schema " + schema + "\n";
  for (const auto& [first, prefix] : epochs) text += "epoch " + std::to_string(first) + " " + prefix + "\n";
  text += line_of("mail.db", mail);
  text += line_of("directory.db", directory);
  for (const Pack& pack : packs) {
    text += "pack " + pack.name + " " + std::to_string(pack.sum.size) + " " + pack.sum.sha256;
    for (const std::int64_t number : {pack.first, pack.last}) text += " " + std::to_string(number);
    for (const std::uint64_t number : {pack.rows, pack.live}) text += " " + std::to_string(number);
    text += "\n";
  }
  return text + "end " + hex_of(auth::sha256(text)) + "\n";
}

Result<Manifest> Manifest::parse(std::string_view text, const std::string& path) {
  const Error broken{Errc::corrupt, "the manifest is damaged: " + path};
  const std::size_t end = text.rfind("\nend ");
  if (!text.starts_with(std::string(kFirstLine) + "\n") || end == std::string_view::npos) return broken;
  std::string_view lines = text.substr(0, end + 1);
  if (text.substr(end + 1) != "end " + hex_of(auth::sha256(lines)) + "\n") return broken;
  Manifest manifest;
  lines.remove_prefix(kFirstLine.size() + 1);
  while (!lines.empty()) {
    const std::size_t length = lines.find('\n');
    if (!parse_line(lines.substr(0, length), manifest)) return broken;
    lines.remove_prefix(length + 1);
  }
  return manifest;
}

Result<Manifest> load_manifest(const BackupPaths& paths, std::uint64_t number) {
  const std::string path = paths.manifest(number);
  auto text = base::read_file(path, kMostManifest);
  if (!text) return text.error();
  return Manifest::parse(*text, path);
}

Result<std::vector<std::uint64_t>> list_generations(const BackupPaths& paths) {
  auto names = base::list_directory(paths.generations);
  if (!names) {
    if (names.error().code != Errc::not_found) return names.error();
    return Error{Errc::not_found, "there is no backup at " + paths.root};
  }
  std::vector<std::uint64_t> numbers;
  for (const std::string& name : *names) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size()) continue;
    if (base::file_exists(paths.manifest(number))) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<Manifest> choose_generation(const BackupPaths& paths, std::optional<std::uint64_t> number) {
  if (!number) {
    auto numbers = list_generations(paths);
    if (!numbers) return numbers.error();
    if (numbers->empty()) return Error{Errc::not_found, "the backup has no generation: " + paths.root};
    number = numbers->back();
  }
  auto manifest = load_manifest(paths, *number);
  if (!manifest && manifest.error().code == Errc::not_found) {
    return Error{Errc::not_found, "the backup has no generation " + std::to_string(*number)};
  }
  return manifest;
}

Result<base::File> lock_backup(const BackupPaths& paths, bool alone) {
  auto file = base::File::open_for_reading(paths.lock);
  if (!file) {
    if (file.error().code != Errc::not_found) return file.error();
    return Error{Errc::not_found, "there is no backup at " + paths.root};
  }
  if (::flock(file->fd(), (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return base::system_error(errno, "lock of " + paths.root);
    return Error{Errc::in_use, "another process works on the backup " + paths.root};
  }
  return file;
}

Result<void> Progress::add(std::uint64_t octets) {
  state_.octets += octets;
  if (!hook_ || hook_(state_)) return {};
  return Error{Errc::not_permitted, "stopped by the caller"};
}

Result<FileSum> sum_of(const std::string& path) {
  auto file = base::File::open_for_reading(path);
  if (!file) return file.error();
  auth::Sha256 sha;
  FileSum sum;
  auto done = read_in_pieces(*file, [&](std::string_view piece) -> Result<void> {
    sha.add(piece);
    sum.size += piece.size();
    return {};
  });
  if (!done) return done.error();
  sum.sha256 = hex_of(sha.finish());
  return sum;
}

Result<FileSum> copy_file(const std::string& from, const std::string& to) {
  auto source = base::File::open_for_reading(from);
  if (!source) return source.error();
  auto target = base::File::create(to);
  if (!target) return target.error();
  auth::Sha256 sha;
  FileSum sum;
  auto done = read_in_pieces(*source, [&](std::string_view piece) {
    sha.add(piece);
    sum.size += piece.size();
    return target->write(piece);
  });
  if (done) done = target->sync();
  if (!done) {
    (void)base::remove_file(to);
    return done.error();
  }
  sum.sha256 = hex_of(sha.finish());
  return sum;
}

Result<bool> link_or_copy(const std::string& from, const std::string& to, bool may_link) {
  if (may_link) {
    if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return true;
    if (errno == ENOENT) return base::system_error(errno, "link " + from);
    // Another file system, one without links, too many of them: a copy does it.
  }
  const std::string temporary = to + ".tmp-" + base::random_hex(8);
  if (auto copied = copy_file(from, temporary); !copied) return copied.error();
  if (auto renamed = base::rename_file(temporary, to); !renamed) return renamed.error();
  return false;
}

Result<void> sync_file(const std::string& path) {
  auto file = base::File::open_for_reading(path);
  if (!file) return file.error();
  return file->sync();
}

std::string hex_of(std::string_view octets) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  for (const char c : octets) {
    text += kHex[static_cast<unsigned char>(c) >> 4U];
    text += kHex[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

}  // namespace postfach::store
