#include "link_forest.h"

namespace postfach::store {

std::uint32_t LinkForest::add() {
  nodes_.emplace_back();
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

bool LinkForest::is_splay_root(std::uint32_t node) const noexcept {
  const std::uint32_t up = nodes_[node].up;
  return up == kNone || (nodes_[up].down[0] != node && nodes_[up].down[1] != node);
}

void LinkForest::rotate(std::uint32_t node) noexcept {
  const std::uint32_t upper = nodes_[node].up;
  const std::uint32_t top = nodes_[upper].up;
  const std::size_t side = nodes_[upper].down[1] == node ? 1 : 0;
  const std::uint32_t inner = nodes_[node].down[1 - side];
  if (!is_splay_root(upper)) nodes_[top].down[nodes_[top].down[1] == upper ? 1 : 0] = node;
  nodes_[node].up = top;
  nodes_[node].down[1 - side] = upper;
  nodes_[upper].up = node;
  nodes_[upper].down[side] = inner;
  if (inner != kNone) nodes_[inner].up = upper;
}

void LinkForest::splay(std::uint32_t node) noexcept {
  while (!is_splay_root(node)) {
    const std::uint32_t upper = nodes_[node].up;
    if (!is_splay_root(upper)) {
      const std::uint32_t top = nodes_[upper].up;
      const bool is_straight = (nodes_[upper].down[1] == node) == (nodes_[top].down[1] == upper);
      rotate(is_straight ? upper : node);
    }
    rotate(node);
  }
}

// Puts the path from the root down to a node into one splay tree, with the node on top.
void LinkForest::expose(std::uint32_t node) noexcept {
  std::uint32_t below = kNone;
  for (std::uint32_t at = node; at != kNone; at = nodes_[at].up) {
    splay(at);
    nodes_[at].down[1] = below;
    below = at;
  }
  splay(node);
}

std::uint32_t LinkForest::root(std::uint32_t node) noexcept {
  expose(node);
  while (nodes_[node].down[0] != kNone) node = nodes_[node].down[0];
  splay(node);  // which pays for the way
  return node;
}

bool LinkForest::link(std::uint32_t child, std::uint32_t parent) {
  if (child == parent) return false;
  // Who has no children is nobody's ancestor: the most usual case.
  if (nodes_[child].children > 0 && root(parent) == child) return false;
  expose(child);
  nodes_[child].up = parent;
  nodes_[child].parent = parent;
  ++nodes_[parent].children;
  return true;
}

void LinkForest::cut(std::uint32_t node) {
  if (nodes_[node].parent == kNone) return;
  expose(node);
  nodes_[nodes_[node].down[0]].up = kNone;
  nodes_[node].down[0] = kNone;
  --nodes_[nodes_[node].parent].children;
  nodes_[node].parent = kNone;
}

}  // namespace postfach::store
