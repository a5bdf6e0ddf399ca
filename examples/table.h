// A table of text with columns as wide as they need to be.
#pragma once

#include <string>
#include <vector>

namespace examples {

// Rows of cells; the first row is the heading. Cells are UTF-8, one column of the terminal for each code point.
std::string format_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace examples
