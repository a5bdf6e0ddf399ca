// Replies (RFC 5321 §4.2) with enhanced status codes (RFC 2034, RFC 3463).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "postfach/delivery.h"

namespace postfach::lmtp {

struct Reply {
  std::uint16_t code = 250;
  std::string_view status = "2.0.0";  // empty: none, as in a greeting
  std::string_view text = "OK";
};

void append_reply(std::string& out, const Reply& reply);

// What the client is told of a recipient: the one place where a DeliveryStatus becomes a code.
Reply reply_for(const RecipientResult& result) noexcept;
// The same for the address that it is about, after RCPT or the message.
void append_recipient(std::string& out, const RecipientResult& result, std::string_view delivery_id);

namespace replies {
inline constexpr Reply kOk{};
inline constexpr Reply kOutOfOrder{503, "5.5.1", "Bad sequence of commands"};
inline constexpr Reply kTooLarge{552, "5.3.4", "The message is larger than permitted"};
inline constexpr Reply kNoUtf8{553, "5.6.7", "An address that is not ASCII takes SMTPUTF8"};
}  // namespace replies

}  // namespace postfach::lmtp
