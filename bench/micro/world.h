// What the benchmarks work on: messages, and a store on the disk with accounts that hold them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "postfach/store.h"

namespace bench {

inline constexpr const char* kPassword = "secret";
// Full of messages; benchmarks change flags there and nothing else.
inline constexpr const char* kReader = "reader@example.org";
// The same, with a full-text index.
inline constexpr const char* kIndexed = "indexed@example.org";
// Where benchmarks put messages.
inline constexpr const char* kWriter = "writer@example.org";

// Messages as people get them. The number makes each of them different; the same number is the same message.
std::string plain_message(std::size_t number);       // some 4 KiB of text
std::string multipart_message(std::size_t number);   // some 10 KiB: text, HTML, encoded words, a picture
std::string attachment_message(std::size_t number);  // some 300 KiB, most of them one attachment
// What an account is filled with: 6 plain ones, 3 multiparts and 1 with an attachment of 40 KiB out of ten.
std::string ordinary_message(std::size_t number);

// A word that stands in the text of one message in a hundred.
inline constexpr const char* kRareWord = "Zwiebelkuchen";

class World {
 public:
  // The directory holds the store; it is made and filled by fill() unless that was done before. Opened when needed.
  World(std::string directory, std::uint32_t messages) : directory_(std::move(directory)), messages_(messages) {}

  void fill();
  const std::string& directory() const noexcept { return directory_; }
  std::uint32_t messages() const noexcept { return messages_; }  // in the accounts of kReader and kIndexed

  // A handle of its own: nothing that others left in memory is there.
  postfach::Store open() const;

 private:
  std::string directory_;
  std::uint32_t messages_;
};

postfach::Account account(const postfach::Store& store, const char* name);
postfach::Mailbox inbox(const postfach::Account& account);
postfach::NewMessage new_message(const postfach::Account& account, std::string_view octets);
// UIDs of all messages of a full account.
postfach::UidSet all_uids(const World& world);

}  // namespace bench
