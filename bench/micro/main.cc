// Microbenchmarks: what the parser, the storage and the writer cost, per operation, in time and in instructions.
//
//     postfach_micro                      all of them, in some two minutes
//     postfach_micro parse- imap-fetch    those whose names begin so
//     postfach_micro --profile DIR imap-fetch-all && callgrind_annotate DIR/callgrind.out.1
//
// Time is the median of rounds; on a machine that does other things too, look at the instructions.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "benchmark.h"
#include "callgrind.h"
#include "counting.h"

namespace {

using bench::Benchmark;
using bench::Counted;
using bench::Instructions;
using bench::Meter;

constexpr std::string_view kUsage =
    "Usage: postfach_micro [OPTIONS] [NAME...]\n\n"
    "Measures what single parts of postfach cost: all benchmarks, or those whose names begin like one that is "
    "given.\n\n"
    "  --list             Print their names, and what each does\n"
    "  --json             One JSON object a line instead of a table\n"
    "  --seconds S        How long each is repeated (0.5)\n"
    "  --messages N       In the mailboxes that are read (2000)\n"
    "  --directory DIR    Where the store is made, on the disk to be measured; removed at the end (/var/tmp)\n"
    "  --no-instructions  Time alone\n"
    "  --profile DIR      Keep callgrind's files there, one for each benchmark in their order\n";

struct Settings {
  std::vector<std::string> names;
  bool list = false;
  bool json = false;
  bool instructions = true;
  bool counted = false;  // this is the run under callgrind, with the directory of the other one
  double seconds = 0.5;
  std::uint32_t messages = 2000;
  std::string directory = "/var/tmp";
  std::string profile;
};

struct Figures {
  double ns = 0;
  double fastest_ns = 0;
  std::optional<double> instructions;
};

std::optional<Settings> settings_of(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&]() -> const char* { return ++i < argc ? argv[i] : ""; };
    if (word == "--list") {
      settings.list = true;
    } else if (word == "--json") {
      settings.json = true;
    } else if (word == "--no-instructions") {
      settings.instructions = false;
    } else if (word == "--counted") {
      settings.counted = true;
    } else if (word == "--seconds") {
      settings.seconds = std::strtod(value(), nullptr);
    } else if (word == "--messages") {
      settings.messages = static_cast<std::uint32_t>(std::strtoul(value(), nullptr, 10));
    } else if (word == "--directory") {
      settings.directory = value();
    } else if (word == "--profile") {
      settings.profile = value();
    } else if (word.starts_with("-")) {
      return std::nullopt;
    } else {
      settings.names.emplace_back(word);
    }
  }
  if (settings.messages < 100 || settings.seconds <= 0) return std::nullopt;
  return settings;
}

std::vector<Benchmark> benchmarks_for(const Settings& settings) {
  std::vector<Benchmark> chosen;
  for (auto& family : {bench::parser_benchmarks(), bench::storage_benchmarks(), bench::session_benchmarks(),
                       bench::writer_benchmarks(), bench::tls_benchmarks()}) {
    for (const Benchmark& benchmark : family) {
      const auto is_meant = [&](const std::string& name) { return benchmark.name.starts_with(name); };
      if (settings.names.empty() || std::any_of(settings.names.begin(), settings.names.end(), is_meant)) {
        chosen.push_back(benchmark);
      }
    }
  }
  return chosen;
}

// A directory that is removed at the end, also if the program is told to end. Made before any other thread is.
class Directory {
 public:
  explicit Directory(const std::string& parent) : path_(parent + "/postfach-micro-XXXXXX") {
    bench::need(::mkdtemp(path_.data()) != nullptr, "the directory can't be made");
    sigset_t endings;
    sigemptyset(&endings);
    for (const int each : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&endings, each);
    pthread_sigmask(SIG_BLOCK, &endings, nullptr);
    std::thread([endings, path = path_] {
      int which = 0;
      sigwait(&endings, &which);
      std::error_code error;
      do {  // what works on it meanwhile may make a file or two
        std::filesystem::remove_all(path, error);
      } while (error && std::filesystem::exists(path));
      ::_exit(128 + which);
    }).detach();
  }
  ~Directory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

Figures measure(const Benchmark& benchmark, bench::World& world, const Instructions& instructions, double seconds) {
  constexpr std::size_t kFewestRounds = 3;
  constexpr std::size_t kMostRounds = 10'000;
  Meter meter(instructions);
  const bench::Round round = benchmark.prepare(world);
  round(meter);  // caches are warm, files are open
  std::vector<double> times;
  std::vector<double> counts;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (times.size() < kFewestRounds || (std::chrono::steady_clock::now() < end && times.size() < kMostRounds)) {
    meter.clear();
    const auto operations = static_cast<double>(round(meter));
    times.push_back(static_cast<double>(meter.time().count()) / operations);
    counts.push_back(static_cast<double>(meter.instructions()) / operations);
  }
  std::sort(times.begin(), times.end());
  std::sort(counts.begin(), counts.end());
  Figures figures{.ns = times[times.size() / 2], .fastest_ns = times.front(), .instructions = {}};
  if (instructions.there()) figures.instructions = counts[counts.size() / 2];
  return figures;
}

// The run under callgrind: tells on standard output how many operations each dump is of.
void count(const std::vector<Benchmark>& benchmarks, bench::World& world) {
  const Instructions none;
  Meter meter(none);
  for (const Benchmark& benchmark : benchmarks) {
    const bench::Round round = benchmark.prepare(world);
    round(meter);
    bench::clear_collection();
    const std::uint64_t operations = round(meter);
    bench::write_collection(benchmark.name.c_str());
    fmt::print("{} {}\n", benchmark.name, operations);
  }
}

void print(const Settings& settings, const Benchmark& benchmark, const Figures& figures) {
  if (settings.json) {
    fmt::print(R"({{"benchmark":"{}","unit":"{}","ns":{:.1f},"fastest_ns":{:.1f})", benchmark.name, benchmark.unit,
               figures.ns, figures.fastest_ns);
    if (figures.instructions) fmt::print(R"(,"instructions":{:.0f})", *figures.instructions);
    fmt::print("}}\n");
  } else {
    fmt::print("{:26} {:>12.0f} {:>14} {:>14}  {}\n", benchmark.name, figures.ns,
               figures.ns > 0 ? fmt::format("{:.0f}", 1e9 / figures.ns) : "-",
               figures.instructions ? fmt::format("{:.0f}", *figures.instructions) : "-", benchmark.unit);
  }
  std::fflush(stdout);
}

int run(const Settings& settings) {
  const std::vector<Benchmark> benchmarks = benchmarks_for(settings);
  if (benchmarks.empty()) {
    fmt::print(stderr, "postfach_micro: no such benchmark; --list shows them\n");
    return 64;
  }
  if (settings.list) {
    for (const Benchmark& each : benchmarks) fmt::print("{:26} per {:10} {}\n", each.name, each.unit, each.about);
    return 0;
  }
  if (settings.counted) {
    bench::World world(settings.directory, settings.messages);
    count(benchmarks, world);
    return 0;
  }
  const Directory directory(settings.directory);
  bench::World world(directory.path(), settings.messages);
  world.fill();
  const Instructions instructions;
  std::map<std::string, Counted> counted;
  const bool by_callgrind = settings.instructions && (!instructions.there() || !settings.profile.empty());
  if (by_callgrind && bench::can_count_by_callgrind()) {
    const std::string files = settings.profile.empty() ? directory.path() : settings.profile;
    std::filesystem::create_directories(files);
    std::vector<std::string> arguments = {"--directory", directory.path(), "--messages",
                                          std::to_string(settings.messages)};
    arguments.insert(arguments.end(), settings.names.begin(), settings.names.end());
    counted = bench::count_by_callgrind(files, std::move(arguments));
  } else if (by_callgrind) {
    fmt::print(
        stderr,
        "postfach_micro: no instructions are counted: the kernel does not show the CPU's counter, and valgrind is "
        "not installed\n");
  }
  if (!settings.json) fmt::print("{:26} {:>12} {:>14} {:>14}  per\n", "benchmark", "ns", "per second", "instructions");
  for (const Benchmark& benchmark : benchmarks) {
    Figures figures = measure(benchmark, world, instructions, settings.seconds);
    if (const auto found = counted.find(benchmark.name); found != counted.end() && found->second.operations > 0) {
      figures.instructions =
          static_cast<double>(found->second.instructions) / static_cast<double>(found->second.operations);
    }
    print(settings, benchmark, figures);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Settings> settings = settings_of(argc, argv);
  if (!settings) {
    fmt::print("{}", kUsage);
    return argc > 1 && std::string_view(argv[1]) == "--help" ? 0 : 64;
  }
  try {
    return run(*settings);
  } catch (const std::exception& error) {
    fmt::print(stderr, "postfach_micro: {}\n", error.what());
    return 1;
  }
}
