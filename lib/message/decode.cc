#include "decode.h"

#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/charset.h"
#include "base/utf8.h"
#include "quoted_printable.h"

namespace postfach::message {
namespace {

bool is_utf8_name(std::string_view charset) noexcept {
  return base::equals_ignoring_case(charset, "utf-8") || base::equals_ignoring_case(charset, "utf8");
}

}  // namespace

std::string decode_transfer(std::string_view body, TransferEncoding encoding) {
  switch (encoding) {
    case TransferEncoding::base64:
      return base::base64_decode_lenient(body);
    case TransferEncoding::quoted_printable:
      return decode_quoted_printable(body);
    case TransferEncoding::identity:
    case TransferEncoding::unknown:
      break;
  }
  return std::string(body);
}

std::string decode_text(std::string_view body, TransferEncoding encoding, std::string_view charset) {
  std::string octets = decode_transfer(body, encoding);
  // Text labelled US-ASCII, or not labelled, is in fact whatever the sender's machine used.
  const bool says_little = charset.empty() || base::equals_ignoring_case(charset, "us-ascii");
  if ((says_little || is_utf8_name(charset)) && base::is_utf8(octets)) return octets;
  if (!says_little) {
    if (std::optional<std::string> text = base::to_utf8(octets, charset)) return *std::move(text);
    if (base::is_utf8(octets)) return octets;
  }
  if (std::optional<std::string> text = base::to_utf8(octets, "windows-1252")) return *std::move(text);
  return octets;
}

}  // namespace postfach::message
