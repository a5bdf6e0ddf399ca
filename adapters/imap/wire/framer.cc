#include "framer.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"

namespace postfach::imap {
namespace {

using namespace std::string_view_literals;

// The largest buffer that an idle connection keeps.
constexpr std::size_t kKeptCapacity = 1024;
// Octets at the end of a skipped line that can matter: "~{18446744073709551615+}".
constexpr std::size_t kTail = 32;

struct Announced {
  bool well_formed = false;
  bool synchronising = true;
  bool literal8 = false;
  std::uint64_t size = 0;
};

// What stands in braces at the end of a line, if it can be meant as a literal. A "{" is legal elsewhere in a
// quoted string only, and then a quote or a space comes before the end of the line.
std::optional<Announced> announced(std::string_view line) {
  if (!line.ends_with('}')) return std::nullopt;
  const std::size_t open = line.rfind('{');
  if (open == std::string_view::npos) return std::nullopt;
  std::string_view inner = line.substr(open + 1, line.size() - open - 2);
  const bool plausible = std::all_of(inner.begin(), inner.end(), [](char c) {
    return base::is_digit(c) || base::is_alpha(c) || c == '+' || c == '-' || c == '.';
  });
  if (!plausible) return std::nullopt;

  Announced result;
  result.literal8 = open > 0 && line[open - 1] == '~';
  if (inner.ends_with('+')) {
    result.synchronising = false;
    inner.remove_suffix(1);
  }
  result.well_formed = !inner.empty() && std::all_of(inner.begin(), inner.end(), base::is_digit);
  result.size = base::parse_number(inner).value_or(UINT64_MAX);
  return result;
}

}  // namespace

Framer::Event Framer::feed(std::string_view& octets) {
  if (state_ == State::decide) refuse();
  if (state_ == State::start) begin();
  for (;;) {
    switch (state_) {
      case State::start:
        if (octets.empty()) return Event::more;
        state_ = State::text;
        break;

      case State::text:
        return read_line(octets);

      case State::keep: {
        const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, octets.size()));
        text_.append(octets.substr(0, taken));
        octets.remove_prefix(taken);
        remaining_ -= taken;
        if (remaining_ != 0) return Event::more;
        line_start_ = text_.size();
        state_ = State::text;
        break;
      }

      case State::stream: {
        if (remaining_ == 0) {
          state_ = State::text;
          return Event::streamed;
        }
        if (octets.empty()) return Event::more;
        const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, octets.size()));
        piece_ = octets.substr(0, taken);
        octets.remove_prefix(taken);
        remaining_ -= taken;
        return Event::piece;
      }

      case State::skip_octets: {
        const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, octets.size()));
        octets.remove_prefix(taken);
        remaining_ -= taken;
        if (remaining_ != 0) return Event::more;
        text_.clear();
        line_start_ = 0;
        state_ = State::skip_line;
        break;
      }

      case State::skip_line:
        if (!skip_line(octets)) return Event::more;
        if (state_ == State::start) begin();
        break;

      case State::decide:
        return Event::literal;  // not reached: feed() has decided above
    }
  }
}

void Framer::begin() {
  if (text_.capacity() > kKeptCapacity) {
    std::string().swap(text_);  // an assignment would keep the capacity
  } else {
    text_.clear();
  }
  piece_ = {};
  literal_ = {};
  remaining_ = 0;
  line_octets_ = literal_octets_ = literals_ = line_start_ = 0;
  error_ = Error::none;
  after_cr_ = false;
  must_close_ = false;
}

Framer::Event Framer::read_line(std::string_view& octets) {
  for (;;) {
    if (after_cr_) {
      if (octets.empty()) return Event::more;
      if (octets.front() != '\n') return fail(Error::bare_cr);
      octets.remove_prefix(1);
      return end_of_line();
    }
    const std::size_t room = limits_->line - line_octets_;
    const std::string_view window = octets.substr(0, room + 1);
    const std::size_t stop = window.find_first_of("\n\r\0"sv);
    const std::size_t taken = std::min({stop, window.size(), room});
    text_.append(window.substr(0, taken));
    line_octets_ += taken;
    octets.remove_prefix(taken);
    if (stop == std::string_view::npos) {
      return window.size() > room ? fail(Error::line_too_long) : Event::more;
    }
    const char c = octets.front();
    octets.remove_prefix(1);
    if (c == '\0') return fail(Error::nul);
    if (c == '\n') return end_of_line();  // a bare LF ends a line as well: test tools and scripts send it
    after_cr_ = true;
  }
}

Framer::Event Framer::end_of_line() {
  after_cr_ = false;
  state_ = State::start;
  if (line_mode_) return Event::line;

  // Only this line: octets of a literal before it are no announcement.
  const auto found = announced(std::string_view(text_).substr(line_start_));
  if (!found) return Event::command;
  if (!found->well_formed) {
    error_ = Error::bad_literal;
    // The client sends octets without being asked, and nobody knows how many.
    must_close_ = !found->synchronising;
    return Event::error;
  }
  ++literals_;
  literal_ = {.size = found->size, .synchronising = found->synchronising, .literal8 = found->literal8};
  literal_.over_non_sync_limit = !literal_.synchronising && literal_.size > limits_->non_sync_literal;
  literal_.fits = literal_.size <= limits_->literal && literal_.size <= limits_->literals_total - literal_octets_ &&
                  literals_ <= limits_->literal_count && !literal_.over_non_sync_limit;
  state_ = State::decide;
  return Event::literal;
}

void Framer::take() {
  if (state_ != State::decide || !literal_.fits) return refuse();
  text_ += "\r\n";
  literal_octets_ += static_cast<std::size_t>(literal_.size);
  remaining_ = literal_.size;
  state_ = State::keep;
}

void Framer::stream() {
  if (state_ != State::decide) return;
  text_.clear();
  line_octets_ = literal_octets_ = literals_ = line_start_ = 0;
  remaining_ = literal_.size;
  state_ = State::stream;
}

void Framer::refuse() {
  if (state_ != State::decide) return;
  remaining_ = literal_.size;
  state_ = literal_.synchronising ? State::start : State::skip_octets;
}

Framer::Event Framer::fail(Error error) {
  error_ = error;
  state_ = State::skip_line;
  return Event::error;
}

void Framer::wipe() noexcept {
  volatile char* octets = text_.data();  // volatile: the compiler must not leave the writes out
  for (std::size_t i = 0; i < text_.size(); ++i) octets[i] = ' ';
}

// Skips to the end of the command, which may have non-synchronising literals of its own: their octets must
// not be read as commands. A synchronising one ends it, since the client has its answer already. Keeps the
// last few octets of the line in text_. Returns whether the line has ended.
bool Framer::skip_line(std::string_view& octets) {
  if (line_start_ != 0) {
    text_.erase(0, line_start_);
    line_start_ = 0;
  }
  const std::size_t stop = octets.find('\n');
  const std::string_view line = octets.substr(0, stop);
  text_.append(line.substr(line.size() - std::min(line.size(), kTail)));
  if (text_.size() > kTail) text_.erase(0, text_.size() - kTail);
  if (stop == std::string_view::npos) {
    octets = {};
    return false;
  }
  octets.remove_prefix(stop + 1);
  if (text_.ends_with('\r')) text_.pop_back();
  const auto found = line_mode_ ? std::nullopt : announced(text_);
  text_.clear();
  if (!found || found->synchronising) {
    state_ = State::start;
  } else {
    remaining_ = found->size;  // all that will ever come, if it was not well formed
    state_ = State::skip_octets;
  }
  return true;
}

std::string_view Framer::error_text() const noexcept {
  switch (error_) {
    case Error::none:
      return "";
    case Error::line_too_long:
      return "Line too long";
    case Error::nul:
      return "NUL in command";
    case Error::bare_cr:
      return "CR without LF";
    case Error::bad_literal:
      return "Invalid literal";
  }
  return "";
}

}  // namespace postfach::imap
