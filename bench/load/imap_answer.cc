#include "imap_answer.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace load {
namespace {

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The size in "{123}" at the end of the line; 0 if there is none (or a literal of no octets, which needs nothing).
std::uint64_t literal_at_end(std::string_view line) {
  if (line.empty() || line.back() != '}') return 0;
  const auto open = line.rfind('{');
  if (open == std::string_view::npos) return 0;
  std::uint64_t size = 0;
  const char* const end = line.data() + line.size() - 1;
  const auto [stop, error] = std::from_chars(line.data() + open + 1, end, size);
  return error == std::errc() && stop == end ? size : 0;
}

}  // namespace

void AnswerScanner::reset() {
  answer_ = {};
  done_ = false;
}

std::size_t AnswerScanner::scan(std::string_view octets, Until until) {
  std::size_t taken = 0;
  while (!done_) {
    const auto rest = octets.substr(taken);
    if (literal_ > 0) {
      const std::uint64_t here = std::min<std::uint64_t>(literal_, rest.size());
      literal_ -= here;
      taken += here;
      if (literal_ > 0) break;
      continue;
    }
    const void* const newline = rest.empty() ? nullptr : std::memchr(rest.data(), '\n', rest.size());
    if (newline == nullptr) break;
    const auto size = static_cast<std::size_t>(static_cast<const char*>(newline) - rest.data());
    taken += size + 1;
    take_line(rest.substr(0, size > 0 && rest[size - 1] == '\r' ? size - 1 : size), until);
  }
  return taken;
}

void AnswerScanner::take_line(std::string_view line, Until until) {
  if (!inside_) {
    if (line.starts_with("* ")) {
      take_untagged(line.substr(2), until);
    } else if (line.starts_with(kTag)) {
      answer_.text = line.substr(kTag.size());
      done_ = true;
    } else if (line.starts_with('+')) {
      answer_.is_continuation = true;
      done_ = true;
    }
  }
  literal_ = literal_at_end(line);
  answer_.literal_octets += literal_;
  inside_ = literal_ > 0;
}

void AnswerScanner::take_untagged(std::string_view line, Until until) {
  if (line.empty()) return;
  if (line.front() >= '0' && line.front() <= '9') {
    const auto space = line.find(' ');
    const auto name = line.substr(std::min(space, line.size() - 1) + 1);
    if (name.starts_with("FETCH")) {
      ++answer_.fetches;
    } else if (name.starts_with("EXISTS")) {
      answer_.exists = number(line);
      if (until == Until::exists) done_ = true;
    }
  } else if (line.starts_with("SEARCH")) {
    while (line.ends_with(' ')) line.remove_suffix(1);
    answer_.found += static_cast<std::uint64_t>(std::count(line.begin(), line.end(), ' '));
  } else if (line.starts_with("LIST ")) {
    ++answer_.listed;
  } else if (line.starts_with("STATUS")) {
    if (const auto place = line.rfind("MESSAGES "); place != std::string_view::npos) {
      answer_.messages = number(line.substr(place + 9));
    }
  } else if (line.starts_with("BYE") && until == Until::exists) {
    answer_.text = line;
    done_ = true;
  }
}

}  // namespace load
