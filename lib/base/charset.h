// Charsets to UTF-8, by iconv; the common ones without it.
//
// Names are read as mail uses them, not as registered: iso-8859-1 means windows-1252, ks_c_5601-1987 its
// superset CP949, gb2312 its superset GB18030, and us-ascii, unknown-8bit or no name at all mean UTF-8 if the
// octets are that and windows-1252 if not. A name that is not a plain word (an iconv option, a NUL) is
// unknown.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postfach::base {

// Nothing if the charset is unknown. Octets that the charset does not define become U+FFFD; the result is
// always valid UTF-8.
std::optional<std::string> to_utf8(std::string_view octets, std::string_view charset);
bool is_known_charset(std::string_view charset);

// The same for a text that comes in pieces, cut anywhere. Text of an undeclared charset is read as UTF-8 up to the first
// piece that is not.
class Utf8Converter {
 public:
  // Nothing if the charset is unknown.
  static std::optional<Utf8Converter> open(std::string_view charset);
  Utf8Converter(Utf8Converter&&) noexcept;
  Utf8Converter& operator=(Utf8Converter&&) noexcept;
  ~Utf8Converter();

  // What the octets mean, with those that were left of the piece before. last: no piece follows. The view is valid
  // until the next call, and no longer than the octets: it may be they.
  std::string_view convert(std::string_view octets, bool last);

 private:
  struct State;
  explicit Utf8Converter(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace postfach::base
