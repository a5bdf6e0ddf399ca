#include "report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace load {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) >= 32) out += c;
  }
  return out + '"';
}

// The nearest rank: a latency that was measured.
double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::min(std::max<std::size_t>(rank, 1), sorted.size()) - 1];
}

}  // namespace

std::string to_json(Report report) {
  std::string out;
  const auto to = std::back_inserter(out);
  fmt::format_to(to, R"({{"server":{},"case":{},"unit":{},"connections":{},"ops":{})", quoted(report.server),
                 quoted(report.name), quoted(report.unit), report.connections, report.ops);
  if (report.has_rate && report.ops > 0 && report.seconds > 0) {
    const auto ops = static_cast<double>(report.ops);
    fmt::format_to(to, R"(,"seconds":{:.3f},"ops_per_s":{:.1f})", report.seconds, ops / report.seconds);
    fmt::format_to(to, R"(,"server_cpu_us_per_op":{:.2f},"client_cpu_us_per_op":{:.2f})", report.server_cpu_us / ops,
                   report.client_cpu_us / ops);
  }
  if (!report.latencies_us.empty()) {
    std::sort(report.latencies_us.begin(), report.latencies_us.end());
    fmt::format_to(to, R"(,"p50_us":{:.1f},"p99_us":{:.1f})", percentile(report.latencies_us, 0.5),
                   percentile(report.latencies_us, 0.99));
  }
  if (report.octets > 0 && report.seconds > 0) {
    fmt::format_to(to, R"(,"mib_per_s":{:.1f})", static_cast<double>(report.octets) / report.seconds / (1 << 20));
  }
  fmt::format_to(to, R"(,"pss_kib":{},"pss_anon_kib":{})", report.memory.pss_kib, report.memory.anonymous_kib);
  if (report.pss_kib_per_connection) {
    fmt::format_to(to, R"(,"pss_kib_per_connection":{:.2f})", *report.pss_kib_per_connection);
  }
  fmt::format_to(to, R"(,"note":{}}})", quoted(report.note));
  return out;
}

}  // namespace load
