#include "thread_tree.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace postfach::store {

std::uint64_t ThreadTree::octets() const noexcept {
  // Behind the gathering come by_date_, parent_, lists_ and the result, but then the tables and the forest are gone.
  return messages_.capacity() * sizeof(Message) + ids_.octets() + forest_.octets() +
         message_of_.capacity() * sizeof(std::uint32_t);
}

std::uint32_t ThreadTree::new_node(std::uint32_t message) {
  message_of_.push_back(message);
  return forest_.add();
}

// A dummy until the message is met.
std::uint32_t ThreadTree::node_of(std::uint64_t id) {
  std::uint32_t& node = ids_.at(id);
  if (node == NumberTable::kNone) node = new_node(kNone);
  return node;
}

void ThreadTree::add(const ThreadMessage& message) {
  const auto index = static_cast<std::uint32_t>(messages_.size());
  messages_.push_back({message.sent, message.subject, message.uid, message.is_reply_or_forward});
  if (algorithm_ == ThreadAlgorithm::ordered_subject) return;

  // Step (1) A. Of messages with one identifier only the first one has it.
  std::uint32_t before = kNone;
  for (const std::uint64_t reference : message.references) {
    if (reference == 0) continue;
    const std::uint32_t node = node_of(reference);
    if (before != kNone && forest_.parent(node) == LinkForest::kNone) forest_.link(node, before);
    before = node;
  }
  std::uint32_t self = message.id != 0 ? node_of(message.id) : kNone;
  if (self == kNone || message_of_[self] != kNone) self = new_node(kNone);
  message_of_[self] = index;
  // Step (1) B.
  if (forest_.parent(self) == before) return;
  forest_.cut(self);
  if (before != kNone) forest_.link(self, before);
}

// Steps (2) and (3). A message hangs from the nearest message above it. If there are dummies only, it hangs from the
// uppermost of them; but a dummy that would have a single child gives way to it.
void ThreadTree::take_parents() {
  const auto count = static_cast<std::uint32_t>(messages_.size());
  // Of each dummy: the node of the nearest message above, or else the uppermost dummy.
  std::vector<std::uint32_t> above(forest_.size(), kNone);
  std::vector<std::uint32_t> path;
  for (std::uint32_t node = 0; node < above.size(); ++node) {
    std::uint32_t at = node;
    std::uint32_t found = kNone;
    while (found == kNone) {
      const std::uint32_t parent = forest_.parent(at);
      if (message_of_[at] != kNone) {
        found = at;
      } else if (above[at] != kNone) {
        found = above[at];
      } else if (parent == LinkForest::kNone) {
        found = above[at] = at;
      } else {
        path.push_back(at);
        at = parent;
      }
    }
    for (const std::uint32_t each : path) above[each] = found;
    path.clear();
  }

  std::vector<std::uint32_t> children(above.size(), 0);  // of uppermost dummies
  const auto head = [&](std::uint32_t node) {
    const std::uint32_t parent = forest_.parent(node);
    if (parent == LinkForest::kNone) return kNone;
    return message_of_[parent] != kNone ? parent : above[parent];
  };
  for (std::uint32_t node = 0; node < above.size(); ++node) {
    if (message_of_[node] == kNone) continue;
    const std::uint32_t parent = head(node);
    if (parent != kNone && message_of_[parent] == kNone) ++children[parent];
  }
  std::vector<std::uint32_t> dummy(above.size(), kNone);
  for (std::uint32_t node = 0; node < above.size(); ++node) {
    if (message_of_[node] == kNone) continue;
    const std::uint32_t parent = head(node);
    std::uint32_t& result = parent_[message_of_[node]];
    if (parent == kNone) continue;
    if (message_of_[parent] != kNone) {
      result = message_of_[parent];
    } else if (children[parent] > 1) {
      if (dummy[parent] == kNone) dummy[parent] = count + dummies_++;
      result = dummy[parent];
    }
  }
}

// Steps (4) and (6): whoever comes earlier is taken first, and comes first in its list. A dummy comes where its first
// child would.
void ThreadTree::make_lists() {
  const auto root = static_cast<std::uint32_t>(messages_.size()) + dummies_;
  lists_.assign(std::size_t{root} + 1, {});
  const auto append = [this](std::uint32_t parent, std::uint32_t child) {
    Links& list = lists_[parent];
    if (list.first_child == kNone) {
      list.first_child = child;
    } else {
      lists_[list.last_child].next_sibling = child;
    }
    list.last_child = child;
  };
  for (const std::uint32_t message : by_date_) {
    const std::uint32_t parent = parent_[message];
    if (parent == kNone) {
      append(root, message);
      continue;
    }
    if (is_dummy(parent) && lists_[parent].first_child == kNone) append(root, parent);
    append(parent, message);
  }
}

std::uint32_t ThreadTree::first_message(std::uint32_t thread) const noexcept {
  return is_dummy(thread) ? lists_[thread].first_child : thread;
}

// Step (5).
void ThreadTree::merge_subjects() {
  const auto count = static_cast<std::uint32_t>(messages_.size());
  std::vector<std::uint32_t> threads;
  for (std::uint32_t thread = lists_.back().first_child; thread != kNone; thread = lists_[thread].next_sibling) {
    if (messages_[first_message(thread)].subject != 0) threads.push_back(thread);
  }
  const auto is_reply = [&](std::uint32_t thread) {
    return !is_dummy(thread) && messages_[thread].is_reply_or_forward;
  };

  NumberTable table(secret_);
  for (const std::uint32_t thread : threads) {
    std::uint32_t& first = table.at(messages_[first_message(thread)].subject);
    const bool replaces =
        first == kNone || (!is_dummy(first) && (is_dummy(thread) || (is_reply(first) && !is_reply(thread))));
    if (replaces) first = thread;
  }

  // A dummy whose children go to another one.
  std::vector<std::uint32_t> merged(dummies_, kNone);
  for (const std::uint32_t thread : threads) {
    std::uint32_t& first = table.at(messages_[first_message(thread)].subject);
    if (first == thread) continue;
    if (is_dummy(thread)) {
      // `first` is a dummy too: no message keeps its place when a dummy comes.
      merged[thread - count] = first;
    } else if (is_dummy(first) || (is_reply(thread) && !is_reply(first))) {
      parent_[thread] = first;
    } else {
      const std::uint32_t dummy = count + dummies_++;
      parent_[thread] = parent_[first] = dummy;
      first = dummy;
    }
  }
  for (std::uint32_t& parent : parent_) {
    if (parent != kNone && is_dummy(parent) && parent - count < merged.size() && merged[parent - count] != kNone) {
      parent = merged[parent - count];
    }
  }
}

void ThreadTree::group_by_subject() {
  NumberTable table(secret_);
  std::uint32_t no_subject = kNone;
  for (const std::uint32_t message : by_date_) {
    const std::uint64_t subject = messages_[message].subject;
    std::uint32_t& first = subject == 0 ? no_subject : table.at(subject);
    if (first == kNone) {
      first = message;
    } else {
      parent_[message] = first;
    }
  }
}

std::vector<ThreadNode> ThreadTree::lay_out() const {
  std::vector<ThreadNode> nodes;
  nodes.reserve(lists_.size() - 1);
  struct Open {
    std::uint32_t next;   // sibling
    std::uint32_t place;  // in nodes
  };
  std::vector<Open> open;
  std::uint32_t at = lists_.back().first_child;
  for (;;) {
    while (at == kNone && !open.empty()) {
      nodes[open.back().place].size = static_cast<std::uint32_t>(nodes.size()) - open.back().place;
      at = open.back().next;
      open.pop_back();
    }
    if (at == kNone) return nodes;
    open.push_back({lists_[at].next_sibling, static_cast<std::uint32_t>(nodes.size())});
    nodes.push_back({is_dummy(at) ? Uid{0} : messages_[at].uid, 1});
    at = lists_[at].first_child;
  }
}

std::vector<ThreadNode> ThreadTree::finish() {
  parent_.assign(messages_.size(), kNone);
  if (algorithm_ == ThreadAlgorithm::references) take_parents();
  ids_ = NumberTable(secret_);
  forest_ = {};
  message_of_ = {};
  by_date_.resize(messages_.size());
  std::iota(by_date_.begin(), by_date_.end(), 0U);
  std::sort(by_date_.begin(), by_date_.end(), [this](std::uint32_t a, std::uint32_t b) {
    if (messages_[a].sent != messages_[b].sent) return messages_[a].sent < messages_[b].sent;
    return a < b;
  });
  if (algorithm_ == ThreadAlgorithm::references) {
    make_lists();
    merge_subjects();
  } else {
    group_by_subject();
  }
  make_lists();
  return lay_out();
}

}  // namespace postfach::store
