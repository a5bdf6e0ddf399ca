// Trees that are linked and cut while one asks whose root is whose: what keeps replies from going round in circles.
//
// A path up through a thread may be as long as there is mail, and whoever writes mail decides how often it is walked.
// So the paths are kept in splay trees (Sleator and Tarjan's link/cut trees): each function takes O(log n), amortised.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace postfach::store {

class LinkForest {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // A tree of one node. They are numbered from 0.
  std::uint32_t add();
  std::size_t size() const noexcept { return nodes_.size(); }
  std::uint32_t parent(std::uint32_t node) const noexcept { return nodes_[node].parent; }
  // Makes child, which has no parent, one of parent's. False: that would be a loop, and nothing is done.
  bool link(std::uint32_t child, std::uint32_t parent);
  // Takes a node, with all below it, from its parent, if it has one.
  void cut(std::uint32_t node);
  std::uint64_t octets() const noexcept { return nodes_.capacity() * sizeof(Node); }

 private:
  // A splay tree holds a piece of a path, the upper nodes on the left. `up` is the parent in it, or of its root the node
  // that the piece hangs from.
  struct Node {
    std::uint32_t parent = kNone;
    std::uint32_t children = 0;
    std::uint32_t up = kNone;
    std::array<std::uint32_t, 2> down = {kNone, kNone};
  };

  bool is_splay_root(std::uint32_t node) const noexcept;
  void rotate(std::uint32_t node) noexcept;
  void splay(std::uint32_t node) noexcept;
  void expose(std::uint32_t node) noexcept;
  std::uint32_t root(std::uint32_t node) noexcept;

  std::vector<Node> nodes_;
};

}  // namespace postfach::store
