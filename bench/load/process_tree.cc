#include "process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "failure.h"

namespace load {
namespace {

using std::chrono::nanoseconds;

// Empty if the process is gone meanwhile.
std::string read_file(const std::string& path) {
  std::string content(4096, '\0');
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const ssize_t size = descriptor < 0 ? 0 : ::read(descriptor, content.data(), content.size());
  if (descriptor >= 0) ::close(descriptor);
  content.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return content;
}

struct Stat {
  pid_t parent = 0;
  nanoseconds ended_children{};
};

// proc(5): the fields behind the name, which may have any character: state is the 3rd, the parent the 4th, cutime and
// cstime the 16th and 17th.
std::optional<Stat> read_stat(pid_t pid) {
  const std::string content = read_file("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = content.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  static const long ticks = ::sysconf(_SC_CLK_TCK);
  Stat stat;
  const char* place = content.data() + name_end + 2;
  const char* const end = content.data() + content.size();
  for (int field = 3; field <= 17 && place < end; ++field) {
    const char* const stop = std::find(place, end, ' ');
    long long value = 0;
    std::from_chars(place, stop, value);
    if (field == 4) stat.parent = static_cast<pid_t>(value);
    if (field >= 16) stat.ended_children += nanoseconds(value * 1'000'000'000 / ticks);
    place = std::min(stop + 1, end);
  }
  return stat;
}

// A process's clock has nanoseconds where /proc/PID/stat has ticks of 10 ms.
nanoseconds clock_of(clockid_t clock) {
  timespec time{};
  if (::clock_gettime(clock, &time) != 0) return {};
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

}  // namespace

std::vector<pid_t> ProcessTree::processes() const {
  struct Process {
    pid_t pid, parent;
  };
  std::vector<Process> all;
  const std::unique_ptr<DIR, decltype([](DIR* open) { ::closedir(open); })> directory(::opendir("/proc"));
  if (!directory) throw Failure("there is no /proc");
  while (const dirent* const entry = ::readdir(directory.get())) {
    const pid_t pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    if (const auto stat = read_stat(pid)) all.push_back({pid, stat->parent});
  }
  std::sort(all.begin(), all.end(), [](const Process& a, const Process& b) { return a.parent < b.parent; });
  std::vector<pid_t> found;
  if (std::any_of(all.begin(), all.end(), [this](const Process& each) { return each.pid == root_; })) {
    found.push_back(root_);
  } else {
    throw Failure("the server's process " + std::to_string(root_) + " is gone");
  }
  for (std::size_t next = 0; next < found.size(); ++next) {
    const auto before = [](const Process& each, pid_t parent) { return each.parent < parent; };
    auto child = std::lower_bound(all.begin(), all.end(), found[next], before);
    for (; child != all.end() && child->parent == found[next]; ++child) found.push_back(child->pid);
  }
  return found;
}

nanoseconds ProcessTree::cpu() const {
  nanoseconds sum{};
  for (const pid_t pid : processes()) {
    clockid_t clock{};
    if (::clock_getcpuclockid(pid, &clock) == 0) sum += clock_of(clock);
    if (const auto stat = read_stat(pid)) sum += stat->ended_children;
  }
  return sum;
}

Memory ProcessTree::memory() const {
  const auto value = [](const std::string& content, std::string_view name) {
    const auto place = content.find(name);
    return place == std::string::npos ? 0 : std::strtoull(content.c_str() + place + name.size(), nullptr, 10);
  };
  Memory sum;
  for (const pid_t pid : processes()) {
    const std::string content = read_file("/proc/" + std::to_string(pid) + "/smaps_rollup");
    sum.pss_kib += value(content, "\nPss:");
    sum.anonymous_kib += value(content, "\nPss_Anon:");
  }
  return sum;
}

nanoseconds own_cpu() { return clock_of(CLOCK_PROCESS_CPUTIME_ID); }

}  // namespace load
