#include "measurement.h"

#include <fmt/format.h>

#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <cstdio>
#include <utility>

#include "bench.h"

namespace load {

using std::chrono::nanoseconds;

awaitable<void> sleep_for(Network& network, nanoseconds time) {
  asio::steady_timer timer(network.io, std::chrono::duration_cast<asio::steady_timer::duration>(time));
  co_await timer.async_wait(asio::use_awaitable);
}

awaitable<void> settle(Bench& bench, std::chrono::milliseconds quiet, std::chrono::milliseconds most) {
  constexpr auto interval = std::chrono::milliseconds(50);
  constexpr auto nothing = std::chrono::microseconds(interval) / 100;
  const auto last = Measurement::Clock::now() + most;
  auto since = Measurement::Clock::now();
  auto before = bench.server.cpu();
  while (Measurement::Clock::now() < last && Measurement::Clock::now() - since < quiet) {
    co_await sleep_for(bench.network, interval);
    const auto now = bench.server.cpu();
    if (now - before > nothing) since = Measurement::Clock::now();
    before = now;
  }
}

Measurement::Measurement(Bench& bench, std::string name, std::string unit, int connections) : bench_(bench) {
  report_.server = bench.options.server;
  report_.name = std::move(name);
  report_.unit = std::move(unit);
  report_.connections = connections;
}

awaitable<void> Measurement::begin() {
  co_await settle(bench_);
  resume();
}

void Measurement::resume() {
  server_ -= bench_.server.cpu();
  client_ -= own_cpu();
  started_ = Clock::now();
  runs_ = true;
}

void Measurement::pause() {
  elapsed_ += Clock::now() - started_;
  client_ += own_cpu();
  server_ += bench_.server.cpu();
  runs_ = false;
}

bool Measurement::goes_on() const {
  const auto elapsed = elapsed_ + (runs_ ? Clock::now() - started_ : Clock::duration());
  return std::chrono::duration<double>(elapsed).count() < bench_.options.seconds;
}

awaitable<void> Measurement::end() {
  pause();
  const auto before = bench_.server.cpu();
  co_await settle(bench_);
  server_ += bench_.server.cpu() - before;
  end_paused();
}

void Measurement::end_paused() {
  report_.seconds = std::chrono::duration<double>(elapsed_).count();
  report_.server_cpu_us = std::chrono::duration<double, std::micro>(server_).count();
  report_.client_cpu_us = std::chrono::duration<double, std::micro>(client_).count();
  if (report_.memory.pss_kib == 0) report_.memory = bench_.server.memory();
  fmt::print("{}\n", to_json(report_));
  std::fflush(stdout);
}

}  // namespace load
