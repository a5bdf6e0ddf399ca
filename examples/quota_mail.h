// The mail that tells a user that the mailbox is nearly full.
#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "postfach/quota.h"

namespace examples {

// Its usual text.
extern const std::string_view kQuotaMail;

// A message with CRLF from a text with LF or CRLF: header, an empty line, body. {account}, {percent}, {used} and {limit}
// (octets or messages, whichever is nearer to its limit), {address} and {domain} are put in; Date, Message-ID,
// Auto-Submitted and, for UTF-8, the MIME fields are added where the text does not have them.
std::string quota_mail(std::string_view text, const postfach::QuotaWarning& warning, std::time_t now);

// "4.5 GiB of 5.0 GiB", "95 of 100".
std::string describe_usage(const postfach::QuotaWarning& warning);

// Whether the header has the field; name without its colon, in any case.
bool has_field(std::string_view text, std::string_view name);

}  // namespace examples
