#include "return_path_filter.h"

#include <algorithm>

#include "base/ascii.h"

namespace postfach::store {
namespace {

constexpr std::string_view kName = "return-path";
// RFC 5322 §4.5.8 lets blanks stand before the colon; nobody writes more of them.
constexpr std::size_t kMostHeld = kName.size() + 32;

}  // namespace

std::string_view ReturnPathFilter::feed(std::string_view octets, std::string& out) {
  while (!octets.empty() && state_ != State::body) {
    if (state_ == State::line_begins) {
      look_at(octets.front(), out);
      octets.remove_prefix(1);
      continue;
    }
    const std::size_t end = octets.find('\n');
    const std::size_t count = end == std::string_view::npos ? octets.size() : end + 1;
    if (state_ == State::keeping) out.append(octets, 0, count);
    if (end != std::string_view::npos) state_ = State::line_begins;
    octets.remove_prefix(count);
  }
  return octets;
}

void ReturnPathFilter::finish(std::string& out) {
  out += held_;
  held_.clear();
}

void ReturnPathFilter::look_at(char c, std::string& out) {
  held_.push_back(c);
  const std::size_t at = held_.size() - 1;
  if (c == '\n') {
    // An empty line ends the header; another one that ends so soon is no field of ours.
    const bool is_empty = held_ == "\n" || held_ == "\r\n";
    decide(is_empty ? State::body : State::keeping, out);
    if (!is_empty) state_ = State::line_begins;
    return;
  }
  if (at == 0 && base::is_wsp(c)) return decide(field_, out);  // the field goes on (RFC 5322 §2.2.3)
  if (at == 0 && c == '\r') return;
  const bool may_be = at < kName.size() ? base::to_lower(c) == kName[at] && held_.front() != '\r'
                                        : (base::is_wsp(c) || c == ':') && held_.size() <= kMostHeld;
  if (!may_be) return decide(State::keeping, out);
  if (c == ':') decide(State::dropping, out);
}

void ReturnPathFilter::decide(State state, std::string& out) {
  state_ = state;
  if (state != State::body) field_ = state;
  if (state != State::dropping) out += held_;
  held_.clear();
}

}  // namespace postfach::store
