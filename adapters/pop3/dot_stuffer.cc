#include "dot_stuffer.h"

#include <algorithm>

namespace postfach::pop3 {

void DotStuffer::write(std::string_view octets, std::string& out) {
  if (octets.empty()) return;
  std::size_t written = 0;  // octets before this are in out
  std::size_t at = 0;
  const auto write_up_to = [&](std::size_t end) {
    out.append(octets, written, end - written);
    written = end;
  };
  while (at < octets.size()) {
    switch (place_) {
      case Place::line_start:
        if (octets[at] == '.') {
          write_up_to(at);
          out += '.';
        }
        place_ = Place::in_line;
        break;
      case Place::in_line: {
        const std::size_t lf = octets.find('\n', at);
        if (lf == std::string_view::npos) {
          at = octets.size();
          break;
        }
        const bool crlf = lf > 0 ? octets[lf - 1] == '\r' : behind_cr_;
        place_ = crlf ? Place::line_start : Place::behind_lf;
        at = lf + 1;
        break;
      }
      case Place::behind_lf:
        if (octets[at] == '.') {
          write_up_to(at);
          ++written;
          ++at;
          place_ = Place::lone_dot;
        } else {
          place_ = Place::in_line;
        }
        break;
      case Place::lone_dot:
        if (octets[at] == '\r') {
          ++written;
          ++at;
          place_ = Place::lone_dot_cr;
        } else {
          out += octets[at] == '\n' ? ".." : ".";
          place_ = Place::in_line;
        }
        break;
      case Place::lone_dot_cr:
        out += octets[at] == '\n' ? "..\r" : ".\r";
        place_ = Place::in_line;
        break;
    }
  }
  write_up_to(octets.size());
  behind_cr_ = octets.back() == '\r';
}

void DotStuffer::finish(std::string& out) {
  if (place_ == Place::lone_dot) out += "..";
  if (place_ == Place::lone_dot_cr) out += ".\r";
  if (place_ != Place::line_start) out += "\r\n";
  out += ".\r\n";
  place_ = Place::line_start;
  behind_cr_ = false;
}

std::size_t TopLimit::take(std::string_view octets) noexcept {
  std::size_t at = 0;
  while (at < octets.size() && !is_reached()) {
    const std::size_t lf = octets.find('\n', at);
    const std::size_t end = std::min(lf, octets.size());
    if (octets.substr(at, end - at).find_first_not_of('\r') != std::string_view::npos) line_is_empty_ = false;
    if (lf == std::string_view::npos) return octets.size();
    at = lf + 1;
    if (in_body_) {
      --lines_;
    } else if (line_is_empty_) {
      in_body_ = true;
    }
    line_is_empty_ = true;
  }
  return at;
}

}  // namespace postfach::pop3
