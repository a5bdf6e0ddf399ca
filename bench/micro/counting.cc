#include "counting.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "callgrind.h"

namespace bench {
namespace {

// What a program writes on its standard output. Throws if it can't be started or fails.
std::string output_of(std::vector<std::string> words) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    sigset_t none;  // what this program waits for shall end that one
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    ::execvp(pointers.front(), pointers.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string out;
  std::array<char, 4096> octets{};
  for (ssize_t size = 0; (size = ::read(ends[0], octets.data(), octets.size())) > 0;) {
    out.append(octets.data(), static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw std::runtime_error(words.front() + " failed");
  return out;
}

// The name that a dump was given, and its sum.
void read_dump(const std::filesystem::path& path, std::map<std::string, Counted>& counted) {
  constexpr std::string_view kName = "desc: Trigger: Client Request: ";
  std::ifstream file(path);
  std::string name;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kName)) name = line.substr(kName.size());
    if (!line.starts_with("totals: ") || name.empty()) continue;
    if (const auto found = counted.find(name); found != counted.end())
      found->second.instructions = std::stoull(line.substr(8));
  }
}

}  // namespace

bool can_count_by_callgrind() {
  if (!kHasCallgrind) return false;
  std::istringstream folders(std::getenv("PATH") != nullptr ? std::getenv("PATH") : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((folder + "/valgrind").c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::map<std::string, Counted> count_by_callgrind(const std::string& directory, std::vector<std::string> arguments) {
  const std::string files = directory + "/callgrind.out";
  std::vector<std::string> words = {"valgrind",
                                    "--quiet",
                                    "--tool=callgrind",
                                    "--collect-atstart=no",
                                    "--callgrind-out-file=" + files,
                                    std::filesystem::read_symlink("/proc/self/exe").string(),
                                    "--counted"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::map<std::string, Counted> counted;
  std::istringstream lines(output_of(std::move(words)));
  std::string name;
  for (std::uint64_t operations = 0; lines >> name >> operations;) counted[name].operations = operations;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("callgrind.out.")) read_dump(entry.path(), counted);
  }
  return counted;
}

}  // namespace bench
