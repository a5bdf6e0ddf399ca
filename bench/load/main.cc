// Runs the cases that the command line names, one after the other.
#include <fmt/format.h>

#include <asio/co_spawn.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <string>

#include "bench.h"
#include "cases.h"
#include "measurement.h"

namespace {

using namespace load;

// A server that says nothing for so long hangs.
constexpr auto kPatience = std::chrono::seconds(180);

awaitable<void> watch(Network& network) {
  for (std::uint64_t before = ~std::uint64_t{0}; network.octets != before;) {
    before = network.octets;
    co_await sleep_for(network, kPatience);
  }
  throw Failure("the server does not answer");
}

// The failure, or nothing.
std::string run(const Case& which, Bench& bench) {
  asio::io_context& io = bench.network.io;
  std::exception_ptr failure;
  const auto over = [&](std::exception_ptr reason) {
    failure = std::move(reason);
    io.stop();
  };
  asio::co_spawn(io, which.run(bench, which), over);
  asio::co_spawn(io, watch(bench.network), over);
  io.run();
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // BoringSSL writes with write(2)
  int status = 0;
  const auto options = parse_options(argc, argv, status);
  if (!options) return status;
  Corpus corpus(options->seed);
  Corpus small(options->seed, Corpus::Kind::small);
  for (const std::string& name : options->cases) {
    Network network;
    Bench bench{*options, network, ProcessTree(options->process), corpus, small};
    if (const std::string failure = run(*find_case(name), bench); !failure.empty()) {
      fmt::print(stderr, "postfach_load: {} {}: {}\n", options->server, name, failure);
      status = 1;
    }
  }
  return status;
}
