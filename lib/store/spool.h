// A message on its way in: in memory while it is small, else a file in large/ that nobody names yet.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/files.h"
#include "message/parser.h"
#include "store_impl.h"

namespace postfach {
namespace store {

// What is kept of the header of a message that is a file, beside it.
inline constexpr std::size_t kKeptHeader = std::size_t{8} * 1024;
// Octets of a message. Up to here a body is a row, above it is a file.
inline constexpr std::size_t kMostInMemory = std::size_t{64} * 1024;

}  // namespace store

struct Spool::Impl {
  explicit Impl(std::shared_ptr<const Account::Impl> owner) noexcept
      : account(std::move(owner)), most_octets(account->store->options.max_message_size) {}
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<void> write(std::string_view octets);
  // Ends the parser.
  Result<void> finish();
  // Finishes and makes the octets durable. The file gets its final name; until the spool goes its lock is held, which
  // keeps it from being swept. Once.
  Result<void> make_durable();
  // The same, but for the file's name in its directory, which the caller has to sync: once for all messages.
  Result<void> make_octets_durable();
  // Of a message that is a file and finished: its header, or nothing if that is long.
  std::string_view header() const noexcept;
  // The database names the file now, or may do so: it stays.
  void keep_file() noexcept { path.clear(); }

  std::shared_ptr<const Account::Impl> account;
  std::uint64_t most_octets;
  std::optional<message::Parser> parser{std::in_place};  // until finish()
  message::Parsed parsed;                                // after finish()
  std::uint64_t size = 0;
  std::string memory;  // all octets, if there is no file
  std::string front;   // the first of them, kKeptHeader at most, if there is one
  base::File file;
  std::string file_name;  // final name in large/; empty if there is no file
  std::string path;       // where the file is now, if it is ours to remove
  Result<void> failed;

 private:
  Result<void> take_in(std::string_view octets);
  Result<void> begin_file();
};

}  // namespace postfach
