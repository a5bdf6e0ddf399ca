#include "compress.h"

#include <string>

namespace postfach::imap {

// compress = "COMPRESS" SP algorithm ; algorithm = "DEFLATE"
std::optional<Compress> parse_compress(Scanner& in) {
  std::string algorithm;
  if (!in.sp() || !in.upper_atom(algorithm)) return std::nullopt;
  if (algorithm != "DEFLATE") {
    in.fail("Unknown compression mechanism");
    return std::nullopt;
  }
  if (!in.end()) return std::nullopt;
  return Compress();
}

}  // namespace postfach::imap
