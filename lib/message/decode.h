// Decoders for search, sort and preview: encoded words, transfer encodings and charsets into UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sections.h"

namespace postfach::message {

// A longer name of a charset is none.
inline constexpr std::size_t kLongestCharset = 100;

// RFC 2047 encoded words of an (already unfolded) header value into UTF-8; white space between adjacent encoded words
// goes (§6.2). What can't be decoded stays as it is; raw 8-bit octets that are not UTF-8 are read as Windows-1252.
std::string decode_encoded_words(std::string_view value);
// The same into a string that is kept from one value to the next; value must not be within it.
void decode_encoded_words(std::string_view value, std::string& out);

// A body in its transfer encoding into octets. Broken input decodes as far as it goes.
std::string decode_transfer(std::string_view body, TransferEncoding encoding);

// A text body into UTF-8. An unknown charset is read as UTF-8 where it is valid, else as Windows-1252.
std::string decode_text(std::string_view body, TransferEncoding encoding, std::string_view charset);

}  // namespace postfach::message
