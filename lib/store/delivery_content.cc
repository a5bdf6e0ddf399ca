#include "delivery_content.h"

#include <algorithm>
#include <utility>

#include "spool.h"

namespace postfach::store {
namespace {

// A file is copied in pieces of this size.
constexpr std::size_t kRelayedPiece = std::size_t{64} * 1024;

// The fields in front of a message are no business of who sent it: they don't count for its greatest size.
Result<Spool> begin_spool(std::shared_ptr<const Account::Impl> account, std::string_view fields) {
  Spool spool(std::make_unique<Spool::Impl>(std::move(account)));
  spool.impl().most_octets += fields.size();
  if (auto written = spool.write(fields); !written) return written.error();
  return spool;
}

}  // namespace

void DeliveryContent::expect_one(std::shared_ptr<const Account::Impl> account, std::string fields) {
  only_account_ = std::move(account);
  only_fields_ = std::move(fields);
}

Result<void> DeliveryContent::write(std::string_view octets) {
  if (octets.size() > store_->options.max_message_size - received_) {
    return Error{Errc::limit, "the message is larger than permitted"};
  }
  received_ += octets.size();
  header_.clear();
  const std::string_view rest = filter_.feed(octets, header_);
  if (auto added = add(header_); !added) return added;
  return add(rest);
}

Result<void> DeliveryContent::finish() {
  header_.clear();
  filter_.finish(header_);
  return add(header_);
}

Result<void> DeliveryContent::add(std::string_view octets) {
  if (octets.empty()) return {};
  if (!only_spool_ && !file_.is_open() && memory_.size() + octets.size() > kMostInMemory) {
    if (auto left = leave_memory(); !left) return left;
  }
  if (only_spool_) {
    if (auto written = only_spool_->write(octets); !written) return written;
  } else if (file_.is_open()) {
    if (auto written = file_.write(octets); !written) return written;
  } else {
    memory_ += octets;
  }
  size_ += octets.size();
  return {};
}

Result<void> DeliveryContent::leave_memory() {
  if (only_account_) {
    auto spool = begin_spool(only_account_, only_fields_);
    if (!spool) return spool.error();
    if (auto written = spool->write(memory_); !written) return written;
    only_spool_ = std::move(*spool);
  } else {
    auto file = base::File::create_unnamed(store_->options.path);
    if (!file) return file.error();
    if (auto written = file->write(memory_); !written) return written;
    file_ = std::move(*file);
  }
  std::string().swap(memory_);
  return {};
}

Result<std::size_t> DeliveryContent::read(std::uint64_t offset, std::size_t most, std::string& out) const {
  if (offset >= size_) return std::size_t{0};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, size_ - offset));
  if (only_spool_) return only_spool_->read(only_fields_.size() + offset, count, out);
  if (file_.is_open()) {
    if (auto got = file_.read_at(offset, count, out); !got) return got.error();
    return count;
  }
  out.append(memory_, static_cast<std::size_t>(offset), count);
  return count;
}

Result<Spool> DeliveryContent::spool_for(std::shared_ptr<const Account::Impl> account, std::string_view fields) {
  if (only_spool_) {
    Spool spool = std::move(*only_spool_);
    only_spool_.reset();
    return spool;
  }
  auto spool = begin_spool(std::move(account), fields);
  if (!spool) return spool;
  if (!file_.is_open()) {
    if (auto written = spool->write(memory_); !written) return written.error();
    return spool;
  }
  std::string piece;
  for (std::uint64_t offset = 0; offset < size_; offset += piece.size()) {
    piece.clear();
    if (auto got = read(offset, kRelayedPiece, piece); !got) return got.error();
    if (auto written = spool->write(piece); !written) return written.error();
  }
  return spool;
}

}  // namespace postfach::store
