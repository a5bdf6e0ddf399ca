#include "meter.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "callgrind.h"

namespace bench {

Instructions::Instructions() noexcept {
  perf_event_attr event{};
  event.size = sizeof event;
  event.type = PERF_TYPE_HARDWARE;
  event.config = PERF_COUNT_HW_INSTRUCTIONS;
  event.disabled = 1;
  event.inherit = 1;  // threads that the code under test starts
  event.exclude_kernel = 1;
  event.exclude_hv = 1;
  descriptor_ = static_cast<int>(::syscall(SYS_perf_event_open, &event, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
}

Instructions::~Instructions() {
  if (there()) ::close(descriptor_);
}

void Instructions::start() const noexcept {
  if (there()) ::ioctl(descriptor_, PERF_EVENT_IOC_ENABLE, 0);
}

void Instructions::stop() const noexcept {
  if (there()) ::ioctl(descriptor_, PERF_EVENT_IOC_DISABLE, 0);
}

std::uint64_t Instructions::read() const noexcept {
  std::uint64_t value = 0;
  if (!there() || ::read(descriptor_, &value, sizeof value) != sizeof value) return 0;
  return value;
}

void Meter::start() noexcept {
  instructions_.start();
  started_ = std::chrono::steady_clock::now();
  toggle_collection();
}

void Meter::stop() noexcept {
  toggle_collection();
  time_ += std::chrono::steady_clock::now() - started_;
  instructions_.stop();
}

void Meter::clear() noexcept {
  time_ = {};
  before_ = instructions_.read();
}

}  // namespace bench
