// Body: octets that can be read to the end, whatever happens to their message.
#include "postfach/message.h"

#include <algorithm>

#include "base/files.h"
#include "spool.h"
#include "sqlite/bodies.h"
#include "sqlite/messages.h"
#include "store_impl.h"

namespace postfach {

struct Body::Impl {
  std::shared_ptr<Store::Impl> store;  // keeps a temporary store's directory
  std::string memory;                  // the range, if there is no file
  base::File file;
  std::uint64_t offset = 0;  // of the range in the file
  std::uint64_t size = 0;    // of the range
};

Body::Body(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Body::Body(Body&&) noexcept = default;
Body& Body::operator=(Body&&) noexcept = default;
Body::~Body() = default;

std::uint64_t Body::size() const noexcept { return impl_->size; }

Result<std::size_t> Body::read(std::uint64_t offset, std::size_t most, std::string& out) const {
  if (offset >= impl_->size) return std::size_t{0};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, impl_->size - offset));
  if (!impl_->file.is_open()) {
    out.append(impl_->memory, static_cast<std::size_t>(offset), count);
    return count;
  }
  if (auto got = impl_->file.read_at(impl_->offset + offset, count, out); !got) return got.error();
  return count;
}

Result<Body> Mailbox::open(Uid uid, std::uint64_t offset, std::uint64_t size) const {
  const auto& account = impl_->account;
  auto body = std::make_unique<Body::Impl>();
  body->store = account->store;
  std::string file;
  const auto look = [&](sqlite::Connection& db) -> Result<void> {
    if (auto mailbox = store::load_selectable(db, impl_->id); !mailbox) return mailbox.error();
    auto message = sqlite::find_message(db, impl_->id, uid);
    if (!message) return message.error();
    if (!message->has_value()) return Error{Errc::not_found, "no such message"};
    body->offset = std::min(offset, (*message)->size);
    body->size = std::min(size, (*message)->size - body->offset);
    const std::int64_t id = (*message)->body_id;
    body->memory.clear();
    file.clear();
    // A small body is hardly ever a file.
    if ((*message)->size <= store::kMostInMemory) {
      if (sqlite::read_content(db, id, body->offset, body->size, body->memory)) return {};
      body->memory.clear();
    }
    auto stored = sqlite::find_body(db, id);
    if (!stored) return stored.error();
    file = std::move(stored->file);
    if (!file.empty()) return {};
    return sqlite::read_content(db, id, body->offset, body->size, body->memory);
  };
  // A large file may go between the look and the opening, when the message is expunged; then the next look says so.
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (auto found = account->read(look); !found) return found.error();
    if (file.empty()) return Body(std::move(body));
    auto opened = base::File::open_for_reading(base::join_path(account->store->locate(account->id).large, file));
    if (opened) {
      body->file = std::move(*opened);
      return Body(std::move(body));
    }
    if (opened.error().code != Errc::not_found) return account->failure(nullptr, opened.error());
  }
  return account->failure(nullptr, {Errc::corrupt, "the file of a message is missing: " + file});
}

}  // namespace postfach
