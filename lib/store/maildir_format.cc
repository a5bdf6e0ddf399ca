#include "maildir_format.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/files.h"
#include "base/utf7.h"
#include "base/utf8.h"

namespace postfach::store {
namespace {

constexpr std::uint64_t kListOctets = 512ULL * 1024 * 1024;  // of a list of UIDs: millions of messages
constexpr std::uint64_t kSmallOctets = 4ULL * 1024 * 1024;   // of names of keywords and mailboxes
constexpr std::size_t kLetters = 26;

// The first line, without its end; text goes on behind it.
std::string_view take_line(std::string_view& text) noexcept {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

std::string_view take_word(std::string_view& text) noexcept {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  text.remove_prefix(begin);
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

Uid number(std::string_view text) noexcept {
  return static_cast<Uid>(base::parse_number(text, std::numeric_limits<Uid>::max()).value_or(0));
}

std::string read(const std::string& directory, std::string_view name, std::uint64_t most) {
  return base::read_file(base::join_path(directory, name), most).value_or(std::string());
}

template <class Entries>
auto find_entry(Entries& entries, std::string_view name) noexcept {
  const auto at = std::lower_bound(entries.begin(), entries.end(), name,
                                   [](const auto& entry, std::string_view wanted) { return entry.name < wanted; });
  return at != entries.end() && at->name == name ? at : entries.end();
}

// By name; of several lines for one name the last one counts.
template <class Entries>
void put_in_order(Entries& entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::reverse(entries.begin(), entries.end());
  entries.erase(
      std::unique(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name == b.name; }),
      entries.end());
  std::reverse(entries.begin(), entries.end());
}

}  // namespace

std::string_view maildir_base_name(std::string_view file_name) noexcept {
  const auto slash = file_name.rfind('/');
  if (slash != std::string_view::npos) file_name.remove_prefix(slash + 1);
  const auto base = file_name.substr(0, file_name.find(':'));
  return base.empty() ? file_name : base;
}

MaildirUids::MaildirUids(const std::string& directory) {
  uid_text_ = read(directory, "dovecot-uidlist", kListOctets);
  if (!uid_text_.empty()) {
    read_dovecot();
    put_in_order(entries_);
    return;
  }
  uid_text_ = read(directory, "courierimapuiddb", kListOctets);
  uidl_text_ = read(directory, "courierpop3dsizelist", kListOctets);
  read_courier_uids();
  put_in_order(entries_);
  read_courier_uidls();
}

// "3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1", then "25006 P<uidl> W1234 :<file>" for each message. Version
// 1: "1 <validity> <next>", then "<uid> <file>". Lines are added at the end; the last one for a file counts.
void MaildirUids::read_dovecot() {
  std::string_view rest = uid_text_;
  auto header = take_line(rest);
  const auto version = take_word(header);
  if (version == "3") {
    for (auto word = take_word(header); !word.empty(); word = take_word(header)) {
      if (word.front() == 'V') uid_validity_ = number(word.substr(1));
      if (word.front() == 'N') uid_next_ = number(word.substr(1));
      if (word.front() == 'G') global_id_ = word.substr(1);
    }
  } else if (version == "1") {
    uid_validity_ = number(take_word(header));
    uid_next_ = number(take_word(header));
  } else {
    return;
  }
  while (!rest.empty()) {
    auto line = take_line(rest);
    Entry entry;
    entry.uid = number(take_word(line));
    if (entry.uid == 0) continue;
    if (version == "3") {
      const auto name = line.find(" :");
      if (name == std::string_view::npos) continue;
      entry.name = maildir_base_name(line.substr(name + 2));
      line = line.substr(0, name);
      for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
        if (word.front() == 'P') entry.uidl = word.substr(1);
      }
    } else {
      entry.name = maildir_base_name(take_word(line));
    }
    if (!entry.name.empty()) entries_.push_back(entry);
  }
}

// "1 <validity> <next>", then "<uid> <file>".
void MaildirUids::read_courier_uids() {
  std::string_view rest = uid_text_;
  auto header = take_line(rest);
  if (take_word(header) != "1") return;
  uid_validity_ = number(take_word(header));
  uid_next_ = number(take_word(header));
  while (!rest.empty()) {
    auto line = take_line(rest);
    Entry entry;
    entry.uid = number(take_word(line));
    entry.name = maildir_base_name(take_word(line));
    if (entry.uid != 0 && !entry.name.empty()) entries_.push_back(entry);
  }
}

// The first line is "/2 <next> <validity>" or "/1 <next>"; of the oldest form it is a message already. A message is
// "<file> <size> <uid>:<validity>", and its UIDL "UID<uid>-<validity>"; "UID<uid>" where the validity is 0 or missing,
// and the name of the file where the UID is.
void MaildirUids::read_courier_uidls() {
  std::string_view rest = uidl_text_;
  if (rest.starts_with('/')) take_line(rest);
  std::vector<Entry> found;
  made_.reserve(static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\n')) + 1);  // views into it stay
  while (!rest.empty()) {
    auto line = take_line(rest);
    Entry entry;
    entry.name = maildir_base_name(take_word(line));
    const auto size = take_word(line);
    if (entry.name.empty() || size.empty()) continue;
    const auto both = take_word(line);
    const auto colon = both.find(':');
    const auto uid = both.substr(0, colon);
    const auto validity = colon == std::string_view::npos ? std::string_view() : both.substr(colon + 1);
    if (number(uid) == 0) {
      entry.uidl = entry.name;
    } else {
      std::string uidl = "UID" + std::string(uid);
      if (number(validity) != 0) uidl += "-" + std::string(validity);
      made_.push_back(std::move(uidl));
      entry.uidl = made_.back();
    }
    found.push_back(entry);
  }
  put_in_order(found);
  for (const Entry& entry : found) {
    const auto at = find_entry(entries_, entry.name);
    if (at != entries_.end()) at->uidl = entry.uidl;
  }
  // A Maildir that was read over POP3 alone has no UIDs.
  if (entries_.empty()) entries_ = std::move(found);
}

MaildirUids::Entry MaildirUids::find(std::string_view base_name) const noexcept {
  const auto at = find_entry(entries_, base_name);
  return at == entries_.end() ? Entry{base_name, 0, {}} : *at;
}

namespace {

// Lines of "number name".
std::vector<std::string> read_letters(std::string_view text) {
  std::vector<std::string> names(kLetters);
  while (!text.empty()) {
    auto line = take_line(text);
    const auto at = base::parse_number(take_word(line), kLetters - 1);
    if (at) names[static_cast<std::size_t>(*at)] = base::trim(line);
  }
  return names;
}

}  // namespace

std::vector<std::string> maildir_letters(const std::string& directory) {
  std::vector<std::string> names = read_letters(read(directory, "dovecot-keywords", kSmallOctets));
  names.erase(std::find(names.begin(), names.end(), std::string()), names.end());
  return names;
}

// Courier: a file ":list" of the names, an empty line, and "<file>:<number> <number>…"; and files of what changed since,
// each named after a message, perhaps behind ".<number>.", with a keyword a line.
MaildirKeywords::MaildirKeywords(const std::string& directory)
    : letters_(read_letters(read(directory, "dovecot-keywords", kSmallOctets))) {
  const auto folder = base::join_path(directory, "courierimapkeywords");
  const auto names = base::list_directory(folder);
  if (!names) return;
  const auto list = read(folder, ":list", kListOctets);
  std::string_view rest = list;
  std::vector<std::string> keywords;
  for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) keywords.emplace_back(line);
  while (!rest.empty()) {
    auto line = take_line(rest);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    Entry entry{std::string(line.substr(0, colon)), {}};
    line.remove_prefix(colon + 1);
    for (auto word = take_word(line); !word.empty(); word = take_word(line)) {
      const auto at = base::parse_number(word, UINT32_MAX);
      if (at && *at < keywords.size()) entry.keywords.push_back(keywords[static_cast<std::size_t>(*at)]);
    }
    entries_.push_back(std::move(entry));
  }
  for (const std::string& name : *names) {
    if (name.starts_with(':')) continue;
    std::string_view message = name;
    if (message.starts_with('.')) {
      const auto dot = message.find('.', 1);
      if (dot == std::string_view::npos) continue;
      message.remove_prefix(dot + 1);
    }
    const auto text = read(folder, name, kSmallOctets);
    Entry entry{std::string(maildir_base_name(message)), {}};
    for (std::string_view lines = text; !lines.empty();) {
      const auto line = take_line(lines);
      if (!line.empty()) entry.keywords.emplace_back(line);
    }
    entries_.push_back(std::move(entry));
  }
  put_in_order(entries_);
}

void MaildirKeywords::find(std::string_view file_name, std::vector<std::string>& keywords) const {
  const auto info = file_name.rfind(":2,");
  if (info != std::string_view::npos) {
    for (const char c : file_name.substr(info + 3)) {
      if (c < 'a' || c > 'z') continue;
      const auto& name = letters_[static_cast<std::size_t>(c - 'a')];
      if (!name.empty()) keywords.push_back(name);
    }
  }
  const auto at = find_entry(entries_, maildir_base_name(file_name));
  if (at != entries_.end()) keywords.insert(keywords.end(), at->keywords.begin(), at->keywords.end());
}

MaildirMarks maildir_marks(std::string_view file_name, const MaildirKeywords& keywords) {
  MaildirMarks out;
  keywords.find(file_name, out.keywords);
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
        break;
    }
  }
  return out;
}

std::string maildir_mailbox_name(std::string_view folder) {
  std::string name(folder);
  std::replace(name.begin(), name.end(), '.', '/');
  return fs_mailbox_name(name);
}

std::string fs_mailbox_name(std::string_view folder) {
  const std::string name(folder);
  if (name.find('&') == std::string::npos || !base::is_ascii(name)) return base::replace_invalid_utf8(name);
  if (auto decoded = base::utf7_decode(name)) return *std::move(decoded);
  return base::to_utf8(name, "UTF-7-IMAP").value_or(name);  // not quite as it should be written, but clear
}

// Dovecot: a name a line, with dots between levels, or slashes where folders lie in folders; from "V\t2" on with tabs, so
// that a name may have a dot. Courier: "INBOX.Archive.2026".
std::vector<std::string> maildir_subscriptions(const std::string& directory, bool is_fs) {
  std::vector<std::string> names;
  auto text = read(directory, "subscriptions", kSmallOctets);
  const bool is_dovecot = !text.empty();
  if (!is_dovecot) text = read(directory, "courierimapsubscribed", kSmallOctets);
  std::string_view rest = text;
  const bool has_tabs = rest.starts_with("V\t2");
  if (has_tabs) take_line(rest);
  while (!rest.empty()) {
    std::string line(take_line(rest));
    if (line.empty()) continue;
    if (!is_dovecot && line.starts_with("INBOX.")) line.erase(0, 6);
    if (has_tabs) std::replace(line.begin(), line.end(), '\t', is_fs ? '/' : '.');
    names.push_back(is_fs ? fs_mailbox_name(line) : maildir_mailbox_name(line));
  }
  return names;
}

}  // namespace postfach::store
