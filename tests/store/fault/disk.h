// A disk that forgets and fails: sees every change that the store makes below one directory, whether through SQLite (a
// VFS that becomes the default) or through base/files.h (system calls that the linker redirects, see CMakeLists.txt).
//
// - It records the changes, so that a Replay can tell what power loss at any of them may leave.
// - It makes the Nth operation of a kind fail.
// - Nothing is really synced: what counts as durable is what was recorded so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postfach::fault {

// A file or directory; its number outlives its name.
using Node = std::size_t;
inline constexpr Node kNobody = SIZE_MAX;

struct Event {
  enum class Kind : std::uint8_t {
    write,        // octets at offset
    truncate,     // to offset octets
    entries,      // a directory: names that point elsewhere now, or nowhere; one atomic change
    sync,         // a file: its octets; a directory: its entries
    failed_sync,  // what was not durable may or may not be, and no later sync changes that
  };
  Kind kind{};
  Node node = kNobody;
  std::uint64_t offset = 0;
  std::string octets = {};
  std::vector<std::pair<std::string, Node>> entries = {};
};

struct InitialNode {
  bool is_directory = false;
  std::string octets = {};
  std::map<std::string, Node> entries = {};
};

// Nodes beyond the initial ones come into being empty. Node 0 is the directory that was watched.
struct Recording {
  std::vector<InitialNode> initial;
  std::vector<bool> is_directory;  // of all nodes
  std::vector<Event> events;
};

// What can fail; a set of bits.
namespace action {
inline constexpr unsigned kRead = 1;
inline constexpr unsigned kWrite = 2;
inline constexpr unsigned kTruncate = 4;
inline constexpr unsigned kSync = 8;
inline constexpr unsigned kCreate = 16;
inline constexpr unsigned kRemove = 32;
inline constexpr unsigned kRename = 64;
inline constexpr unsigned kSharedMemory = 128;
inline constexpr unsigned kGrow = 256;  // a write beyond the end
inline constexpr unsigned kAllChanges = kWrite | kTruncate | kSync | kCreate | kRemove | kRename;
inline constexpr unsigned kNeedsRoom = kGrow | kCreate;
}  // namespace action

enum class Failure : std::uint8_t { none, io, full, half_written };

struct Plan {
  unsigned actions = 0;
  Failure failure = Failure::io;
  std::uint64_t at = 1;     // the how manyeth of these operations fails
  bool is_lasting = false;  // and all after it
  std::string below = {};   // only paths that begin so
};

class Disk {
 public:
  // The only one; becomes SQLite's default VFS at the first call.
  static Disk& instance();

  // Begins a new recording below root, of which everything is durable now.
  void watch(std::string root);
  Recording stop();
  std::size_t position() const;  // events so far

  void arm(Plan plan);
  bool disarm();  // true: something failed

  // For the two layers that redirect to here. A path that is not watched has no node.
  Failure meet(unsigned action, const std::string& path);
  Node find(const std::string& path) const;
  Node created(const std::string& path, bool is_directory);
  void removed(const std::string& path);
  void renamed(const std::string& from, const std::string& to);
  void linked(const std::string& from, const std::string& to);  // one file with one more name
  void wrote(Node node, std::uint64_t offset, std::string_view octets);
  void truncated(Node node, std::uint64_t size);
  void synced(Node node, bool failed);
  void synced_directory_of(const std::string& path);

 private:
  Disk() = default;
  bool is_watched(const std::string& path) const;
  Node load(const std::string& path);
  void record(Event event);
  void record_entry(const std::string& path, Node node);
  void forget_below(const std::string& directory);

  mutable std::mutex mutex_;
  std::string root_;
  std::map<std::string, Node> nodes_;  // by path, as a process sees them now
  Recording recording_;
  std::optional<Plan> plan_;
  std::uint64_t met_ = 0;
  bool fired_ = false;
};

// Makes the VFS of vfs.cc the default of SQLite.
void install_vfs();

}  // namespace postfach::fault
