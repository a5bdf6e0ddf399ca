#include "protocol/line_framer.h"

#include "protocol/secret.h"

namespace postfach::protocol {

// A line can hold a password.
void LineFramer::forget() noexcept {
  wipe(unfinished_);
  std::string().swap(unfinished_);
  finished_ = false;
}

LineFramer::~LineFramer() { wipe(unfinished_); }

LineFramer::Piece LineFramer::next(std::string_view octets) {
  if (finished_) forget();
  std::size_t skipped = 0;
  if (skipping_) {
    const std::size_t end = octets.find('\n');
    if (end == std::string_view::npos) return {Status::incomplete, octets.size(), {}};
    skipping_ = false;
    skipped = end + 1;
    octets.remove_prefix(skipped);
  }

  // No more of the line is looked at than it may have, with CRLF.
  const std::size_t room = max_line_ + 2 - unfinished_.size();
  const std::string_view seen = octets.substr(0, room);
  const std::size_t end = seen.find('\n');
  const bool complete = end != std::string_view::npos;
  const std::string_view part = seen.substr(0, complete ? end : seen.size());

  std::string_view line = part;
  if (!unfinished_.empty() || !complete) {
    unfinished_.append(part);
    line = unfinished_;
    finished_ = complete;
  }
  const std::size_t taken = skipped + part.size() + (complete ? 1 : 0);
  if (line.ends_with('\r')) line.remove_suffix(1);  // the CR of a CRLF, or of one to come
  if (line.size() > max_line_) {
    forget();
    skipping_ = !complete;
    return {Status::too_long, taken, {}};
  }
  if (!complete) return {Status::incomplete, taken, {}};
  return {Status::line, taken, line};
}

}  // namespace postfach::protocol
