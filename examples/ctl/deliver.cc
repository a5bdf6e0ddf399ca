#include "ctl/deliver.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/delivery.h"
#include "postfach/import.h"

namespace examples {
namespace {

using postfach::Delivery;
using postfach::DeliveryStatus;
using postfach::RecipientResult;
using postfach::Store;

struct DeliverRequest {
  std::string sender;
  std::vector<std::string> recipients;
};

// What an MTA makes of a result: EX_TEMPFAIL has it try again, anything else sends the message back. Not EX_CANTCREAT,
// which Exim takes for temporary.
int exit_status(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::stored:
      return EX_OK;
    case DeliveryStatus::unknown:
      return EX_NOUSER;
    case DeliveryStatus::too_large:
      return EX_DATAERR;
    case DeliveryStatus::over_quota_for_good:
    case DeliveryStatus::disabled:
    case DeliveryStatus::refused:
      return EX_NOPERM;
    case DeliveryStatus::accepted:
    case DeliveryStatus::over_quota_now:
    case DeliveryStatus::too_many:
    case DeliveryStatus::deferred:
      break;
  }
  return EX_TEMPFAIL;
}

std::string_view reason(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::over_quota_now:
      return "the mailbox is full for now";
    case DeliveryStatus::over_quota_for_good:
      return "the mailbox is full";
    case DeliveryStatus::too_large:
      return "the message is larger than the mailbox takes";
    case DeliveryStatus::unknown:
      return "no such mailbox here";
    case DeliveryStatus::disabled:
      return "the mailbox is disabled";
    case DeliveryStatus::too_many:
      return "too many recipients";
    case DeliveryStatus::refused:
      return "refused";
    default:
      return "a temporary failure";
  }
}

void print(const RecipientResult& result) {
  if (result.status == DeliveryStatus::stored) {
    fmt::print("{}: stored in {} as UID {}\n", result.address, result.mailbox, result.uid);
  } else {
    const std::string detail = result.detail.empty() ? "" : fmt::format(" ({})", result.detail);
    fmt::print(stderr, "postfachctl: {}: {}{}\n", result.address, reason(result.status), detail);
  }
}

// The line in front of a message that some MTAs add for mbox files. It is no part of the message.
std::string_view without_from_line(std::string_view octets) {
  if (!octets.starts_with("From ")) return octets;
  const auto end = octets.find('\n');
  return end == std::string_view::npos ? octets : octets.substr(end + 1);
}

int deliver(const Store& store, const DeliverRequest& request) {
  std::string_view sender = request.sender;
  if (sender.starts_with('<') && sender.ends_with('>')) sender = sender.substr(1, sender.size() - 2);
  auto delivery = Delivery::begin(store, {.sender = std::string(sender)});
  if (!delivery) return fail(EX_DATAERR, delivery.error().message);
  bool any = false;
  for (const auto& recipient : request.recipients) {
    any = delivery->add_recipient(recipient).status == DeliveryStatus::accepted || any;
  }
  postfach::LocalText text;
  std::vector<char> buffer(64 * 1024);
  bool is_first = true;
  // All of it is read, even if nobody gets it: an MTA does not like broken pipes.
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    std::string_view octets(buffer.data(), got);
    if (is_first) octets = without_from_line(octets);
    is_first = false;
    if (any) (void)delivery->write(text.convert(octets));  // finish() tells each recipient's result
  }
  if (std::ferror(stdin) != 0) return fail(EX_TEMPFAIL, "standard input broke off");
  if (is_first && any) return fail(EX_DATAERR, "there is no message on standard input");
  int status = EX_OK;
  for (const RecipientResult& result : delivery->finish()) {
    print(result);
    const int one = exit_status(result.status);
    if (status == EX_OK || one == EX_TEMPFAIL) status = one;
  }
  return status;
}

}  // namespace

CLI::App* add_deliver_command(CLI::App& app, Command& run, postfach::StoreOptions& options, WarningSettings& warnings) {
  const auto request = std::make_shared<DeliverRequest>();
  auto* command = app.add_subcommand(
      "deliver",
      "Deliver the message on standard input. Exit status: 0 stored; 67 no such mailbox; 77 mailbox full for good, "
      "disabled or refused; 65 too large, or no message; 75 full for now, or a failure of ours: try again. With "
      "several "
      "recipients 75 if any of them has to wait, else that of the first that does not get it. An MTA, which would try "
      "all again, hands over one recipient at a time, or uses LMTP");
  command->add_option("RECIPIENT", request->recipients, "Account or address; can be repeated")->required();
  command->add_option("--sender,-f", request->sender, "Envelope sender, for Return-Path; empty or <> for a bounce");
  command->add_option_function<std::string>(
      "--mailbox",
      [&options](const std::string& name) {
        options.delivery.hook = [name](const postfach::Arrival&) { return postfach::DeliveryChoice{.mailbox = name}; };
      },
      "Where to, instead of INBOX or what --plus says; made if it does not exist");
  add_delivery_options(*command, options.delivery);
  add_warning_options(*command, warnings);
  command->callback([&run, request] { run = [request](const Store& store) { return deliver(store, *request); }; });
  return command;
}

}  // namespace examples
