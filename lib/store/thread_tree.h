// The two threading algorithms of RFC 5256 §3, apart from any mailbox.
//
// Invariants:
// - No recursion, and no more than O(n log n) steps for n messages and their references, whatever they refer to.
// - Identifiers and subjects are compared by hashes of 64 bits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "link_forest.h"
#include "number_table.h"
#include "postfach/thread.h"

namespace postfach::store {

// What a thread is made of.
struct ThreadMessage {
  Uid uid = 0;
  std::int64_t sent = 0;                           // RFC 5256 §2.2; seconds since 1970
  std::uint64_t subject = 0;                       // of the collated base subject; 0 if that is empty
  bool is_reply_or_forward = false;                // by its subject
  std::uint64_t id = 0;                            // 0: no valid identifier
  std::span<const std::uint64_t> references = {};  // the oldest first
};

class ThreadTree {
 public:
  // secret: for the tables.
  ThreadTree(ThreadAlgorithm algorithm, std::uint64_t secret) noexcept
      : algorithm_(algorithm), secret_(secret), ids_(secret) {}

  // In ascending order of UIDs.
  void add(const ThreadMessage& message);
  std::uint64_t octets() const noexcept;
  // Once.
  std::vector<ThreadNode> finish();

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Message {
    std::int64_t sent;
    std::uint64_t subject;
    Uid uid;
    bool is_reply_or_forward;
  };

  // Step (1).
  std::uint32_t new_node(std::uint32_t message);
  std::uint32_t node_of(std::uint64_t id);

  // Parents of messages: a message, or a dummy, whose number is counted from the number of messages on.
  bool is_dummy(std::uint32_t parent) const noexcept { return parent >= messages_.size(); }
  void take_parents();
  void merge_subjects();
  void group_by_subject();
  void make_lists();
  std::uint32_t first_message(std::uint32_t thread) const noexcept;
  std::vector<ThreadNode> lay_out() const;

  ThreadAlgorithm algorithm_;
  std::uint64_t secret_;
  std::vector<Message> messages_;
  NumberTable ids_;  // the node of an identifier
  LinkForest forest_;
  std::vector<std::uint32_t> message_of_;  // of each node; kNone: a dummy

  std::vector<std::uint32_t> by_date_;  // messages
  std::vector<std::uint32_t> parent_;   // of messages; kNone: the root
  std::uint32_t dummies_ = 0;
  // Of messages and dummies, siblings by date; the root is the last one.
  struct Links {
    std::uint32_t first_child = kNone;
    std::uint32_t last_child = kNone;
    std::uint32_t next_sibling = kNone;
  };
  std::vector<Links> lists_;
};

}  // namespace postfach::store
