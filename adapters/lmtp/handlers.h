// What each command does. A handler appends its reply, or sets what is to come in before one can be given.
#pragma once

#include <string>
#include <string_view>

#include "command.h"
#include "context.h"

namespace postfach::lmtp {

// Bad commands in a row end the session.
enum class Outcome : unsigned char { good, bad };

// Checks the state and runs the command.
Outcome handle(Context& context, const Command& command, std::string& out);

// transaction.cc
Outcome handle_mail(Context& context, const Command& command, std::string& out);
Outcome handle_rcpt(Context& context, const Command& command, std::string& out);
Outcome handle_data(Context& context, std::string& out);
// Octets behind DATA; returns how many were taken.
std::size_t take_data(Context& context, std::string_view octets);
// Replies to one more recipient, or delivers to one more account.
void step_replies(Context& context, std::string& out);

// chunk.cc
Outcome handle_bdat(Context& context, const Command& command, std::string& out);
// Octets of a chunk; returns how many were taken. Replies once it is complete.
std::size_t take_chunk(Context& context, std::string_view octets, std::string& out);

}  // namespace postfach::lmtp
