// BDAT (RFC 3030 §2). Whatever is wrong, a chunk is read to its end: what follows the command is never taken for commands.
#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "handlers.h"

namespace postfach::lmtp {
namespace {

std::optional<Reply> refusal(const Context& context) {
  if (!context.transaction) return replies::kOutOfOrder;
  if (context.transaction->accepted.empty()) return Reply{503, "5.5.1", "No valid recipients"};
  return std::nullopt;
}

// The chunk is there, or was thrown away.
void end_chunk(Context& context, std::string& out) {
  context.mode = Mode::command;
  if (context.chunk_refusal) {
    append_reply(out, *context.chunk_refusal);
    // A message that lacks a chunk is none: what follows of it is refused until there is another MAIL.
    context.reset();
    return;
  }
  if (context.is_last_chunk) {
    context.replying = true;
    return;
  }
  std::string text;
  base::append_number(text, context.chunk_size);
  text += " octets received";
  append_reply(out, {250, "2.0.0", text});
}

}  // namespace

Outcome handle_bdat(Context& context, const Command& command, std::string& out) {
  context.chunk_refusal = refusal(context);
  const bool is_refused = context.chunk_refusal.has_value();
  if (command.chunk_size > context.most_octets()) {
    context.closing = true;
    append_reply(out, {552, "5.3.4", "The chunk is larger than can be thrown away"});
    return Outcome::bad;
  }
  if (!is_refused && !std::exchange(context.transaction->has_chunks, true)) context.transaction->begun = context.now;
  context.chunk_left = command.chunk_size;
  context.chunk_size = command.chunk_size;
  context.is_last_chunk = command.is_last;
  context.mode = Mode::chunk;
  if (context.chunk_left == 0) end_chunk(context, out);
  return is_refused ? Outcome::bad : Outcome::good;
}

std::size_t take_chunk(Context& context, std::string_view octets, std::string& out) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(octets.size(), context.chunk_left));
  if (!context.chunk_refusal) {
    auto written = context.transaction->delivery.write(octets.substr(0, count));
    // Of the last chunk each recipient hears by itself.
    if (!written && !context.is_last_chunk) {
      context.chunk_refusal = written.error().code == Errc::limit
                                  ? replies::kTooLarge
                                  : Reply{451, "4.3.0", "Temporary failure, please try again later"};
    }
  }
  context.chunk_left -= count;
  if (context.chunk_left == 0) end_chunk(context, out);
  return count;
}

}  // namespace postfach::lmtp
