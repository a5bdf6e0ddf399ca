#include "quoted_printable.h"

#include <cstddef>

#include "base/ascii.h"

namespace postfach::message {
namespace {

int hex_value(char c) noexcept {
  if (base::is_digit(c)) return c - '0';
  const char lower = base::to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// At the "=" of text[at]: the octet that the escape stands for, or -1 if it is none.
int escaped_octet(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < 3) return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

// The same: appends the octet and moves behind the escape, or returns false.
bool take_escape(std::string_view text, std::size_t& at, std::string& out) {
  const int octet = escaped_octet(text, at);
  if (octet < 0) return false;
  out.push_back(static_cast<char>(octet));
  at += 3;
  return true;
}

bool is_held(char c) noexcept { return base::is_wsp(c) || c == '\r'; }

}  // namespace

void QuotedPrintableDecoder::decode(std::string_view text, std::string& octets) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!held_.empty()) {
      take_held(text[at++], octets);
      continue;
    }
    // Text up to what ends a line or begins an escape goes as it is.
    std::size_t end = at;
    while (end < text.size() && text[end] != '=' && text[end] != '\n') ++end;
    if (end < text.size() && text[end] == '=') {
      octets.append(text.substr(at, end - at));
      at = end;
      if (take_escape(text, at, octets)) continue;
      held_ = '=';
      ++at;
      continue;
    }
    const bool has_newline = end < text.size();
    std::size_t keep = end;
    if (keep > at && text[keep - 1] == '\r') --keep;
    const std::size_t line_end = keep;
    while (keep > at && base::is_wsp(text[keep - 1])) --keep;
    octets.append(text.substr(at, keep - at));
    if (has_newline) {
      if (line_end - keep >= kMostSpace) octets.append(text.substr(keep, (line_end - keep) / kMostSpace * kMostSpace));
      octets.append(text.substr(line_end, end - line_end + 1));
      at = end + 1;
    } else {
      at = keep;
      while (at < end) hold(text[at++], octets);
    }
  }
}

// c is white space or CR.
void QuotedPrintableDecoder::hold(char c, std::string& octets) {
  held_.push_back(c);
  if (held_.size() < kMostSpace + (held_.front() == '=' ? 1U : 0U) || c == '\r') return;
  octets.append(held_);
  held_.clear();
}

// The next octet behind what is held.
void QuotedPrintableDecoder::take_held(char c, std::string& octets) {
  const bool is_escape = held_.front() == '=';
  const char last = held_.back();
  if (c == '\n') {
    // A soft line break leaves nothing of the line's end, a hard one the line's end without the space before it.
    if (is_escape && (held_.size() == 1 || is_held(held_[1]))) {
      held_.clear();
      return;
    }
    if (is_escape) octets.append(held_);
    if (last == '\r') octets.push_back('\r');
    octets.push_back('\n');
    held_.clear();
    return;
  }
  if (is_escape && held_.size() <= 2 && hex_value(c) >= 0 && (held_.size() == 1 || hex_value(last) >= 0)) {
    held_.push_back(c);
    if (held_.size() < 3) return;
    std::size_t at = 0;
    take_escape(held_, at, octets);
    held_.clear();
    return;
  }
  const bool is_digits = is_escape && held_.size() == 2 && hex_value(last) >= 0;
  if (is_held(c) && last != '\r' && !is_digits) return hold(c, octets);
  // What was held is text after all.
  octets.append(held_);
  held_.clear();
  if (c == '=') {
    held_ = '=';
  } else if (is_held(c)) {
    hold(c, octets);
  } else {
    octets.push_back(c);
  }
}

void QuotedPrintableDecoder::finish(std::string& octets) {
  if (held_.empty()) return;
  const bool is_escape = held_.front() == '=';
  const bool is_digit = is_escape && held_.size() == 2 && hex_value(held_.back()) >= 0;
  // Behind the last line there is no line end: a CR is text there, and with it the space before it.
  if (held_.back() == '\r' || is_digit) octets.append(held_);
  held_.clear();
}

std::string decode_quoted_printable(std::string_view text) {
  std::string octets;
  octets.reserve(text.size());
  QuotedPrintableDecoder decoder;
  decoder.decode(text, octets);
  decoder.finish(octets);
  return octets;
}

void append_decoded_q(std::string& out, std::string_view text) {
  const std::size_t had = out.size();
  out.resize(had + text.size());
  char* to = out.data() + had;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const int octet = c == '=' ? escaped_octet(text, at) : -1;
    if (octet >= 0) {
      *to++ = static_cast<char>(octet);
      at += 3;
    } else {
      *to++ = c == '_' ? ' ' : c;
      ++at;
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

std::string decode_q(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_decoded_q(out, text);
  return out;
}

}  // namespace postfach::message
