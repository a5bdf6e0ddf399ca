#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "base/ascii.h"
#include "base/files.h"
#include "import_batch.h"
#include "maildir_format.h"
#include "postfach/import.h"
#include "uidl_format.h"

namespace postfach {
namespace {

using base::File;

constexpr std::size_t kBuffer = 256 * 1024;
constexpr std::size_t kLookedUp = 500;   // messages at once
constexpr std::size_t kMostLevels = 64;  // a name of a mailbox has no more

bool is_directory(const std::string& path) noexcept {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool is_maildir(const std::string& path) noexcept {
  return is_directory(base::join_path(path, "cur")) && is_directory(base::join_path(path, "new"));
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype([](char* made) { ::free(made); })> made(::realpath(path.c_str(), nullptr));
  return made ? std::string(made.get()) : path;
}

// A file of cur or new.
struct MaildirFile {
  std::string name;
  bool is_new = false;
  Uid uid = 0;
  std::string_view uidl;
};

// By UID; those without one behind them, by name, which begins with the time of delivery.
bool comes_before(const MaildirFile& a, const MaildirFile& b) noexcept {
  if (a.uid != b.uid) return a.uid - 1 < b.uid - 1;  // 0 becomes the highest
  return a.name < b.name;
}

Result<void> list_files(const std::string& folder, bool is_new, std::vector<MaildirFile>& files) {
  auto names = base::list_directory(base::join_path(folder, is_new ? "new" : "cur"));
  if (!names) return names.error();
  for (auto& name : *names) {
    if (!name.starts_with('.')) files.push_back({std::move(name), is_new, 0, {}});
  }
  return {};
}

// A folder of messages.
struct MaildirFolder {
  std::string path;
  std::string entry;  // where it lies in the Maildir, empty for the Maildir itself: what it is known by
  std::string name;   // of the mailbox below the one that takes all in; empty: that one itself, which POP3 shows
};

class MaildirImport {
 public:
  MaildirImport(store::ImportBatch& batch, const ImportOptions& options, std::string source)
      : batch_(batch), options_(options), source_(std::move(source)), buffer_(kBuffer, '\0') {}

  Result<void> folder(const MaildirFolder& folder, const std::string& mailbox);

 private:
  struct Folder {
    const std::string& path;
    const store::MaildirUids& uids;
    const store::MaildirKeywords& keywords;
    bool is_maildrop;  // POP3 shows no other
  };
  bool some(const Folder& folder, const MaildirFile* begin, const MaildirFile* end);
  bool file(const Folder& folder, const MaildirFile& file, std::string key);

  store::ImportBatch& batch_;
  const ImportOptions& options_;
  std::string source_;
  std::string buffer_;
};

Result<void> MaildirImport::folder(const MaildirFolder& folder, const std::string& mailbox) {
  const std::string& path = folder.path;
  const store::MaildirUids uids(path);
  const store::MaildirKeywords keywords(path);
  std::vector<MaildirFile> files;
  for (const bool is_new : {false, true}) {
    if (auto listed = list_files(path, is_new, files); !listed) return listed;
  }
  for (MaildirFile& each : files) {
    const auto known = uids.find(store::maildir_base_name(each.name));
    each.uid = known.uid;
    each.uidl = known.uidl;
  }
  std::sort(files.begin(), files.end(), comes_before);

  auto entered = batch_.enter({.mailbox = mailbox,
                               .source = source_ + "/" + folder.entry,
                               .uid_validity = uids.uid_validity(),
                               .uid_next = uids.uid_next()});
  if (!entered) return entered;
  const Folder here{path, uids, keywords, folder.name.empty()};
  for (std::size_t at = 0; at < files.size(); at += kLookedUp) {
    if (!some(here, files.data() + at, files.data() + std::min(at + kLookedUp, files.size()))) break;
  }
  return {};
}

bool MaildirImport::some(const Folder& folder, const MaildirFile* begin, const MaildirFile* end) {
  std::vector<std::string> keys;
  for (const auto* each = begin; each != end; ++each) keys.emplace_back(store::maildir_base_name(each->name));
  auto present = batch_.intake().present(keys);
  if (!present) return batch_.stop(std::move(present).error());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!((*present)[i] ? batch_.skip_present(0) : file(folder, begin[i], std::move(keys[i])))) return false;
  }
  return true;
}

bool MaildirImport::file(const Folder& folder, const MaildirFile& file, std::string key) {
  const auto path = base::join_path(base::join_path(folder.path, file.is_new ? "new" : "cur"), file.name);
  const auto left_out = [&](const std::string& why) {
    batch_.problem(path + " was left out: " + why);
    return true;
  };
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return left_out("it is no regular file");
  auto opened = File::open_for_reading(path);
  if (!opened) return left_out(opened.error().message);

  auto spool = batch_.spool();
  LocalText text;
  std::uint64_t offset = 0;
  for (;;) {
    auto got = opened->read_at(offset, buffer_.data(), buffer_.size());
    if (!got) return left_out(got.error().message);
    if (*got == 0) break;
    offset += *got;
    if (auto written = spool.write(text.convert({buffer_.data(), *got})); !written) {
      if (written.error().code != Errc::limit) return batch_.stop(std::move(written).error());
      return left_out(written.error().message);
    }
  }
  auto marks = store::maildir_marks(file.name, folder.keywords);
  std::string uidl(file.uidl);
  if (uidl.empty() && folder.is_maildrop)
    uidl = store::make_uidl(options_.uidl_format, file.uid, folder.uids.uid_validity(), key);
  return batch_.add({.message = {.content = std::move(spool),
                                 .flags = marks.flags,
                                 .keywords = std::move(marks.keywords),
                                 .internal_date = DateTime{static_cast<std::int64_t>(info.st_mtime), 0},
                                 .uidl = std::move(uidl)},
                     .key = std::move(key),
                     .uid = file.uid},
                    offset);
}

std::string below(std::string_view above, std::string_view name) { return std::string(above).append("/").append(name); }

void subscribe(const Account& account, const std::string& path, bool is_fs, const std::string& above,
               store::ImportBatch& batch) {
  for (const auto& name : store::maildir_subscriptions(path, is_fs)) {
    // Where the Maildir becomes a mailbox below others, so do its subscriptions.
    const bool is_inbox = base::equals_ignoring_case(name, "INBOX");
    const auto full = above.empty() ? name : is_inbox ? above : below(above, name);
    if (auto done = account.subscribe(full); !done) {
      batch.problem("the subscription of " + full + " was left out: " + done.error().message);
    }
  }
}

std::uint64_t count_files(const std::vector<MaildirFolder>& folders) {
  std::uint64_t count = 0;
  for (const MaildirFolder& folder : folders) {
    for (const char* const part : {"cur", "new"}) {
      if (const auto names = base::list_directory(base::join_path(folder.path, part))) count += names->size();
    }
  }
  return count;
}

// Maildir++: all folders lie in the Maildir itself, and begin with a dot.
Result<std::vector<MaildirFolder>> list_dot_folders(const std::string& path) {
  auto entries = base::list_directory(path);
  if (!entries) return std::move(entries).error();
  std::vector<MaildirFolder> folders;
  for (std::string& entry : *entries) {
    std::string subfolder = base::join_path(path, entry);
    if (entry.size() < 2 || entry.front() != '.' || !is_maildir(subfolder)) continue;
    std::string name = store::maildir_mailbox_name(std::string_view(entry).substr(1));
    folders.push_back({std::move(subfolder), std::move(entry), std::move(name)});
  }
  return folders;
}

// Dovecot's LAYOUT=fs: "Archive/v1.0" is the folder v1.0 in the folder Archive. Symbolic links could lead in circles, and
// to what belongs to others.
Result<void> list_nested_folders(const std::string& path, const std::string& entry, std::size_t level,
                                 std::vector<MaildirFolder>& folders, std::vector<std::string>& problems) {
  auto names = base::list_directory(path);
  if (!names) return std::move(names).error();
  for (const std::string& name : *names) {
    if (name == "cur" || name == "new" || name == "tmp") continue;
    const std::string below_path = base::join_path(path, name);
    struct stat info {};
    if (::lstat(below_path.c_str(), &info) != 0) continue;
    if (S_ISLNK(info.st_mode) && is_directory(below_path)) {
      problems.push_back(below_path + " was left out: it is a symbolic link");
      continue;
    }
    if (!S_ISDIR(info.st_mode)) continue;
    if (level == kMostLevels) {
      problems.push_back(below_path + " was left out: it lies too deep");
      continue;
    }
    std::string below_entry = entry.empty() ? name : below(entry, name);
    if (is_maildir(below_path)) {
      // Where INBOX is no folder of messages itself it lies beside the others.
      const bool is_inbox = below_entry == "INBOX" && !is_maildir(path);
      folders.push_back({below_path, below_entry, is_inbox ? "" : store::fs_mailbox_name(below_entry)});
    }
    auto done = list_nested_folders(below_path, below_entry, level + 1, folders, problems);
    if (!done) return done;
  }
  return {};
}

struct MaildirTree {
  std::vector<MaildirFolder> folders;
  std::vector<std::string> problems;
  bool is_fs = false;
};

Result<MaildirTree> list_folders(const std::string& path, MaildirLayout layout) {
  MaildirTree tree;
  // Unless it is certain what lies here, a home directory must not be searched for whatever looks like a Maildir.
  if (layout != MaildirLayout::fs && !is_maildir(path)) {
    return Error{Errc::invalid_argument, path + " is no Maildir: it has no cur and new"};
  }
  if (layout != MaildirLayout::fs) {
    auto folders = list_dot_folders(path);
    if (!folders) return folders.error();
    tree.folders = *std::move(folders);
  }
  if (layout == MaildirLayout::fs || (layout == MaildirLayout::automatic && tree.folders.empty())) {
    if (auto done = list_nested_folders(path, "", 1, tree.folders, tree.problems); !done) return done.error();
    tree.is_fs = !tree.folders.empty();
  }
  if (is_maildir(path)) tree.folders.insert(tree.folders.begin(), {path, "", ""});
  return tree;
}

}  // namespace

Result<ImportReport> import_maildir(const Account& account, const std::string& path, const ImportOptions& options) {
  if (auto checked = store::check_uidl_format(options.uidl_format); !checked) return checked.error();
  if (!is_directory(path)) return Error{Errc::invalid_argument, path + " is no Maildir"};
  auto tree = list_folders(path, options.layout);
  if (!tree) return std::move(tree).error();
  const auto& folders = tree->folders;
  if (folders.empty()) {
    return Error{Errc::invalid_argument, path + " has no Maildir in it, no folder with cur and new"};
  }

  store::ImportBatch batch(account, options, 0, options.progress ? count_files(folders) : 0);
  MaildirImport import(batch, options, options.source.empty() ? real_path(path) : options.source);
  const std::string above = base::equals_ignoring_case(options.mailbox, "INBOX") ? "" : options.mailbox;
  for (std::string& problem : tree->problems) batch.problem(std::move(problem));
  for (const MaildirFolder& folder : folders) {
    const std::string& name = folder.name.empty() ? options.mailbox : folder.name;
    auto done = import.folder(folder, above.empty() || folder.name.empty() ? name : below(above, name));
    if (batch.is_stopped()) break;
    if (done) continue;
    if (folder.name.empty()) return std::move(done).error();
    // A name that can't be a mailbox: say so and go on with the others.
    if (done.error().code != Errc::invalid_argument) {
      batch.stop(std::move(done).error());
      break;
    }
    batch.problem(folder.path + " was left out: " + done.error().message);
  }
  if (options.subscribe && !batch.is_stopped()) subscribe(account, path, tree->is_fs, above, batch);
  return std::move(batch).finish();
}

}  // namespace postfach
