// The preview of a message (RFC 8970): what a list of messages shows of its text.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "postfach/result.h"
#include "sections.h"

namespace postfach::message {

// RFC 8970 §3.3: not more than 200 characters.
inline constexpr std::size_t kPreviewCharacters = 200;
// Octets of a message that are read for it at most. The text of a newsletter may begin behind 50 KiB of style.
inline constexpr std::size_t kPreviewOctets = 64 * 1024;

// The octets of a range of the message, valid until the next call.
using ReadRange = std::function<Result<std::string_view>(Range range)>;

// sections: packed, of the message. The text is UTF-8 in one line, without control and invisible characters. Empty if
// there is no text, or it is encrypted. The errors are those of read.
Result<std::string> make_preview(std::string_view sections, const ReadRange& read);

}  // namespace postfach::message
