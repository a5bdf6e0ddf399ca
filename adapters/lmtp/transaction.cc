#include "base/ascii.h"
#include "handlers.h"

namespace postfach::lmtp {
namespace {

Outcome refuse(std::string& out, const Reply& reply) {
  append_reply(out, reply);
  return Outcome::bad;
}

// RFC 3848 and RFC 6531 §4.3.
std::string protocol_name(bool is_utf8, bool has_tls) {
  std::string name = is_utf8 ? "UTF8LMTP" : "LMTP";
  if (has_tls) name += 'S';
  return name;
}

void log_result(const Context& context, const RecipientResult& result) {
  if (!context.store.options().observer) return;
  const bool is_stored = result.status == DeliveryStatus::stored;
  std::string detail = context.transaction->delivery.id() + " to <" + result.address + ">: ";
  detail += to_string(result.status);
  if (!result.mailbox.empty()) detail += " in " + result.mailbox;
  if (!result.detail.empty()) detail += ", " + result.detail;
  const bool is_fault = result.status == DeliveryStatus::deferred;
  context.log(is_fault ? Severity::warning : Severity::info, is_stored ? "delivered" : "not_delivered", detail,
              result.account);
}

}  // namespace

Outcome handle_mail(Context& context, const Command& command, std::string& out) {
  if (context.client.empty()) return refuse(out, {503, "5.5.1", "LHLO first"});
  if (context.transaction) return refuse(out, {503, "5.5.1", "A transaction is under way"});
  if (!command.path.is_ascii && !command.is_utf8) return refuse(out, replies::kNoUtf8);
  auto delivery =
      Delivery::begin(context.store, {.sender = command.path.address,
                                      .size = command.size,
                                      .server = context.options->hostname,
                                      .protocol = protocol_name(command.is_utf8, context.peer.tls.has_value()),
                                      .client = context.client,
                                      .remote = context.peer.address});
  if (!delivery) {
    // A client that asks before it sends does nothing wrong.
    append_reply(out,
                 delivery.error().code == Errc::limit ? replies::kTooLarge : Reply{501, "5.1.7", "Bad sender address"});
    return Outcome::good;
  }
  context.transaction.emplace(*std::move(delivery));
  context.transaction->is_utf8 = command.is_utf8;
  context.transaction->is_binary = command.body == Body::binary;
  append_reply(out, {250, "2.1.0", "Sender OK"});
  return Outcome::good;
}

Outcome handle_rcpt(Context& context, const Command& command, std::string& out) {
  if (!context.transaction || context.transaction->has_chunks) return refuse(out, replies::kOutOfOrder);
  Transaction& transaction = *context.transaction;
  if (!command.path.is_ascii && !transaction.is_utf8) return refuse(out, replies::kNoUtf8);
  // Not even remembered: a client may go on for ever.
  if (transaction.delivery.results().size() >= context.store.options().delivery.max_recipients) {
    append_recipient(out, {.address = command.path.address, .status = DeliveryStatus::too_many}, {});
    return Outcome::good;
  }
  const RecipientResult& result = transaction.delivery.add_recipient(command.path.address);
  if (result.status == DeliveryStatus::accepted) {
    transaction.accepted.push_back(transaction.delivery.results().size() - 1);
  } else {
    log_result(context, result);
  }
  append_recipient(out, result, {});
  return Outcome::good;
}

// RFC 2033 §4.2: without a recipient that was accepted DATA fails.
Outcome handle_data(Context& context, std::string& out) {
  if (!context.transaction || context.transaction->accepted.empty()) {
    return refuse(out, {503, "5.5.1", "No valid recipients"});
  }
  // RFC 3030 §2, §3
  if (context.transaction->has_chunks) return refuse(out, {503, "5.5.1", "BDAT was used"});
  if (context.transaction->is_binary) return refuse(out, {503, "5.5.1", "BINARYMIME takes BDAT"});
  context.transaction->begun = context.now;
  context.dots.emplace();
  context.data_octets = 0;
  context.mode = Mode::data;
  append_reply(out, {354, {}, "Go ahead, end with <CR><LF>.<CR><LF>"});
  return Outcome::good;
}

std::size_t take_data(Context& context, std::string_view octets) {
  std::size_t taken = 0;
  while (taken < octets.size()) {
    const DotReader::Piece piece = context.dots->next(octets.substr(taken));
    taken += piece.taken;
    context.data_octets += piece.taken;
    // What can't be stored is read to its end all the same; the results tell.
    if (!piece.octets.empty()) (void)context.transaction->delivery.write(piece.octets);
    if (!piece.is_end) continue;
    context.dots.reset();
    context.mode = Mode::command;
    context.replying = true;
    break;
  }
  return taken;
}

void step_replies(Context& context, std::string& out) {
  Transaction& transaction = *context.transaction;
  if (context.next_reply == transaction.accepted.size()) return context.reset();
  const std::size_t index = transaction.accepted[context.next_reply];
  if (transaction.delivery.results()[index].status == DeliveryStatus::accepted) {
    transaction.delivery.step();
    if (transaction.delivery.results()[index].status == DeliveryStatus::accepted) return;  // others were before it
  }
  const RecipientResult& result = transaction.delivery.results()[index];
  log_result(context, result);
  append_recipient(out, result, transaction.delivery.id());
  if (++context.next_reply == transaction.accepted.size()) context.reset();
}

}  // namespace postfach::lmtp
