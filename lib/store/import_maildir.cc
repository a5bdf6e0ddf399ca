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
constexpr std::size_t kLookedUp = 500;  // messages at once

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

class MaildirImport {
 public:
  MaildirImport(store::ImportBatch& batch, const ImportOptions& options, std::string source)
      : batch_(batch), options_(options), source_(std::move(source)), buffer_(kBuffer, '\0') {}

  // entry: its name in the Maildir, empty for the Maildir itself.
  Result<void> folder(const std::string& path, std::string_view entry, const std::string& mailbox);

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

Result<void> MaildirImport::folder(const std::string& path, std::string_view entry, const std::string& mailbox) {
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
                               .source = source_ + "/" + std::string(entry),
                               .uid_validity = uids.uid_validity(),
                               .uid_next = uids.uid_next()});
  if (!entered) return entered;
  const Folder here{path, uids, keywords, entry.empty()};
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

void subscribe(const Account& account, const std::string& path, const std::string& above, store::ImportBatch& batch) {
  for (const auto& name : store::maildir_subscriptions(path)) {
    // Where the Maildir becomes a mailbox below others, so do its subscriptions.
    const bool is_inbox = base::equals_ignoring_case(name, "INBOX");
    const auto full = above.empty() ? name : is_inbox ? above : below(above, name);
    if (auto done = account.subscribe(full); !done) {
      batch.problem("the subscription of " + full + " was left out: " + done.error().message);
    }
  }
}

std::uint64_t count_files(const std::vector<std::pair<std::string, std::string>>& folders) {
  std::uint64_t count = 0;
  for (const auto& [path, entry] : folders) {
    for (const char* const part : {"cur", "new"}) {
      if (const auto names = base::list_directory(base::join_path(path, part))) count += names->size();
    }
  }
  return count;
}

}  // namespace

Result<ImportReport> import_maildir(const Account& account, const std::string& path, const ImportOptions& options) {
  if (auto checked = store::check_uidl_format(options.uidl_format); !checked) return checked.error();
  if (!is_maildir(path)) return Error{Errc::invalid_argument, path + " is no Maildir: it has no cur and new"};
  auto entries = base::list_directory(path);
  if (!entries) return std::move(entries).error();
  std::vector<std::pair<std::string, std::string>> folders = {{path, ""}};
  for (auto& entry : *entries) {
    auto subfolder = base::join_path(path, entry);
    if (entry.size() > 1 && entry.front() == '.' && is_maildir(subfolder)) folders.emplace_back(subfolder, entry);
  }

  store::ImportBatch batch(account, options, 0, options.progress ? count_files(folders) : 0);
  MaildirImport import(batch, options, options.source.empty() ? real_path(path) : options.source);
  const std::string above = base::equals_ignoring_case(options.mailbox, "INBOX") ? "" : options.mailbox;
  for (const auto& [folder, entry] : folders) {
    const auto name = entry.empty() ? options.mailbox : store::maildir_mailbox_name(std::string_view(entry).substr(1));
    auto done = import.folder(folder, entry, above.empty() || entry.empty() ? name : below(above, name));
    if (batch.is_stopped()) break;
    if (done) continue;
    if (entry.empty()) return std::move(done).error();
    // A name that can't be a mailbox: say so and go on with the others.
    if (done.error().code != Errc::invalid_argument) {
      batch.stop(std::move(done).error());
      break;
    }
    batch.problem(folder + " was left out: " + done.error().message);
  }
  if (options.subscribe && !batch.is_stopped()) subscribe(account, path, above, batch);
  return std::move(batch).finish();
}

}  // namespace postfach
