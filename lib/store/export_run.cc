#include "export_run.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace postfach::store {
namespace {

constexpr std::size_t kWrittenPiece = 256 * 1024;
constexpr std::size_t kFetched = 500;  // messages of one transaction
constexpr std::size_t kMostProblems = 1000;

}  // namespace

Result<std::vector<ExportedMailbox>> ExportRun::mailboxes() {
  std::vector<std::string> names;
  if (is_one_mailbox()) {
    names.push_back(options_.mailbox);
  } else {
    auto all = account_.mailboxes();
    if (!all) return all.error();
    for (auto& info : *all) {
      if (info.selectable) names.push_back(std::move(info.name));
    }
  }
  std::vector<ExportedMailbox> out;
  for (auto& name : names) {
    auto mailbox = account_.mailbox(name);
    if (!mailbox && !is_one_mailbox() && mailbox.error().code == Errc::not_found) continue;  // removed meanwhile
    if (!mailbox) return mailbox.error();
    auto snapshot = mailbox->snapshot(false);
    if (!snapshot) return snapshot.error();
    progress_.total_messages += snapshot->status.messages;
    progress_.total_octets += snapshot->status.bytes;
    out.push_back({std::move(name), *std::move(mailbox), *std::move(snapshot)});
  }
  return out;
}

Result<void> ExportRun::messages(const ExportedMailbox& mailbox,
                                 const std::function<Result<void>(const ExportedMessage&, const Body&)>& visit,
                                 const std::function<Result<bool>(const ExportedMessage&)>& is_present) {
  ++report_.mailboxes;
  Uid next = 1;
  const Uid end = mailbox.snapshot.status.uid_next;  // what comes later is not in dovecot-uidlist's numbers
  while (next < end) {
    std::vector<ExportedMessage> some;
    auto fetched =
        mailbox.mailbox.fetch(UidSet::of(next, end - 1), Field::uidl | Field::sections, [&](const MessageView& view) {
          some.push_back({view.uid, view.flags, view.keywords, view.internal_date, view.size, view.header_size,
                          std::string(view.uidl)});
          return some.size() < kFetched;
        });
    if (!fetched) return fetched;
    if (some.empty()) break;
    next = some.back().uid + 1;
    for (const ExportedMessage& message : some) {
      auto present = is_present ? is_present(message) : Result<bool>(false);
      if (!present) return present.error();
      if (*present) {
        ++report_.present;
      } else {
        auto body = mailbox.mailbox.open(message.uid);
        if (!body && body.error().code == Errc::not_found) continue;  // expunged meanwhile
        if (!body) return body.error();
        if (auto visited = visit(message, *body); !visited) return visited;
        ++report_.messages;
        report_.octets += message.size;
      }
      ++progress_.messages;
      progress_.octets += message.size;
      if (options_.progress && !options_.progress(progress_)) {
        return Error{Errc::not_permitted, "stopped by the caller"};
      }
    }
  }
  return {};
}

Result<bool> ExportRun::becomes_lf(const Body& body) {
  if (!options_.unix_line_ends) return false;
  bool is_pure = true;
  bool after_cr = false;
  auto read = for_each_piece(body, 0, body.size(), [&](std::string_view octets) -> Result<void> {
    for (const char c : octets) {
      is_pure &= after_cr == (c == '\n');
      after_cr = c == '\r';
    }
    return {};
  });
  if (!read) return read.error();
  return is_pure && !after_cr;
}

void ExportRun::problem(std::string text) {
  ++report_.problem_count;
  if (report_.problems.size() < kMostProblems) report_.problems.push_back(std::move(text));
}

Result<ExportFile> ExportFile::create(const std::string& path) {
  auto file = base::File::create(path);
  if (!file) return std::move(file).error();
  return ExportFile(*std::move(file));
}

Result<void> ExportFile::write(std::string_view octets) {
  pending_ += octets;
  if (pending_.size() < kWrittenPiece) return {};
  auto written = file_.write(pending_);
  pending_.clear();
  return written;
}

Result<void> ExportFile::write_as_lf(std::string_view octets) {
  while (!octets.empty()) {
    if (after_cr_ && octets.front() != '\n') pending_ += '\r';
    after_cr_ = false;
    const auto cr = octets.find('\r');
    if (auto written = write(octets.substr(0, cr)); !written) return written;
    if (cr == std::string_view::npos) break;
    after_cr_ = true;
    octets.remove_prefix(cr + 1);
  }
  return {};
}

Result<void> ExportFile::flush() {
  if (std::exchange(after_cr_, false)) pending_ += '\r';
  return file_.write(std::exchange(pending_, {}));
}

Result<void> sync_file_system(const std::string& directory) {
#ifdef __linux__
  auto opened = base::File::open_for_reading(directory);
  if (!opened) return opened.error();
  if (::syncfs(opened->fd()) != 0) return base::system_error(errno, "syncfs " + directory);
#else
  (void)directory;
  ::sync();
#endif
  return {};
}

Result<void> make_empty_directory(const std::string& path) {
  if (base::file_exists(path)) {
    auto names = base::list_directory(path);
    if (!names) return names.error();
    if (!names->empty())
      return Error{Errc::already_exists, path + " is not empty: an export to mbox begins anew, in an empty folder"};
  }
  return base::make_directories(path);
}

Result<void> for_each_piece(const Body& body, std::uint64_t offset, std::uint64_t end,
                            const std::function<Result<void>(std::string_view)>& use) {
  std::string piece;
  while (offset < end) {
    piece.clear();
    auto got = body.read(offset, static_cast<std::size_t>(std::min<std::uint64_t>(kWrittenPiece, end - offset)), piece);
    if (!got) return got.error();
    if (*got == 0) return Error{Errc::unavailable, "a message is shorter than recorded"};
    offset += *got;
    if (auto used = use(piece); !used) return used;
  }
  return {};
}

}  // namespace postfach::store
