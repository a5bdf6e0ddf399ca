#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/utf7.h"
#include "export_run.h"
#include "maildir_format.h"

namespace postfach {
namespace {

constexpr std::size_t kLetters = 26;
// Files that are synced together before they get their names.
constexpr std::size_t kWrittenTogether = 1000;
constexpr std::uint64_t kOctetsTogether = std::uint64_t{64} * 1024 * 1024;

// "Archive/2026" is ".Archive.2026". A dot within a name would be read as a level.
std::string folder_name(const std::string& mailbox, bool& is_exact) {
  std::string levels = base::utf7_encode(mailbox);
  is_exact = levels.find('.') == std::string::npos;
  std::replace(levels.begin(), levels.end(), '.', '_');
  std::replace(levels.begin(), levels.end(), '/', '.');
  return levels;
}

// Which letters stand for which keyword bits: 26 at most. Those that an earlier export gave out stay, because files of
// messages that are gone have them. $Forwarded also has the letter P of Maildir itself, which Courier and mutt know and
// Dovecot does not.
struct Letters {
  Letters(const KeywordNames& names, std::vector<std::string> given)
      : by_bit(names.size(), '\0'), file(std::move(given)) {
    for (std::size_t bit = 0; bit < names.size(); ++bit) {
      if (names[bit].empty()) continue;
      if (base::equals_ignoring_case(names[bit], "$Forwarded")) passed = KeywordMask{1} << bit;
      const auto known = std::find_if(file.begin(), file.end(), [&](const std::string& name) {
        return base::equals_ignoring_case(name, names[bit]);
      });
      if (known == file.end() && file.size() == kLetters) continue;
      by_bit[bit] = static_cast<char>('a' + (known - file.begin()));
      if (known == file.end()) file.push_back(names[bit]);
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

// In one step: whoever looks sees the old file or the new one.
Result<void> write_small_file(const std::string& path, std::string_view octets) {
  const std::string temporary = path + ".postfach";
  if (auto removed = base::remove_file(temporary); !removed) return removed;
  auto file = store::ExportFile::create(temporary);
  if (!file) return std::move(file).error();
  if (auto written = file->write(octets); !written) return written;
  if (auto flushed = file->flush(); !flushed) return flushed;
  return base::rename_file(temporary, path);
}

constexpr std::string_view kMark = ".postfach,";

// "U5V1700000000Q0123456789abcdef": UID, UIDVALIDITY, and a hash of the UIDL, which no other message has. So the name of
// a file says which message it is, whether or not the export came to its end.
std::string identity_of(const store::ExportedMessage& message, UidValidity uid_validity) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "U" + std::to_string(message.uid) + "V" + std::to_string(uid_validity) + "Q";
  const std::uint64_t hash = base::stable_hash(message.uidl);
  for (unsigned shift = 64; shift > 0; shift -= 4) out += kHex[hash >> (shift - 4) & 15U];
  return out;
}

// A message that is in the Maildir: its file's name, and where the identity stands in it. None: not a file of ours.
struct PresentFile {
  std::string name;
  std::size_t begin = 0;
  std::size_t end = 0;

  std::string_view identity() const noexcept { return std::string_view(name).substr(begin, end - begin); }
  std::string_view base() const noexcept { return store::maildir_base_name(name); }
};
std::optional<std::pair<Uid, PresentFile>> present_file(std::string name) {
  PresentFile file{std::move(name)};
  const std::size_t dot = file.name.find('.');
  file.end = file.name.find(kMark);
  if (dot == std::string::npos || file.end == std::string::npos || file.end <= dot) return std::nullopt;
  file.begin = dot + 1;
  const std::string_view identity = file.identity();
  const std::size_t v = identity.find('V');
  if (!identity.starts_with('U') || v == std::string_view::npos) return std::nullopt;
  const auto uid = base::parse_number(identity.substr(1, v - 1), UINT32_MAX);
  if (!uid || *uid == 0) return std::nullopt;
  return std::pair(static_cast<Uid>(*uid), std::move(file));
}

class MaildirExport {
 public:
  explicit MaildirExport(store::ExportRun& run) : run_(run) {}

  Result<void> mailbox(const store::ExportedMailbox& mailbox, const std::string& path);

 private:
  // Files that are written and wait in tmp until all of them are on the disk: then they get their names in cur, which
  // means for every later export that they are whole.
  struct Waiting {
    std::string temporary;
    std::string place;
  };

  Result<void> find_present(const std::string& path);
  Result<void> begin(const std::string& path);
  Result<bool> is_present(const store::ExportedMessage& message, const Letters& letters);
  Result<void> add(const store::ExportedMessage& message, const Body& body, const Letters& letters);
  // Returns how many octets the file has.
  Result<std::uint64_t> write(const store::ExportedMessage& message, const Body& body, bool as_lf,
                              const std::string& path) const;
  Result<void> put_in_place();
  Result<void> write_list(const MailboxStatus& status, const store::MaildirUids& old);

  store::ExportRun& run_;
  std::string path_;
  UidValidity uid_validity_ = 0;
  std::map<Uid, PresentFile> present_;
  std::map<Uid, std::string> uidls_;  // of messages that the mailbox has
  std::vector<Waiting> waiting_;
  std::uint64_t waiting_octets_ = 0;
};

Result<std::uint64_t> MaildirExport::write(const store::ExportedMessage& message, const Body& body, bool as_lf,
                                           const std::string& path) const {
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

// What an earlier export left. Mail of anybody else is not touched.
Result<void> MaildirExport::find_present(const std::string& path) {
  const auto foreign = [&](const std::string& name) {
    return Error{Errc::already_exists, path + " is not of an export: " + name + " is somebody else's"};
  };
  for (const char* const part : {"new", "cur"}) {
    auto names = base::list_directory(base::join_path(path, part));
    if (!names && names.error().code == Errc::not_found) continue;
    if (!names) return names.error();
    for (std::string& name : *names) {
      if (name.starts_with('.')) continue;
      auto file = present_file(name);
      if (!file || std::string_view(part) == "new") return foreign(name);
      present_.insert(*std::move(file));
    }
  }
  const std::string temporary = base::join_path(path, "tmp");
  auto names = base::list_directory(temporary);
  if (!names) return names.error().code == Errc::not_found ? Result<void>() : Result<void>(names.error());
  for (const std::string& name : *names) {
    if (!name.ends_with(".postfach")) return foreign(name);
    if (auto removed = base::remove_file(base::join_path(temporary, name)); !removed) return removed;
  }
  return {};
}

Result<void> MaildirExport::begin(const std::string& path) {
  path_ = path;
  present_.clear();
  uidls_.clear();
  if (auto found = find_present(path); !found) return found;
  for (const char* const part : {"cur", "new", "tmp"}) {
    if (auto made = base::make_directories(base::join_path(path, part)); !made) return made;
  }
  return {};
}

// Its flags are made right by the way.
Result<bool> MaildirExport::is_present(const store::ExportedMessage& message, const Letters& letters) {
  uidls_.emplace(message.uid, message.uidl);
  const auto found = present_.find(message.uid);
  if (found == present_.end()) return false;
  PresentFile& file = found->second;
  if (file.identity() != identity_of(message, uid_validity_)) {
    return Error{Errc::already_exists, path_ +
                                           " holds other mail under the same UIDs, of another account or of a "
                                           "mailbox that is gone: an empty folder takes this export"};
  }
  std::string name = std::string(file.base()) + ":2," + info_of(message, letters);
  if (name == file.name) return true;
  const std::string folder = base::join_path(path_, "cur");
  auto renamed = base::rename_file(base::join_path(folder, file.name), base::join_path(folder, name));
  if (!renamed) return renamed.error();
  file.name = std::move(name);
  return true;
}

Result<void> MaildirExport::add(const store::ExportedMessage& message, const Body& body, const Letters& letters) {
  auto as_lf = run_.becomes_lf(body);
  if (!as_lf) return as_lf.error();
  const std::string temporary = base::join_path(path_, "tmp/" + std::to_string(message.uid) + ".postfach");
  auto size = write(message, body, *as_lf, temporary);
  if (!size) return size.error();
  // Sizes as Dovecot has them: S of the file, W with CRLF at all line ends, which is known for such a message alone.
  std::string name = std::to_string(std::max<std::int64_t>(message.internal_date.seconds, 0)) + "." +
                     identity_of(message, uid_validity_) + std::string(kMark) + "S=" + std::to_string(*size);
  if (*as_lf) name += ",W=" + std::to_string(message.size);
  name += ":2," + info_of(message, letters);
  waiting_.push_back({temporary, base::join_path(path_, "cur/" + name)});
  waiting_octets_ += *size;
  if (auto file = present_file(std::move(name))) present_.insert(*std::move(file));
  const bool is_enough = waiting_.size() >= kWrittenTogether || waiting_octets_ >= kOctetsTogether;
  return is_enough ? put_in_place() : Result<void>();
}

Result<void> MaildirExport::put_in_place() {
  if (waiting_.empty()) return {};
  if (auto synced = store::sync_file_system(path_); !synced) return synced;
  for (const Waiting& each : waiting_) {
    if (auto moved = base::rename_file(each.temporary, each.place); !moved) return moved;
  }
  waiting_.clear();
  waiting_octets_ = 0;
  return {};
}

// All files, those of messages that the mailbox has lost, too: Dovecot would give them UIDs that are not theirs.
Result<void> MaildirExport::write_list(const MailboxStatus& status, const store::MaildirUids& old) {
  std::string global = old.global_id().empty() ? base::random_hex(32) : std::string(old.global_id());
  std::string text =
      "3 V" + std::to_string(uid_validity_) + " N" + std::to_string(status.uid_next) + " G" + std::move(global) + "\n";
  for (const auto& [uid, file] : present_) {
    text += std::to_string(uid);
    const auto uidl = uidls_.find(uid);
    const std::string_view known = uidl != uidls_.end() ? uidl->second : old.find(file.base()).uidl;
    if (!known.empty()) text.append(" P").append(known);
    text.append(" :").append(file.base()).append("\n");
  }
  return write_small_file(base::join_path(path_, "dovecot-uidlist"), text);
}

Result<void> MaildirExport::mailbox(const store::ExportedMailbox& mailbox, const std::string& path) {
  uid_validity_ = mailbox.snapshot.status.uid_validity;
  if (auto begun = begin(path); !begun) return begun;
  const store::MaildirUids old(path);
  const Letters letters(mailbox.snapshot.keywords, store::maildir_letters(path));
  for (std::size_t bit = 0; bit < letters.by_bit.size(); ++bit) {
    if (letters.by_bit[bit] == '\0' && !mailbox.snapshot.keywords[bit].empty()) {
      run_.problem("keyword left out, a Maildir has 26 at most: " + mailbox.snapshot.keywords[bit] + " of " +
                   mailbox.name);
    }
  }
  // Before the files that use it.
  if (!letters.file.empty()) {
    std::string keywords;
    for (std::size_t i = 0; i < letters.file.size(); ++i) keywords += std::to_string(i) + " " + letters.file[i] + "\n";
    auto written = write_small_file(base::join_path(path, "dovecot-keywords"), keywords);
    if (!written) return written;
  }
  auto done = run_.messages(
      mailbox, [&](const store::ExportedMessage& each, const Body& body) { return add(each, body, letters); },
      [&](const store::ExportedMessage& each) { return is_present(each, letters); });
  // What was written so far is of use to the next one.
  auto placed = put_in_place();
  if (!done) return done;
  return placed ? write_list(mailbox.snapshot.status, old) : placed;
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
  // An earlier export is gone on with; anything else is not touched.
  if (!base::file_exists(base::join_path(path, "cur"))) {
    if (auto made = store::make_empty_directory(path); !made) {
      if (made.error().code != Errc::already_exists) return made.error();
      return Error{Errc::already_exists, path + " is not empty, and no Maildir"};
    }
  }
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
  if (auto synced = store::sync_file_system(path); !synced) return synced.error();
  return std::move(run).finish();
}

}  // namespace postfach
