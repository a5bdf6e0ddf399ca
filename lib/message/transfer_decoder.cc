#include "transfer_decoder.h"

namespace postfach::message {

std::string_view TransferDecoder::decode(std::string_view octets, bool last, std::string& scratch) {
  switch (encoding_) {
    case TransferEncoding::base64:
      scratch.clear();
      base64_.decode(octets, scratch);
      if (last) base64_.finish(scratch);
      return scratch;
    case TransferEncoding::quoted_printable:
      scratch.clear();
      quoted_printable_.decode(octets, scratch);
      if (last) quoted_printable_.finish(scratch);
      return scratch;
    case TransferEncoding::identity:
    case TransferEncoding::unknown:
      break;
  }
  return octets;
}

}  // namespace postfach::message
