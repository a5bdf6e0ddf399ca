#include "disk.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace postfach::fault {
namespace {

std::pair<std::string, std::string> split(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return {path.substr(0, slash), path.substr(slash + 1)};
}

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Disk& Disk::instance() {
  static Disk disk;
  static const bool installed = [] {
    install_vfs();
    return true;
  }();
  (void)installed;
  return disk;
}

void Disk::watch(std::string root) {
  const std::lock_guard lock(mutex_);
  root_ = std::move(root);
  nodes_.clear();
  recording_ = {};
  load(root_);
}

Node Disk::load(const std::string& path) {
  const Node node = recording_.initial.size();
  const bool is_directory = std::filesystem::is_directory(path);
  nodes_[path] = node;
  recording_.is_directory.push_back(is_directory);
  recording_.initial.push_back({.is_directory = is_directory});
  if (!is_directory) {
    recording_.initial[node].octets = contents_of(path);
    return node;
  }
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    const std::string name = entry.path().filename();
    if (name.ends_with("-shm")) continue;  // shared memory: worth nothing after power loss
    const Node child = load(entry.path());
    recording_.initial[node].entries[name] = child;
  }
  return node;
}

Recording Disk::stop() {
  const std::lock_guard lock(mutex_);
  root_.clear();
  nodes_.clear();
  return std::exchange(recording_, {});
}

std::size_t Disk::position() const {
  const std::lock_guard lock(mutex_);
  return recording_.events.size();
}

void Disk::arm(Plan plan) {
  const std::lock_guard lock(mutex_);
  plan_ = std::move(plan);
  met_ = 0;
  fired_ = false;
}

bool Disk::disarm() {
  const std::lock_guard lock(mutex_);
  plan_.reset();
  return std::exchange(fired_, false);
}

Failure Disk::meet(unsigned action, const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (!plan_ || (plan_->actions & action) == 0 || !path.starts_with(plan_->below)) return Failure::none;
  ++met_;
  if (plan_->is_lasting ? met_ < plan_->at : met_ != plan_->at) return Failure::none;
  fired_ = true;
  return plan_->failure;
}

bool Disk::is_watched(const std::string& path) const {
  return !root_.empty() && path.starts_with(root_) && (path.size() == root_.size() || path[root_.size()] == '/');
}

Node Disk::find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(path);
  return found == nodes_.end() ? kNobody : found->second;
}

void Disk::record(Event event) {
  if (!root_.empty() && event.node < recording_.is_directory.size()) recording_.events.push_back(std::move(event));
}

void Disk::record_entry(const std::string& path, Node node) {
  const auto [directory, name] = split(path);
  const auto parent = nodes_.find(directory);
  if (parent == nodes_.end()) return;
  record({.kind = Event::Kind::entries, .node = parent->second, .entries = {{name, node}}});
}

void Disk::forget_below(const std::string& directory) {
  const std::string prefix = directory + "/";
  for (auto next = nodes_.lower_bound(prefix); next != nodes_.end() && next->first.starts_with(prefix);) {
    next = nodes_.erase(next);
  }
}

Node Disk::created(const std::string& path, bool is_directory) {
  const std::lock_guard lock(mutex_);
  if (!is_watched(path)) return kNobody;
  forget_below(path);
  const Node node = recording_.is_directory.size();
  recording_.is_directory.push_back(is_directory);
  nodes_[path] = node;
  record_entry(path, node);
  return node;
}

void Disk::removed(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (nodes_.erase(path) != 0) record_entry(path, kNobody);
}

void Disk::renamed(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(from);
  if (found == nodes_.end()) return;
  const Node node = found->second;
  nodes_.erase(found);
  forget_below(to);
  nodes_[to] = node;
  const std::string prefix = from + "/";
  for (auto next = nodes_.lower_bound(prefix); next != nodes_.end() && next->first.starts_with(prefix);) {
    nodes_[to + next->first.substr(from.size())] = next->second;
    next = nodes_.erase(next);
  }
  // The store renames within one directory only: that is atomic.
  const auto [directory, name] = split(from);
  record({.kind = Event::Kind::entries,
          .node = nodes_.at(directory),
          .entries = {{name, kNobody}, {split(to).second, node}}});
}

void Disk::linked(const std::string& from, const std::string& to) {
  const std::lock_guard lock(mutex_);
  const auto found = nodes_.find(from);
  if (found == nodes_.end() || !is_watched(to)) return;
  const Node node = found->second;
  nodes_[to] = node;
  record_entry(to, node);
}

void Disk::wrote(Node node, std::uint64_t offset, std::string_view octets) {
  const std::lock_guard lock(mutex_);
  record({.kind = Event::Kind::write, .node = node, .offset = offset, .octets = std::string(octets)});
}

void Disk::truncated(Node node, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  record({.kind = Event::Kind::truncate, .node = node, .offset = size});
}

void Disk::synced(Node node, bool failed) {
  const std::lock_guard lock(mutex_);
  record({.kind = failed ? Event::Kind::failed_sync : Event::Kind::sync, .node = node});
}

void Disk::synced_directory_of(const std::string& path) { synced(find(split(path).first), false); }

}  // namespace postfach::fault
