#include "spool.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/random.h"

namespace postfach {
namespace {

constexpr std::size_t kNameDigits = 32;

}  // namespace

Spool::Impl::~Impl() {
  if (!path.empty()) (void)base::remove_file(path);
}

Result<void> Spool::Impl::write(std::string_view octets) {
  if (failed) failed = take_in(octets);
  return failed;
}

Result<void> Spool::Impl::take_in(std::string_view octets) {
  if (!parser) return Error{Errc::invalid_argument, "the message is finished"};
  if (octets.size() > most_octets - size) {
    return Error{Errc::limit, "the message is larger than permitted"};
  }
  if (!file.is_open() && memory.size() + octets.size() > store::kMostInMemory) {
    if (auto begun = begin_file(); !begun) return begun;
  }
  if (file.is_open()) {
    front += octets.substr(0, store::kKeptHeader - front.size());
    if (auto written = file.write(octets); !written) return account->failure(nullptr, written.error());
  } else {
    memory += octets;
  }
  parser->feed(octets);
  size += octets.size();
  return {};
}

Result<void> Spool::Impl::begin_file() {
  const std::string directory = account->store->locate(account->id).large;
  file_name = base::random_hex(kNameDigits);
  const std::string temporary = base::join_path(directory, "tmp-" + file_name);
  // A sweep that meets the file before it is locked takes it away: then there is no name to it any more.
  for (int attempt = 0; attempt < 100; ++attempt) {
    auto created = base::File::create(temporary);
    if (!created && created.error().code == Errc::already_exists) continue;  // being taken away right now
    if (!created) return account->failure(nullptr, created.error());
    if (::flock(created->fd(), LOCK_EX | LOCK_NB) != 0) continue;
    struct stat status {};
    if (::fstat(created->fd(), &status) != 0 || status.st_nlink == 0) continue;
    path = temporary;
    file = std::move(*created);
    if (auto written = file.write(memory); !written) return account->failure(nullptr, written.error());
    front = memory.substr(0, store::kKeptHeader);
    memory = {};
    return {};
  }
  return Error{Errc::unavailable, "no file can be kept in " + directory};
}

std::string_view Spool::Impl::header() const noexcept {
  if (parsed.header_size > front.size()) return {};
  return std::string_view(front).substr(0, static_cast<std::size_t>(parsed.header_size));
}

Result<void> Spool::Impl::finish() {
  if (!failed) return failed;
  if (size == 0) return Error{Errc::invalid_argument, "a message has no octets"};
  if (!parser) return {};
  parsed = parser->finish();
  parser.reset();
  return {};
}

Result<void> Spool::Impl::make_durable() {
  if (auto done = make_octets_durable(); !done || !file.is_open()) return done;
  failed = base::sync_directory(account->store->locate(account->id).large);
  if (!failed) return account->failure(nullptr, failed.error());
  return {};
}

Result<void> Spool::Impl::make_octets_durable() {
  if (auto finished = finish(); !finished) return finished;
  if (!file.is_open()) return {};
  const std::string directory = account->store->locate(account->id).large;
  std::string final_path = base::join_path(directory, file_name);
  failed = file.sync();
  if (failed) failed = base::rename_file(path, final_path);
  if (failed) path = std::move(final_path);
  if (!failed) return account->failure(nullptr, failed.error());
  return {};
}

Spool::Spool(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Spool::Spool(Spool&&) noexcept = default;
Spool& Spool::operator=(Spool&&) noexcept = default;
Spool::~Spool() = default;

Result<void> Spool::write(std::string_view octets) { return impl_->write(octets); }
Result<void> Spool::finish() { return impl_->finish(); }
std::uint64_t Spool::size() const noexcept { return impl_->size; }
std::size_t Spool::memory() const noexcept {
  const message::Parsed& parsed = impl_->parsed;
  return impl_->memory.size() + impl_->front.size() + parsed.envelope.size() + parsed.body_structure.size() +
         parsed.sections.size();
}
bool Spool::is_file() const noexcept { return impl_->file.is_open(); }
std::string_view Spool::sections() const noexcept { return impl_->parsed.sections; }

Result<std::size_t> Spool::read(std::uint64_t offset, std::size_t most, std::string& out) const {
  if (offset >= impl_->size) return std::size_t{0};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, impl_->size - offset));
  if (!impl_->file.is_open()) {
    out.append(impl_->memory, static_cast<std::size_t>(offset), count);
    return count;
  }
  if (auto got = impl_->file.read_at(offset, count, out); !got) return impl_->account->failure(nullptr, got.error());
  return count;
}

}  // namespace postfach
