// One benchmark is a name, what it counts, and a function that sets the stage and returns the round to be measured:
//
//     {"parse-store", "command", "STORE 1:* +FLAGS (\\Seen)", [](World&) -> Round {
//        return [text = std::string("...")](Meter& meter) -> std::uint64_t {
//          meter.start();
//          ...
//          meter.stop();
//          return how_many;
//        };
//      }}
//
// Only what stands between start() and stop() counts. A round that goes wrong throws: a benchmark of failures is none.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "meter.h"
#include "postfach/result.h"
#include "world.h"

namespace bench {

using Round = std::function<std::uint64_t(Meter&)>;  // returns how many were done

struct Benchmark {
  std::string name;
  std::string unit;
  std::string about;
  std::function<Round(World&)> prepare;
};

std::vector<Benchmark> parser_benchmarks();
std::vector<Benchmark> storage_benchmarks();
std::vector<Benchmark> session_benchmarks();
std::vector<Benchmark> writer_benchmarks();
std::vector<Benchmark> tls_benchmarks();

// A result's value, or its error thrown.
template <class T>
T need(postfach::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}
inline void need(const postfach::Result<void>& result) {
  if (!result) throw std::runtime_error(result.error().message);
}
inline void need(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

// Keeps the compiler from leaving out what nobody reads.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "g"(&value) : "memory");
}

}  // namespace bench
