// Mail that arrives: one envelope, many recipients, one stream of octets, and a result for each recipient.
//
//     auto delivery = postfach::Delivery::begin(store, {.sender = "bob@example.com"}).value();
//     delivery.add_recipient("alice@example.org");
//     delivery.add_recipient("carol+lists@example.org");
//     delivery.write("Subject: hello\r\n\r\nworld\r\n").value();
//     for (const auto& result : delivery.finish()) log(result.address, to_string(result.status));
//
// What is stored is the message octet by octet, with these fields in front (RFC 5321 §4.4): Return-Path with the sender,
// a Delivered-To for each recipient of the account, and Received if Envelope::server is given. Return-Path fields that the
// message has already are left out. Recipients of other accounts are never named.
//
// Recipients of one account share one body, and one message where they lead to the same mailbox. Each account is one
// transaction: what goes wrong with one of them touches its recipients alone. A result of `stored` is durable.
// StoreOptions::delivery has limits, plus-addresses and the host's hook.
//
// Movable; used by one thread at a time. All functions block for the disk. Messages up to 64 KiB stay in memory, larger
// ones are written to a file once and copied for each account. A Delivery that is dropped leaves nothing behind but what
// its results say is stored.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/delivery_rules.h"
#include "postfach/result.h"
#include "postfach/store.h"
#include "postfach/types.h"

namespace postfach {

enum class DeliveryStatus : std::uint8_t {
  accepted,             // not stored yet, and nothing speaks against it so far
  stored,               // durable; or the hook has discarded it
  over_quota_now,       // it does not fit: of the account, its mailbox, or its group (see DeliveryRules::over_quota)
  over_quota_for_good,  // the same
  too_large,            // for the store, or for this account (Quota::message_size)
  unknown,              // nobody has this address
  disabled,             // the account is disabled (see DeliveryRules::disabled)
  too_many,             // more than DeliveryRules::max_recipients: the sender sends another message to the rest
  deferred,             // a fault of ours, or the hook's wish: may go well later
  refused,              // by the hook
};

// Stable English name ("over_quota_now"), for logs.
std::string_view to_string(DeliveryStatus status) noexcept;

struct RecipientResult {
  std::string address;  // as it was given
  DeliveryStatus status = DeliveryStatus::accepted;
  std::string text = {};     // of the hook, for the sender: printable, without line ends
  std::string detail = {};   // of a fault, for operators; never for the sender
  std::string account = {};  // its name; empty if unknown
  std::string mailbox = {};  // where it was stored; empty if the hook discarded it
  Uid uid = 0;
};

class Delivery {
 public:
  // Errors: invalid_argument (the sender), limit (size is above StoreOptions::max_message_size).
  static Result<Delivery> begin(const Store& store, Envelope envelope);
  Delivery(Delivery&&) noexcept;
  Delivery& operator=(Delivery&&) noexcept;
  ~Delivery();

  // Names the message in logs and in its Received field: 16 hex digits.
  const std::string& id() const noexcept;

  // One more recipient, before the first write(): an address, without angle brackets. The result is `accepted`, or final:
  // that recipient gets nothing. Valid until the next call.
  const RecipientResult& add_recipient(std::string_view address);

  // Adds octets, cut anywhere; nothing is changed in them (no dots, no line ends). Errors: limit (over
  // StoreOptions::max_message_size), unavailable. After an error every further call returns the same, and nobody gets
  // the message.
  Result<void> write(std::string_view octets);

  // Delivers to one more account. True if there is another one; then call it again.
  bool step();
  // Delivers to all that are left.
  const std::vector<RecipientResult>& finish();
  // One for each add_recipient(), in that order.
  const std::vector<RecipientResult>& results() const noexcept;

  struct Impl;
  explicit Delivery(std::unique_ptr<Impl> impl) noexcept;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace postfach
