// Quoted-printable (RFC 2045 §6.7) and its sibling of RFC 2047 §4.2.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace postfach::message {

// A body. Soft line breaks and white space at the end of lines go; a "=" that starts no escape stays.
std::string decode_quoted_printable(std::string_view text);

// The same for a text that comes in pieces, cut anywhere.
class QuotedPrintableDecoder {
 public:
  // White space at the end of a line goes, but so much of it is text: what is held back is bounded. RFC 5322 §2.1.1
  // knows no line that long.
  static constexpr std::size_t kMostSpace = 1000;

  // Appends to octets what is certain, whatever follows.
  void decode(std::string_view text, std::string& octets);
  // Behind the last piece.
  void finish(std::string& octets);

 private:
  void take_held(char c, std::string& octets);
  void hold(char c, std::string& octets);

  // The end of the text so far, whose meaning hangs on what follows: white space and a CR behind it, or the beginning of
  // an escape, or a "=" that white space and a CR follow.
  std::string held_;
};

// The text of an encoded word in the "Q" encoding: "_" is a space.
std::string decode_q(std::string_view text);
void append_decoded_q(std::string& out, std::string_view text);

}  // namespace postfach::message
