#include "postfach/import.h"

namespace postfach {

std::string_view LocalText::convert(std::string_view octets) {
  if (octets.empty()) return octets;
  const bool was_after_cr = after_cr_;
  after_cr_ = octets.back() == '\r';
  if (mode_ == Mode::unknown) {
    const auto end = octets.find('\n');
    if (end == std::string_view::npos) return octets;
    const bool has_cr = end == 0 ? was_after_cr : octets[end - 1] == '\r';
    mode_ = has_cr ? Mode::keep : Mode::convert;
  }
  if (mode_ == Mode::keep) return octets;

  converted_.clear();
  char before = was_after_cr ? '\r' : '\0';
  std::size_t from = 0;
  for (auto lf = octets.find('\n'); lf != std::string_view::npos; lf = octets.find('\n', from)) {
    if (lf > 0) before = octets[lf - 1];
    converted_.append(octets.substr(from, lf - from));
    converted_.append(before == '\r' ? "\n" : "\r\n");
    from = lf + 1;
    before = '\n';
  }
  converted_.append(octets.substr(from));
  return converted_;
}

}  // namespace postfach
