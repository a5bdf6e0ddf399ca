#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/random.h"
#include "base/utf7.h"
#include "export_run.h"

namespace postfach {
namespace {

constexpr std::size_t kLetters = 26;

// "Archive/2026" is ".Archive.2026". A dot within a name would be read as a level.
std::string folder_name(const std::string& mailbox, bool& is_exact) {
  std::string levels = base::utf7_encode(mailbox);
  is_exact = levels.find('.') == std::string::npos;
  std::replace(levels.begin(), levels.end(), '.', '_');
  std::replace(levels.begin(), levels.end(), '/', '.');
  return levels;
}

// Which letters stand for which keyword bits: the lowest 26. $Forwarded also has the letter P of Maildir itself, which
// Courier and mutt know and Dovecot does not.
struct Letters {
  explicit Letters(const KeywordNames& names) : by_bit(names.size(), '\0') {
    for (std::size_t bit = 0; bit < names.size(); ++bit) {
      if (names[bit].empty()) continue;
      if (base::equals_ignoring_case(names[bit], "$Forwarded")) passed = KeywordMask{1} << bit;
      if (file.size() == kLetters) continue;
      by_bit[bit] = static_cast<char>('a' + file.size());
      file.push_back(names[bit]);
    }
  }
  std::vector<char> by_bit;       // '\0': none
  std::vector<std::string> file;  // dovecot-keywords
  KeywordMask passed = 0;
};

// What stands behind ":2,", in the order of ASCII.
std::string info_of(const store::ExportedMessage& message, const Letters& letters) {
  std::string out;
  if (message.flags.has(Flag::draft)) out += 'D';
  if (message.flags.has(Flag::flagged)) out += 'F';
  if (message.flags.has(Flag::answered)) out += 'R';
  if (message.flags.has(Flag::seen)) out += 'S';
  if (message.flags.has(Flag::deleted)) out += 'T';
  if ((message.keywords & letters.passed) != 0) out += 'P';
  for (std::size_t bit = 0; bit < letters.by_bit.size(); ++bit) {
    if ((message.keywords >> bit & 1U) != 0 && letters.by_bit[bit] != '\0') out += letters.by_bit[bit];
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> write_small_file(const std::string& path, std::string_view octets) {
  auto file = store::ExportFile::create(path);
  if (!file) return std::move(file).error();
  if (auto written = file->write(octets); !written) return written;
  return file->flush();
}

class MaildirExport {
 public:
  explicit MaildirExport(store::ExportRun& run) : run_(run) {}

  Result<void> mailbox(const store::ExportedMailbox& mailbox, const std::string& path);

 private:
  // Returns how many octets the file has.
  Result<std::uint64_t> message(const store::ExportedMessage& message, const Body& body, bool as_lf,
                                const std::string& path);

  store::ExportRun& run_;
};

Result<std::uint64_t> MaildirExport::message(const store::ExportedMessage& message, const Body& body, bool as_lf,
                                             const std::string& path) {
  auto file = store::ExportFile::create(path);
  if (!file) return std::move(file).error();
  auto copied = store::for_each_piece(body, 0, body.size(), [&](std::string_view piece) {
    return as_lf ? file->write_as_lf(piece) : file->write(piece);
  });
  if (!copied) return copied.error();
  if (auto flushed = file->flush(); !flushed) return flushed.error();
  auto size = file->file().size();
  if (!size) return size.error();
  timespec times[2] = {};
  times[0].tv_sec = times[1].tv_sec = static_cast<time_t>(message.internal_date.seconds);
  if (::futimens(file->file().fd(), times) != 0) return base::system_error(errno, "futimens " + path);
  return size;
}

Result<void> MaildirExport::mailbox(const store::ExportedMailbox& mailbox, const std::string& path) {
  for (const char* const part : {"cur", "new", "tmp"}) {
    if (auto made = base::make_directories(base::join_path(path, part)); !made) return made;
  }
  const Letters letters(mailbox.snapshot.keywords);
  for (std::size_t bit = 0; bit < letters.by_bit.size(); ++bit) {
    if (letters.by_bit[bit] == '\0' && !mailbox.snapshot.keywords[bit].empty()) {
      run_.problem("keyword left out, a Maildir has 26 at most: " + mailbox.snapshot.keywords[bit] + " of " +
                   mailbox.name);
    }
  }
  auto list = store::ExportFile::create(base::join_path(path, "dovecot-uidlist"));
  if (!list) return std::move(list).error();
  const auto& status = mailbox.snapshot.status;
  auto written = list->write("3 V" + std::to_string(status.uid_validity) + " N" + std::to_string(status.uid_next) +
                             " G" + base::random_hex(32) + "\n");
  if (!written) return written;

  const std::string temporary = base::join_path(path, "tmp/message");
  const std::string unique = base::random_hex(8);
  written = run_.messages(mailbox, [&](const store::ExportedMessage& each, const Body& body) -> Result<void> {
    auto as_lf = run_.becomes_lf(body);
    if (!as_lf) return as_lf.error();
    auto size = message(each, body, *as_lf, temporary);
    if (!size) return size.error();
    // Sizes as Dovecot has them: S of the file, W with CRLF at all line ends, which is known for such a message alone.
    std::string name = std::to_string(std::max<std::int64_t>(each.internal_date.seconds, 0)) + ".U" +
                       std::to_string(each.uid) + "Q" + unique + ".postfach,S=" + std::to_string(*size);
    if (*as_lf) name += ",W=" + std::to_string(each.size);
    const auto place = base::join_path(base::join_path(path, "cur"), name + ":2," + info_of(each, letters));
    if (auto moved = base::rename_file(temporary, place); !moved) return moved;
    return list->write(std::to_string(each.uid) + " P" + each.uidl + " :" + name + "\n");
  });
  if (!written) return written;
  if (auto flushed = list->flush(); !flushed) return flushed;
  if (letters.file.empty()) return {};
  std::string keywords;
  for (std::size_t i = 0; i < letters.file.size(); ++i) keywords += std::to_string(i) + " " + letters.file[i] + "\n";
  return write_small_file(base::join_path(path, "dovecot-keywords"), keywords);
}

// Dovecot's second form, with tabs between levels: names as in the folders all the same.
Result<void> write_subscriptions(const Account& account, const std::string& path) {
  auto names = account.subscriptions();
  if (!names) return names.error();
  if (names->empty()) return {};
  std::string text = "V\t2\n\n";
  for (const auto& name : *names) {
    bool is_exact = true;
    std::string line = folder_name(name, is_exact);
    std::replace(line.begin(), line.end(), '.', '\t');
    text += line + "\n";
  }
  return write_small_file(base::join_path(path, "subscriptions"), text);
}

}  // namespace

Result<ExportReport> export_maildir(const Account& account, const std::string& path, const ExportOptions& options) {
  store::ExportRun run(account, options);
  auto mailboxes = run.mailboxes();
  if (!mailboxes) return mailboxes.error();
  if (auto made = store::make_empty_directory(path); !made) return made.error();
  MaildirExport exporting(run);
  std::set<std::string> folders;
  for (const auto& mailbox : *mailboxes) {
    std::string place = path;
    if (!run.is_one_mailbox() && mailbox.name != "INBOX") {
      bool is_exact = true;
      const std::string wanted = folder_name(mailbox.name, is_exact);
      std::string folder = wanted;
      for (int i = 2; !folders.insert(folder).second; ++i) folder = wanted + "_" + std::to_string(i);
      if (!is_exact) run.problem("a Maildir can't have dots in names: " + mailbox.name + " is ." + folder);
      place = base::join_path(path, "." + folder);
      // Courier and Exim take a folder without it for a Maildir of its own.
      if (auto made = base::make_directories(place); !made) return made.error();
      if (auto marked = write_small_file(base::join_path(place, "maildirfolder"), ""); !marked) return marked.error();
    }
    if (auto done = exporting.mailbox(mailbox, place); !done) return done.error();
  }
  if (!run.is_one_mailbox()) {
    if (auto done = write_subscriptions(account, path); !done) return done.error();
  }
  return std::move(run).finish();
}

}  // namespace postfach
