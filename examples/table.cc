#include "table.h"

#include <algorithm>

namespace examples {
namespace {

std::size_t width_of(const std::string& cell) {
  return static_cast<std::size_t>(
      std::count_if(cell.begin(), cell.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()), 0);
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  std::string out;
  for (const auto& row : rows) {
    std::size_t gap = 2;  // owed before the next cell, so that no line ends in spaces
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (!row[i].empty()) {
        out.append(gap, ' ').append(row[i]);
        gap = 0;
      }
      gap += widths[i] - width_of(row[i]) + 3;
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace examples
