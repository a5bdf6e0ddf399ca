// Threads: messages of one mailbox as trees of replies (RFC 5256 §3 THREAD).
//
//     Threader threader(ThreadAlgorithm::references);
//     for (Uid from = 1; from != 0;) from = mailbox.thread(threader, found, from).value();
//     for (const ThreadNode& node : threader.finish()) …
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "postfach/search.h"
#include "postfach/types.h"

namespace postfach {

enum class ThreadAlgorithm : std::uint8_t {
  ordered_subject,  // one thread for each base subject, the first message and its children
  references,       // by References: and In-Reply-To:, and then by base subject
};

// A message in its thread. Nodes are in the order of output: each is followed by its descendants.
struct ThreadNode {
  Uid uid = 0;             // 0: a parent that is not there; only of a whole thread, and it has two children or more
  std::uint32_t size = 1;  // nodes of the tree that begins here, with this one
};

// Gathers messages (Mailbox::thread) and then puts them into threads. Siblings are in the order of their sent dates, and
// of their UIDs where those agree. Takes some 80 octets for each message. Movable; used by one thread at a time.
class Threader {
 public:
  // Octets that a threader may take; beyond them Mailbox::thread returns limit. Half a million messages fit.
  static constexpr std::uint64_t kMostOctets = 64ULL * 1024 * 1024;

  // comparator: of subjects.
  explicit Threader(ThreadAlgorithm algorithm, Comparator comparator = Comparator::unicode_casemap);
  Threader(Threader&&) noexcept;
  Threader& operator=(Threader&&) noexcept;
  ~Threader();

  // Ends the gathering. Takes some 50 ms of CPU for 100,000 messages.
  std::vector<ThreadNode> finish();

  struct Impl;
  Impl& impl() noexcept { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach
