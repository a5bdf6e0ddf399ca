#include <sys/stat.h>

#include <utility>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/files.h"
#include "base/utf8.h"
#include "import_batch.h"
#include "postfach/import.h"

namespace postfach {
namespace {

using base::File;

constexpr std::size_t kBuffer = 256 * 1024;
constexpr std::uint64_t kKeywordsFile = 64 * 1024;

bool is_directory(const std::string& path) noexcept {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

bool is_maildir(const std::string& path) noexcept {
  return is_directory(base::join_path(path, "cur")) && is_directory(base::join_path(path, "new"));
}

// Maildir++: ".Archive.2026" in modified UTF-7 (RFC 9051 §A.1), which iconv knows as UTF-7-IMAP. Some servers write
// plain UTF-8; a name that is neither stays as it is.
std::string mailbox_name(std::string_view folder) {
  std::string name(folder);
  for (char& c : name) {
    if (c == '.') c = '/';
  }
  if (name.find('&') == std::string::npos || !base::is_ascii(name)) return base::replace_invalid_utf8(name);
  return base::to_utf8(name, "UTF-7-IMAP").value_or(name);
}

// Dovecot's names of the flags a to z: lines of "number name".
std::vector<std::string> read_keyword_names(const std::string& directory) {
  std::vector<std::string> names(26);
  const auto text = base::read_file(base::join_path(directory, "dovecot-keywords"), kKeywordsFile);
  if (!text) return names;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto space = line.find(' ');
    if (space == std::string_view::npos) continue;
    const auto number = base::parse_number(line.substr(0, space), names.size() - 1);
    if (number) names[static_cast<std::size_t>(*number)] = base::trim(line.substr(space + 1));
  }
  return names;
}

struct Marks {
  Flags flags;
  std::vector<std::string> keywords;
};

// What stands behind ":2," in a file name.
Marks marks_of(std::string_view file_name, const std::vector<std::string>& keyword_names) {
  Marks out;
  const auto info = file_name.rfind(":2,");
  if (info == std::string_view::npos) return out;
  for (const char c : file_name.substr(info + 3)) {
    switch (c) {
      case 'S':
        out.flags |= Flag::seen;
        break;
      case 'R':
        out.flags |= Flag::answered;
        break;
      case 'F':
        out.flags |= Flag::flagged;
        break;
      case 'T':
        out.flags |= Flag::deleted;
        break;
      case 'D':
        out.flags |= Flag::draft;
        break;
      case 'P':
        out.keywords.emplace_back("$Forwarded");
        break;
      default:
        if (c >= 'a' && c <= 'z' && !keyword_names[static_cast<std::size_t>(c - 'a')].empty()) {
          out.keywords.push_back(keyword_names[static_cast<std::size_t>(c - 'a')]);
        }
    }
  }
  return out;
}

class MaildirImport {
 public:
  explicit MaildirImport(store::ImportBatch& batch) : batch_(batch), buffer_(kBuffer, '\0') {}

  Result<void> folder(const std::string& path, const std::string& mailbox);

 private:
  bool directory(const std::string& path, const std::vector<std::string>& keyword_names);
  bool file(const std::string& path, std::string_view name, const std::vector<std::string>& keyword_names);

  store::ImportBatch& batch_;
  std::string buffer_;
};

Result<void> MaildirImport::folder(const std::string& path, const std::string& mailbox) {
  if (auto entered = batch_.enter(mailbox); !entered) return entered;
  const auto names = read_keyword_names(path);
  if (directory(base::join_path(path, "cur"), names)) directory(base::join_path(path, "new"), names);
  return {};
}

bool MaildirImport::directory(const std::string& path, const std::vector<std::string>& keyword_names) {
  const auto names = base::list_directory(path);  // sorted: names begin with the time of delivery
  if (!names) return batch_.stop(names.error());
  for (const auto& name : *names) {
    if (!name.starts_with('.') && !file(path, name, keyword_names)) return false;
  }
  return true;
}

bool MaildirImport::file(const std::string& directory, std::string_view name,
                         const std::vector<std::string>& keyword_names) {
  const auto path = base::join_path(directory, name);
  const auto left_out = [&](const std::string& why) {
    batch_.problem(path + " was left out: " + why);
    return true;
  };
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return left_out("it is no regular file");
  auto opened = File::open_for_reading(path);
  if (!opened) return left_out(opened.error().message);

  auto spool = batch_.spool();
  if (!spool) return batch_.stop(std::move(spool).error());
  LocalText text(*spool);
  std::uint64_t offset = 0;
  for (;;) {
    auto got = opened->read_at(offset, buffer_.data(), buffer_.size());
    if (!got) return left_out(got.error().message);
    if (*got == 0) break;
    offset += *got;
    if (auto written = text.write(std::string_view(buffer_.data(), *got)); !written) {
      if (written.error().code != Errc::limit) return batch_.stop(std::move(written).error());
      return left_out(written.error().message);
    }
  }
  auto marks = marks_of(name, keyword_names);
  return batch_.add(*std::move(spool), marks.flags, std::move(marks.keywords),
                    DateTime{static_cast<std::int64_t>(info.st_mtime), 0}, offset);
}

}  // namespace

Result<ImportReport> import_maildir(const Account& account, const std::string& path, const ImportOptions& options) {
  if (!is_maildir(path)) return Error{Errc::invalid_argument, path + " is no Maildir: it has no cur and new"};
  auto entries = base::list_directory(path);
  if (!entries) return std::move(entries).error();

  store::ImportBatch batch(account, options, 0);
  MaildirImport import(batch);
  if (auto done = import.folder(path, options.mailbox); !done) return std::move(done).error();
  const bool below = !base::equals_ignoring_case(options.mailbox, "INBOX");
  for (const auto& entry : *entries) {
    const auto subfolder = base::join_path(path, entry);
    if (!entry.starts_with('.') || !is_maildir(subfolder)) continue;
    const auto name = mailbox_name(std::string_view(entry).substr(1));
    if (auto done = import.folder(subfolder, below ? options.mailbox + "/" + name : name); !done) {
      // A name that can't be a mailbox: say so and go on with the others.
      if (done.error().code != Errc::invalid_argument) {
        batch.stop(std::move(done).error());
        break;
      }
      batch.problem(subfolder + " was left out: " + done.error().message);
    }
  }
  return std::move(batch).finish();
}

}  // namespace postfach
