// The mail store: accounts and how to find them.
//
//     auto store = postfach::Store::open({.path = "mail"}).value();
//     auto alice = store.create_account("alice@example.org", {.password = "secret"}).value();
//     alice.deliver("Subject: hello\r\n\r\nworld\r\n").value();
//
// A Store is a copyable handle to one open store; the last copy, account, mailbox, spool or subscription that goes
// closes it, in any order. Every function may be called from any thread. The library starts no threads, has no
// globals, reads no environment variables and installs no signal handlers.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postfach/account.h"
#include "postfach/auth.h"
#include "postfach/delivery_rules.h"
#include "postfach/maildrop_policy.h"
#include "postfach/observer.h"
#include "postfach/quota.h"
#include "postfach/removed.h"
#include "postfach/result.h"

namespace postfach {

// A mailbox that every new account gets.
struct DefaultMailbox {
  std::string name;
  SpecialUse use = SpecialUse::none;
};

struct StoreOptions {
  // The store's directory; made if it does not exist. One local file system; mode 0700.
  std::string path = {};
  // False: an error (not_found) if there is no store at path.
  bool create = true;
  // A message larger than this is refused with limit. Octets.
  std::uint64_t max_message_size = 256ULL * 1024 * 1024;
  // Mailboxes per account.
  std::uint32_t max_mailboxes = 10'000;
  // Accounts whose databases stay open between uses; each takes up to 7 file descriptors, 5 more if it is searched, and some 300 KiB.
  std::size_t open_accounts = 100;
  // Made with each account beside INBOX, and subscribed. Names are UTF-8; "Gesendet" is as good as "Sent".
  std::vector<DefaultMailbox> default_mailboxes = {{"Drafts", SpecialUse::drafts},
                                                   {"Sent", SpecialUse::sent},
                                                   {"Junk", SpecialUse::junk},
                                                   {"Trash", SpecialUse::trash},
                                                   {"Archive", SpecialUse::archive}};
  // Whether accounts get a full-text index once somebody has searched their messages' text; see
  // Store::update_search_indexes(). It takes about as much room as the text of the messages.
  bool full_text_index = true;
  // What POP3 shows and does, for accounts without a policy of their own (maildrop.h).
  MaildropPolicy maildrop = {};
  // When the host is told that an account is nearly full.
  QuotaWarnings quota_warnings = {};
  // How mail is taken in by delivery.h and over LMTP.
  DeliveryRules delivery = {};
  // How long messages that were expunged can be brought back (removed.h). By default they can't.
  UndeleteOptions undelete = {};
  // yescrypt cost of new passwords, 1..11; 0 takes libxcrypt's default. Tests may use 1.
  unsigned password_cost = 0;
  // How logins are slowed down, shared out and remembered, and which SCRAM keys are made.
  LoginOptions login = {};
  Observer observer = {};
};

struct AccountOptions {
  // In clear, UTF-8; kept as a yescrypt hash and as SCRAM keys, both of its SASLprep form (RFC 4013). Without password and
  // password_hash nobody can log in.
  std::optional<std::string> password = {};
  // A hash in any format of crypt(3), moved from another system; replaced by yescrypt, and SCRAM keys are made, at the
  // first login by PLAIN or LOGIN.
  std::optional<std::string> password_hash = {};
  // Further names to log in with ("web123p4"), and further addresses that mail is delivered to. The account's name is
  // both already. Unique in the store, compared without regard to ASCII case.
  std::vector<std::string> logins = {};
  std::vector<std::string> addresses = {};
  Quota quota = {};
  // Instead of StoreOptions::default_mailboxes.
  std::optional<std::vector<DefaultMailbox>> mailboxes = {};
};

struct AccountInfo {
  AccountId id{};
  std::string name;
  bool enabled = true;
  std::vector<std::string> logins;     // beside the name
  std::vector<std::string> addresses;  // beside the name
};

class Store {
 public:
  // Errors: unavailable, newer_schema, corrupt, in_use, not_found (with create = false).
  static Result<Store> open(StoreOptions options);
  // A store in a new temporary directory that is removed when the last handle goes: for tests of a host application.
  // Nothing in it is synced to the disk.
  static Result<Store> open_temporary(StoreOptions options = {});

  const StoreOptions& options() const noexcept;

  // name: 1..255 octets of UTF-8 without control characters; usually the address. Errors: already_exists (name, login
  // or address), invalid_argument.
  Result<Account> create_account(std::string_view name, AccountOptions options = {}) const;
  // By name, login or address. Errors: not_found.
  Result<Account> account(std::string_view name) const;
  // Only names and addresses, for a delivery; plus-addresses are the caller's business. Errors: not_found.
  Result<Account> account_for_address(std::string_view address) const;
  Result<std::vector<AccountInfo>> accounts() const;  // sorted by name
  // Removes the account and all its mail. Sessions that are logged in get errors from then on.
  Result<void> remove_account(std::string_view name) const;
  Result<void> set_password(std::string_view name, std::string_view password) const;
  Result<void> set_password_hash(std::string_view name, std::string_view hash) const;
  // A disabled account can't log in; mail is still delivered.
  Result<void> set_enabled(std::string_view name, bool enabled) const;
  Result<void> add_login(std::string_view name, std::string_view login) const;
  Result<void> add_address(std::string_view name, std::string_view address) const;
  Result<void> remove_login(std::string_view name, std::string_view login) const;
  Result<void> remove_address(std::string_view name, std::string_view address) const;

  // What POP3 shows and does for one account instead of StoreOptions::maildrop; none: that again. Counts from the next
  // login on, for every process. Errors: not_found, invalid_argument (a value out of its range, a name that is none).
  Result<void> set_maildrop_policy(std::string_view name, const std::optional<MaildropPolicy>& policy) const;
  // The account's own, if it has one. Errors: not_found.
  Result<std::optional<MaildropPolicy>> maildrop_policy(std::string_view name) const;
  // Costs the same however many accounts there are.
  Result<MaildropBounds> maildrop_bounds() const;

  // Checks a password; takes as long for an unknown name as for a known one (some 20 to 60 ms of CPU), and next to nothing
  // for one that was right within LoginOptions::remember_passwords. After a success a hash of an older format is replaced
  // and SCRAM keys are made if there are none. Errors: auth_failed, not_permitted (disabled; only after the right
  // password). This is the check alone: waits and turns of LoginOptions are kept by sessions.
  Result<Account> authenticate(std::string_view login, std::string_view password) const;
  // The keys for a login by SCRAM, for a host's ScramLookup. The name is looked up as it is and prepared with SASLprep.
  // Errors: not_found (no such login, or no keys).
  Result<ScramLogin> scram_login(std::string_view login) const;

  // Looks whether other processes changed accounts that are being watched, and rings their doorbells. A server calls
  // it every second or so; costs one stat(2) per watched account. Not needed if no other process uses the store.
  void notice_other_processes() const;

  // Works on the full-text indexes of accounts whose text was searched since they were last up to date: steps of some
  // 50 ms, until `most` is over. True if something is left. A server calls it every second or so; without it searches
  // find the same, but read every message.
  bool update_search_indexes(std::chrono::milliseconds most = std::chrono::milliseconds(200)) const;

  // What has to be done now and then, for about so long: full-text indexes, what accounts use (quota_groups.h), messages
  // that POP3 policies keep for a time only (maildrop.h), and removed ones whose time is over (removed.h). True if
  // something is left. A server calls it every second or so, a program that only delivers as well; it costs next to nothing
  // where several do. Nothing is wrong without it, but lists of usage lag behind, a group of accounts may stay fuller than
  // it is after a crash, and messages stay that were to go.
  bool do_upkeep(std::chrono::milliseconds most = std::chrono::milliseconds(200)) const;

  struct Impl;
  explicit Store(std::shared_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
  const std::shared_ptr<Impl>& impl() const noexcept { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace postfach
