// Doorbells: who wants to know that an account or one of its mailboxes has changed.
//
// A doorbell carries nothing: whoever hears it asks changes_since(). So no queue can grow here. It rings after COMMIT,
// on the thread that committed, with none of our locks held but the bell's own, which makes disconnecting wait.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "postfach/changes.h"
#include "postfach/types.h"

namespace postfach::store {

// What stat(2) says about the files of a database; other processes change it.
struct FileSignature {
  struct One {
    std::uint64_t inode = 0;
    std::int64_t size = -1;
    std::int64_t modified = 0;  // ns
    bool operator==(const One&) const = default;
  };
  One database;
  One log;
  bool operator==(const FileSignature&) const = default;

  static FileSignature of(const std::string& database);
  // Written so lately that another write could have left the same time.
  bool is_fresh() const noexcept;
};

class Hub {
 public:
  struct Bell {
    std::recursive_mutex mutex;  // held while it rings; recursive, because a doorbell may drop its own subscription
    Doorbell ring;
    bool connected = true;
  };

  // mailbox: nothing for the whole account. signature is called for the first watcher of an account.
  std::shared_ptr<Bell> add(AccountId account, std::optional<MailboxId> mailbox, Doorbell doorbell,
                            const std::function<FileSignature()>& signature);
  void remove(AccountId account, std::optional<MailboxId> mailbox, const std::shared_ptr<Bell>& bell) noexcept;

  // Those of the account and of the mailboxes; all of the account's mailboxes if everything is set.
  void ring(AccountId account, std::span<const MailboxId> mailboxes, bool everything);

  std::vector<AccountId> watched() const;
  // Takes note of a signature. True if it is not the one that was seen last, or could hide a change.
  bool is_news(AccountId account, const FileSignature& signature);
  // Takes note of the highest MODSEQ; true if it is not the one that was seen last.
  bool is_news(AccountId account, ModSeq highest);

 private:
  using Bells = std::vector<std::shared_ptr<Bell>>;
  struct Watched {
    Bells bells;
    std::unordered_map<MailboxId, Bells> mailboxes;
    FileSignature signature;
    bool uncertain = false;
    ModSeq highest = 0;
  };

  mutable std::mutex mutex_;
  std::unordered_map<AccountId, Watched> accounts_;
};

}  // namespace postfach::store
