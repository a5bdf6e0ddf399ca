// The octets of a message that is delivered, until each of its accounts has them: in memory while it is small, else in a
// file; for a single account in the spool that becomes its message.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/files.h"
#include "postfach/message.h"
#include "return_path_filter.h"
#include "store_impl.h"

namespace postfach::store {

class DeliveryContent {
 public:
  explicit DeliveryContent(std::shared_ptr<Store::Impl> store) noexcept : store_(std::move(store)) {}

  // From now on it is known that one account alone gets the message, with these fields in front.
  void expect_one(std::shared_ptr<const Account::Impl> account, std::string fields);

  Result<void> write(std::string_view octets);
  Result<void> finish();
  std::uint64_t size() const noexcept { return size_; }  // without the fields in front
  // Appends up to most octets at offset to out.
  Result<std::size_t> read(std::uint64_t offset, std::size_t most, std::string& out) const;

  // The message of one account, with the fields in front; for the account that was expected once only. Errors: those of
  // Spool::write().
  Result<Spool> spool_for(std::shared_ptr<const Account::Impl> account, std::string_view fields);

 private:
  Result<void> add(std::string_view octets);
  Result<void> leave_memory();

  const std::shared_ptr<Store::Impl> store_;
  ReturnPathFilter filter_;
  std::string header_;  // what the filter gives
  std::uint64_t received_ = 0;
  std::uint64_t size_ = 0;
  std::string memory_;
  base::File file_;  // without a name: it goes with its descriptor
  std::shared_ptr<const Account::Impl> only_account_;
  std::string only_fields_;
  std::optional<Spool> only_spool_;
};

}  // namespace postfach::store
