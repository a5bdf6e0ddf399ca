// Delivery: from an envelope and octets to a result for each recipient.
#include "postfach/delivery.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/ascii.h"
#include "base/random.h"
#include "base/utf8.h"
#include "delivery_content.h"
#include "delivery_store.h"
#include "names.h"
#include "sqlite/directory.h"
#include "store_impl.h"
#include "trace_fields.h"

namespace postfach {
namespace {

using store::Addressee;
using store::Placement;

constexpr std::size_t kMostSenderOctets = 1000;
constexpr std::size_t kMostTextOctets = 400;
constexpr std::size_t kIdDigits = 16;

// What follows the first separator in the local part, and the address without both. Nothing if there is none, or nothing
// is before it, or the local part is quoted.
struct PlusAddress {
  std::string address;
  std::string_view detail;
};
std::optional<PlusAddress> split(std::string_view address, char separator) {
  if (separator == '\0' || address.starts_with('"')) return std::nullopt;
  const std::size_t at = std::min(address.rfind('@'), address.size());
  const std::size_t plus = address.substr(0, at).find(separator);
  if (plus == std::string_view::npos || plus == 0) return std::nullopt;
  return PlusAddress{std::string(address.substr(0, plus)).append(address.substr(at)),
                     address.substr(plus + 1, at - plus - 1)};
}

// One line for a protocol's reply.
std::string one_line(std::string_view text) {
  std::string out(text.substr(0, kMostTextOctets));
  for (char& c : out) {
    if (base::is_ctl(c)) c = ' ';
  }
  return base::is_utf8(out) ? out : base::replace_invalid_utf8(out);
}

}  // namespace

std::string_view to_string(DeliveryStatus status) noexcept {
  switch (status) {
    case DeliveryStatus::accepted:
      return "accepted";
    case DeliveryStatus::stored:
      return "stored";
    case DeliveryStatus::over_quota_now:
      return "over_quota_now";
    case DeliveryStatus::over_quota_for_good:
      return "over_quota_for_good";
    case DeliveryStatus::too_large:
      return "too_large";
    case DeliveryStatus::unknown:
      return "unknown";
    case DeliveryStatus::disabled:
      return "disabled";
    case DeliveryStatus::too_many:
      return "too_many";
    case DeliveryStatus::deferred:
      return "deferred";
    case DeliveryStatus::refused:
      break;
  }
  return "refused";
}

struct Delivery::Impl {
  Impl(std::shared_ptr<Store::Impl> the_store, Envelope the_envelope)
      : store(std::move(the_store)),
        envelope(std::move(the_envelope)),
        id(base::random_hex(kIdDigits)),
        now(store->clock()),
        content(store) {}

  struct Recipient {
    std::size_t result = 0;
    std::string detail;
  };
  struct Group {  // the recipients of one account
    std::shared_ptr<const Account::Impl> account;
    std::vector<Recipient> recipients;
  };

  const DeliveryRules& rules() const noexcept { return store->options.delivery; }
  DeliveryStatus over_quota() const noexcept {
    return rules().over_quota == DeliveryRules::OverQuota::now ? DeliveryStatus::over_quota_now
                                                               : DeliveryStatus::over_quota_for_good;
  }
  DeliveryStatus status_of(const Error& error) const noexcept;
  void fail(const Group& group, DeliveryStatus status, const Error& error);

  Result<Addressee> find(const std::string& address) const;
  Result<void> check(const Account::Impl& account) const;
  RecipientResult admit(std::string_view address);

  std::string fields_for(const Group& group) const;
  void begin_content();
  std::optional<Placement> place_for(const Group& group, const Recipient& recipient);
  Placement placement_of(const DeliveryChoice& choice, Placement usual, const Account::Impl& account) const;
  void deliver(Group& group);
  void settle(RecipientResult& result, const Placement& placement) const;

  const std::shared_ptr<Store::Impl> store;
  const Envelope envelope;
  const std::string id;
  const std::int64_t now;
  std::vector<Group> groups;
  std::unordered_map<AccountId, std::size_t> group_of;
  std::vector<RecipientResult> results;
  store::DeliveryContent content;
  Result<void> failed;
  bool has_content = false;
  bool is_finished = false;    // the content
  std::size_t next_group = 0;  // to deliver to
};

// --- Recipients -----------------------------------------------------------------------------------------------------

// An address of its own comes before a plus-address.
Result<Addressee> Delivery::Impl::find(const std::string& address) const {
  return store->directory->read_known(store->addressees.at(address), [&](sqlite::Connection& db) -> Result<Addressee> {
    Addressee addressee;
    auto row = sqlite::find_account(db, address, sqlite::IdentityKind::address);
    if (!row && row.error().code == Errc::not_found) {
      if (const auto plus = split(address, rules().plus.separator)) {
        addressee.detail = plus->detail;
        row = sqlite::find_account(db, plus->address, sqlite::IdentityKind::address);
      }
    }
    if (!row) return row.error();
    addressee.account = row->id;
    addressee.name = std::move(row->name);
    addressee.enabled = row->enabled;
    return addressee;
  });
}

// What is certain already.
Result<void> Delivery::Impl::check(const Account::Impl& account) const {
  const Usage added{std::max<std::uint64_t>(envelope.size, 1), 1};
  auto row = account.row();
  if (!row) return row.error();
  if (auto small = store::check_size(*row, envelope.size); !small) return small;
  if (auto fits = store::check_quota(*row, added); !fits) return fits;
  return store->usage->check(account.id, added);
}

DeliveryStatus Delivery::Impl::status_of(const Error& error) const noexcept {
  switch (error.code) {
    case Errc::over_quota:
      return over_quota();
    case Errc::limit:
      return DeliveryStatus::too_large;
    case Errc::not_found:
      return DeliveryStatus::unknown;
    default:
      return DeliveryStatus::deferred;
  }
}

RecipientResult Delivery::Impl::admit(std::string_view address) {
  RecipientResult result{.address = std::string(address)};
  const auto refuse = [&](DeliveryStatus status, std::string detail = {}) {
    result.status = status;
    result.detail = std::move(detail);
    return result;
  };
  if (has_content || next_group != 0) return refuse(DeliveryStatus::deferred, "a recipient came after the message");
  if (!store::check_identity(address)) return refuse(DeliveryStatus::unknown);
  if (results.size() >= rules().max_recipients) return refuse(DeliveryStatus::too_many);
  auto found = find(result.address);
  if (!found) return refuse(status_of(found.error()), found.error().message);
  Addressee& addressee = *found;
  result.account = addressee.name;
  if (!addressee.enabled && rules().disabled == DeliveryRules::Disabled::refuse) {
    return refuse(DeliveryStatus::disabled);
  }
  if (!addressee.enabled && rules().disabled == DeliveryRules::Disabled::defer) {
    return refuse(DeliveryStatus::deferred, "the account is disabled");
  }
  const auto known = group_of.find(addressee.account);
  if (known != group_of.end()) {
    groups[known->second].recipients.push_back({results.size(), std::move(addressee.detail)});
    return result;
  }
  Group group{.account = std::make_shared<const Account::Impl>(
                  Account::Impl{store, addressee.account, std::move(addressee.name)}),
              .recipients = {{results.size(), std::move(addressee.detail)}}};
  if (auto fits = check(*group.account); !fits) return refuse(status_of(fits.error()), fits.error().message);
  group_of.emplace(addressee.account, groups.size());
  groups.push_back(std::move(group));
  return result;
}

// --- Octets ---------------------------------------------------------------------------------------------------------

std::string Delivery::Impl::fields_for(const Group& group) const {
  std::vector<std::string_view> addresses;
  for (const Recipient& recipient : group.recipients) {
    const std::string_view address = results[recipient.result].address;
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  return store::trace_fields(envelope, id, addresses, now);
}

void Delivery::Impl::begin_content() {
  if (std::exchange(has_content, true)) return;
  if (groups.size() == 1) content.expect_one(groups.front().account, fields_for(groups.front()));
}

// --- Accounts -------------------------------------------------------------------------------------------------------

// What the hook says; where it asks for what can't be, the message is kept all the same.
Placement Delivery::Impl::placement_of(const DeliveryChoice& choice, Placement usual,
                                       const Account::Impl& account) const {
  Placement placement = std::move(usual);
  placement.flags = choice.flags;
  for (const std::string& keyword : choice.keywords) {
    if (store::check_keyword(keyword)) placement.keywords.push_back(keyword);
  }
  if (!choice.mailbox) return placement;
  auto name = store::canonical_name(*choice.mailbox);
  if (!name) store->observe(Severity::warning, "delivery_hook", account.name, name.error().message);
  placement.mailbox = name ? *std::move(name) : std::string(store::kInbox);
  placement.is_made = true;
  placement.ignores_case = false;
  return placement;
}

// Nothing if the recipient has its result.
std::optional<Placement> Delivery::Impl::place_for(const Group& group, const Recipient& recipient) {
  using Mailboxes = PlusAddresses::Mailboxes;
  Placement usual{.mailbox = std::string(store::kInbox)};
  if (!recipient.detail.empty() && rules().plus.mailboxes != Mailboxes::none) {
    if (auto name = store::canonical_name(recipient.detail)) {
      usual.mailbox = *std::move(name);
      usual.is_made = rules().plus.mailboxes == Mailboxes::create;
      usual.ignores_case = true;
    }
  }
  if (!rules().hook) return usual;
  RecipientResult& result = results[recipient.result];
  const Account account(group.account);
  const DeliveryChoice choice = rules().hook({.envelope = envelope,
                                              .account = account,
                                              .address = result.address,
                                              .detail = recipient.detail,
                                              .mailbox = usual.mailbox,
                                              .size = content.size(),
                                              .read = [this](std::uint64_t offset, std::size_t most, std::string& out) {
                                                return content.read(offset, most, out);
                                              }});
  switch (choice.action) {
    case DeliveryChoice::Action::store:
      return placement_of(choice, std::move(usual), *group.account);
    case DeliveryChoice::Action::discard:
      result.status = DeliveryStatus::stored;
      break;
    case DeliveryChoice::Action::reject:
      result.status = DeliveryStatus::refused;
      break;
    case DeliveryChoice::Action::defer:
      result.status = DeliveryStatus::deferred;
      break;
  }
  result.text = one_line(choice.text);
  return std::nullopt;
}

void Delivery::Impl::settle(RecipientResult& result, const Placement& placement) const {
  result.detail = placement.problem;
  switch (placement.outcome) {
    case Placement::Outcome::stored:
      result.status = DeliveryStatus::stored;
      result.mailbox = placement.stored_in;
      result.uid = placement.uid;
      return;
    case Placement::Outcome::over_quota:
      result.status = over_quota();
      return;
    case Placement::Outcome::too_large:
      result.status = DeliveryStatus::too_large;
      return;
    case Placement::Outcome::failed:
      result.status = DeliveryStatus::deferred;
      return;
  }
}

void Delivery::Impl::fail(const Group& group, DeliveryStatus status, const Error& error) {
  for (const Recipient& recipient : group.recipients) {
    results[recipient.result].status = status;
    results[recipient.result].detail = error.message;
  }
}

void Delivery::Impl::deliver(Group& group) {
  if (!failed) {
    const bool is_size = failed.error().code == Errc::limit;
    return fail(group, is_size ? DeliveryStatus::too_large : DeliveryStatus::deferred, failed.error());
  }
  std::vector<Placement> placements;
  std::vector<std::size_t> whose;
  for (const Recipient& recipient : group.recipients) {
    auto placement = place_for(group, recipient);
    if (!placement) continue;
    placements.push_back(*std::move(placement));
    whose.push_back(recipient.result);
  }
  if (placements.empty()) return;
  auto spool = content.spool_for(group.account, fields_for(group));
  if (!spool) {
    for (const std::size_t result : whose) {
      results[result].status = DeliveryStatus::deferred;
      results[result].detail = spool.error().message;
    }
    return;
  }
  store::place(group.account, *std::move(spool), content.size(), placements);
  for (std::size_t i = 0; i < whose.size(); ++i) settle(results[whose[i]], placements[i]);
}

// --- The public class -----------------------------------------------------------------------------------------------

Result<Delivery> Delivery::begin(const Store& store, Envelope envelope) {
  const std::string& sender = envelope.sender;
  const bool is_fine = sender.size() <= kMostSenderOctets && base::is_utf8(sender) &&
                       std::none_of(sender.begin(), sender.end(), base::is_ctl);
  if (!is_fine) return Error{Errc::invalid_argument, "the sender is no address"};
  for (const std::string* text : {&envelope.server, &envelope.protocol, &envelope.client, &envelope.remote}) {
    if (std::any_of(text->begin(), text->end(), base::is_ctl)) {
      return Error{Errc::invalid_argument, "the envelope has a control character"};
    }
  }
  if (envelope.size > store.options().max_message_size) {
    return Error{Errc::limit, "the message is larger than permitted"};
  }
  return Delivery(std::make_unique<Impl>(store.impl(), std::move(envelope)));
}

Delivery::Delivery(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Delivery::Delivery(Delivery&&) noexcept = default;
Delivery& Delivery::operator=(Delivery&&) noexcept = default;
Delivery::~Delivery() = default;

const std::string& Delivery::id() const noexcept { return impl_->id; }

const RecipientResult& Delivery::add_recipient(std::string_view address) {
  impl_->results.push_back(impl_->admit(address));
  return impl_->results.back();
}

Result<void> Delivery::write(std::string_view octets) {
  if (impl_->is_finished) return Error{Errc::invalid_argument, "the message is finished"};
  impl_->begin_content();
  if (impl_->failed) impl_->failed = impl_->content.write(octets);
  return impl_->failed;
}

bool Delivery::step() {
  Impl& impl = *impl_;
  if (!std::exchange(impl.is_finished, true)) {
    impl.begin_content();
    if (impl.failed) impl.failed = impl.content.finish();
  }
  if (impl.next_group < impl.groups.size()) impl.deliver(impl.groups[impl.next_group++]);
  return impl.next_group < impl.groups.size();
}

const std::vector<RecipientResult>& Delivery::finish() {
  while (step()) {
  }
  return impl_->results;
}

const std::vector<RecipientResult>& Delivery::results() const noexcept { return impl_->results; }

}  // namespace postfach
