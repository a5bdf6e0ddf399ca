#include <algorithm>
#include <cstdio>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/time.h"
#include "export_run.h"
#include "mbox_format.h"
#include "message/header.h"

namespace postfach {
namespace {

// A header larger than this is copied without a look for fields to leave out.
constexpr std::uint64_t kMostHeader = 16ULL * 1024 * 1024;

// "From sender Sat Jan  3 01:05:34 1996" (RFC 4155 Appendix A): the date in UTC, the sender of Return-Path.
std::string from_line(std::string_view header, DateTime date) {
  std::string sender = "MAILER-DAEMON";
  if (const auto path = message::find_field(header, "Return-Path")) {
    const auto begin = path->value.find('<');
    const auto end = path->value.find('>');
    if (begin != std::string_view::npos && end != std::string_view::npos && end > begin + 1) {
      const auto address = path->value.substr(begin + 1, end - begin - 1);
      const bool is_word = address.size() <= 255 && std::all_of(address.begin(), address.end(), [](char c) {
                             return static_cast<unsigned char>(c) > ' ' && c != '\x7F';
                           });
      if (is_word) sender = address;
    }
  }
  const auto time = base::civil_time({date.seconds, 0});
  char text[64];
  std::snprintf(text, sizeof text, " %s %s %2u %02u:%02u:%02u %04lld",
                std::string(base::weekday_name(time.weekday)).c_str(),
                std::string(base::month_name(time.month)).c_str(), time.day, time.hour, time.minute, time.second,
                static_cast<long long>(time.year));
  return "From " + sender + text + "\n";
}

std::string ten_digits(std::uint32_t number) {
  std::string digits = std::to_string(number);
  return std::string(10 - digits.size(), '0') + digits;
}

// Puts ">" before lines that begin with any number of ">" and "From ". Octets may be cut anywhere.
class Quoter {
 public:
  Result<void> write(std::string_view octets, const std::function<Result<void>(std::string_view)>& out) {
    quoted_.clear();
    while (!octets.empty()) {
      if (!at_start_) {
        const auto end = std::min(octets.find('\n'), octets.size() - 1) + 1;
        quoted_ += octets.substr(0, end);
        at_start_ = octets[end - 1] == '\n';
        octets.remove_prefix(end);
        continue;
      }
      start_ += octets.front();
      octets.remove_prefix(1);
      const auto marks = std::min(start_.find_first_not_of('>'), start_.size());
      const auto rest = std::string_view(start_).substr(marks);
      if (rest == kFrom) quoted_ += '>';
      if (rest != kFrom && kFrom.starts_with(rest) && start_.size() < kLongest) continue;  // not yet decided
      release();
    }
    return out(quoted_);
  }
  // The end of the message.
  std::string_view finish() {
    quoted_.clear();
    if (!start_.empty()) release();
    at_start_ = true;
    return quoted_;
  }

 private:
  static constexpr std::string_view kFrom = "From ";
  // More ">" than this before "From " is no quoting any more.
  static constexpr std::size_t kLongest = 1000;

  void release() {
    quoted_ += start_;
    at_start_ = start_.back() == '\n';
    start_.clear();
  }

  bool at_start_ = true;
  std::string start_;  // of a line that may have to be quoted
  std::string quoted_;
};

class MboxExport {
 public:
  explicit MboxExport(store::ExportRun& run) : run_(run) {}
  Result<void> mailbox(const store::ExportedMailbox& mailbox, const std::string& path);

 private:
  std::string own_fields(const store::ExportedMailbox& mailbox, const store::ExportedMessage& message,
                         std::string_view line_end) const;
  Result<void> message(const store::ExportedMailbox& mailbox, const store::ExportedMessage& message, const Body& body,
                       store::ExportFile& file);

  store::ExportRun& run_;
  bool is_first_ = true;
};

std::string MboxExport::own_fields(const store::ExportedMailbox& mailbox, const store::ExportedMessage& message,
                                   std::string_view line_end) const {
  std::string out;
  const auto field = [&](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append(line_end);
  };
  const auto& names = mailbox.snapshot.keywords;
  if (is_first_) {
    const auto& status = mailbox.snapshot.status;
    std::string base = ten_digits(status.uid_validity) + " " + ten_digits(status.uid_next - 1);
    for (const auto& name : names) {
      if (!name.empty()) base += " " + name;
    }
    field("X-IMAPbase", base);
  }
  field("X-UID", std::to_string(message.uid));
  field("X-UIDL", message.uidl);
  field("Status", message.flags.has(Flag::seen) ? "RO" : "O");
  std::string status;
  if (message.flags.has(Flag::answered)) status += 'A';
  if (message.flags.has(Flag::deleted)) status += 'D';
  if (message.flags.has(Flag::flagged)) status += 'F';
  if (message.flags.has(Flag::draft)) status += 'T';
  if (!status.empty()) field("X-Status", status);
  std::string keywords;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((message.keywords >> bit & 1U) != 0) keywords += (keywords.empty() ? "" : " ") + names[bit];
  }
  if (!keywords.empty()) field("X-Keywords", keywords);
  return out;
}

Result<void> MboxExport::message(const store::ExportedMailbox& mailbox, const store::ExportedMessage& message,
                                 const Body& body, store::ExportFile& file) {
  auto as_lf = run_.becomes_lf(body);
  if (!as_lf) return as_lf.error();
  std::string header;
  const std::uint64_t header_size = message.header_size <= kMostHeader ? message.header_size : 0;
  auto read = store::for_each_piece(body, 0, header_size, [&](std::string_view piece) -> Result<void> {
    header += piece;
    return {};
  });
  if (!read) return read;

  auto written = file.write(from_line(header, message.internal_date));
  // The first line end of a message says how all of it is written.
  if (written) written = file.write(own_fields(mailbox, message, *as_lf ? "\n" : "\r\n"));
  if (!written) return written;
  is_first_ = false;
  Quoter quoter;
  char last = '\n';
  const std::function<Result<void>(std::string_view)> out = [&](std::string_view octets) -> Result<void> {
    if (octets.empty()) return {};
    last = octets.back();
    return *as_lf ? file.write_as_lf(octets) : file.write(octets);
  };
  std::string_view rest = header;
  message::for_each_line(header, [&](const message::HeaderField& field) {
    const bool is_ours =
        !field.name.empty() && store::is_mbox_field(field.whole) && !base::equals_ignoring_case(field.name, "Lines");
    if (!is_ours) written = quoter.write(field.whole, out);
    const auto end = static_cast<std::size_t>(field.whole.data() + field.whole.size() - header.data());
    rest = std::string_view(header).substr(end);
    return written.has_value();
  });
  if (written) written = quoter.write(rest, out);  // the empty line
  if (written) {
    written = store::for_each_piece(body, header_size, body.size(),
                                    [&](std::string_view piece) { return quoter.write(piece, out); });
  }
  if (written) written = out(quoter.finish());
  if (!written) return written;
  if (last != '\n') written = out(*as_lf ? "\r\n" : "\n");
  // The empty line between messages belongs to the file.
  return written ? file.write("\n") : written;
}

Result<void> MboxExport::mailbox(const store::ExportedMailbox& mailbox, const std::string& path) {
  auto file = store::ExportFile::create(path);
  if (!file && file.error().code == Errc::already_exists) {
    return Error{Errc::already_exists, path + " exists: an export to mbox writes a new file"};
  }
  if (!file) return std::move(file).error();
  is_first_ = true;
  auto done = run_.messages(mailbox, [&](const store::ExportedMessage& each, const Body& body) {
    return message(mailbox, each, body, *file);
  });
  return done ? file->flush() : done;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

}  // namespace

Result<ExportReport> export_mbox(const Account& account, const std::string& path, const ExportOptions& options) {
  store::ExportRun run(account, options);
  auto mailboxes = run.mailboxes();
  if (!mailboxes) return mailboxes.error();
  if (!run.is_one_mailbox()) {
    if (auto made = store::make_empty_directory(path); !made) return made.error();
  }
  MboxExport exporting(run);
  for (const auto& mailbox : *mailboxes) {
    std::string file = path;
    if (!run.is_one_mailbox()) {
      // "." and ".." are fine as names of mailboxes, and so is a level of 255 octets; as names of files they are not.
      std::string name = mailbox.name;
      for (std::size_t at = 0; at < name.size(); at = std::min(name.find('/', at), name.size() - 1) + 1) {
        if (name[at] == '.') name[at] = '_';
      }
      if (name != mailbox.name) run.problem("a file can't be named like " + mailbox.name + ": it is " + name + ".mbox");
      file = base::join_path(path, name + ".mbox");
      if (const auto slash = name.rfind('/'); slash != std::string::npos) {
        if (auto made = base::make_directories(base::join_path(path, name.substr(0, slash))); !made) {
          return made.error();
        }
      }
    }
    if (auto done = exporting.mailbox(mailbox, file); !done) return done.error();
  }
  const std::string directory = run.is_one_mailbox() ? folder_of(path) : path;
  if (auto synced = store::sync_file_system(directory); !synced) return synced.error();
  return std::move(run).finish();
}

}  // namespace postfach
