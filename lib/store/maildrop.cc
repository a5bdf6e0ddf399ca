// The lease of a maildrop, and subscriptions to changes: both are undone by their destructors.
#include "store_impl.h"

namespace postfach {

struct MaildropLease::Impl {
  std::shared_ptr<Store::Impl> store;
  AccountId account;

  Impl(std::shared_ptr<Store::Impl> owner, AccountId id) noexcept : store(std::move(owner)), account(id) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { store->maildrops.release(account); }
};

MaildropLease::MaildropLease() noexcept = default;
MaildropLease::MaildropLease(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
MaildropLease::MaildropLease(MaildropLease&&) noexcept = default;
MaildropLease& MaildropLease::operator=(MaildropLease&&) noexcept = default;
MaildropLease::~MaildropLease() = default;

Result<MaildropLease> Account::lease_maildrop(std::chrono::seconds login_delay,
                                              std::chrono::steady_clock::time_point now) const {
  const auto& store = impl_->store;
  if (auto leased = store->maildrops.lease(impl_->id, login_delay, now); !leased) return leased.error();
  return MaildropLease(std::make_unique<MaildropLease::Impl>(store, impl_->id));
}

struct Subscription::Impl {
  std::shared_ptr<Store::Impl> store;
  AccountId account;
  std::optional<MailboxId> mailbox;
  std::shared_ptr<store::Hub::Bell> bell;

  Impl(std::shared_ptr<Store::Impl> owner, AccountId id, std::optional<MailboxId> which, Doorbell doorbell)
      : store(std::move(owner)), account(id), mailbox(which) {
    bell = store->hub.add(account, mailbox, std::move(doorbell),
                          [&] { return store::FileSignature::of(store->locate(account).database); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { store->hub.remove(account, mailbox, bell); }
};

Subscription::Subscription() noexcept = default;
Subscription::Subscription(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Subscription::Subscription(Subscription&&) noexcept = default;
Subscription& Subscription::operator=(Subscription&&) noexcept = default;
Subscription::~Subscription() = default;

Subscription store::watch(const std::shared_ptr<const Account::Impl>& account, std::optional<MailboxId> mailbox,
                          Doorbell doorbell) {
  return Subscription(std::make_unique<Subscription::Impl>(account->store, account->id, mailbox, std::move(doorbell)));
}

}  // namespace postfach
