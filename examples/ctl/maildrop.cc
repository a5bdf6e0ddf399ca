#include "ctl/maildrop.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "failure.h"
#include "postfach/account.h"

namespace examples {
namespace {

using postfach::MaildropPolicy;
using postfach::OnDelete;
using postfach::Store;

const std::map<std::string, OnDelete> kOnDelete = {
    {"expunge", OnDelete::expunge}, {"hide", OnDelete::hide}, {"trash", OnDelete::trash}, {"keep", OnDelete::keep}};

// What the command line asked for; none: as before.
struct Request {
  std::string name;
  std::optional<OnDelete> on_delete;
  std::optional<std::uint32_t> keep_days;
  std::optional<bool> seen;
  std::vector<std::string> mailboxes;
  std::optional<std::uint32_t> newest;
  std::optional<std::uint32_t> days;
  std::optional<std::int64_t> login_delay;
  std::string expire;
  bool is_default = false;
};

int fail(const postfach::Error& error) {
  fmt::print(stderr, "postfachctl: {}\n", error.message);
  return exit_status(error.code);
}

std::string_view name_of(OnDelete on_delete) {
  for (const auto& [name, value] : kOnDelete) {
    if (value == on_delete) return name;
  }
  return "?";
}

std::string or_all(std::uint32_t number, std::string_view unit) {
  return number == 0 ? "all" : fmt::format("{}{}", number, unit);
}

int get(const Store& store, const Request& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  auto own = store.maildrop_policy(request.name);
  if (!own) return fail(own.error());
  const MaildropPolicy& policy = *own ? **own : store.options().maildrop;
  fmt::print("policy:      {}\n", *own ? "of this account" : "the default, unless the server was given another");
  fmt::print("on delete:   {}{}\n", name_of(policy.on_delete),
             policy.on_delete == OnDelete::keep ? fmt::format(", {} days", policy.keep_days) : "");
  fmt::print("seen:        {}\n", policy.retr_sets_seen ? "after RETR" : "never by POP3");
  fmt::print("mailboxes:   {}\n", fmt::join(policy.mailboxes, ", "));
  fmt::print("newest:      {}\n", or_all(policy.newest, ""));
  fmt::print("days:        {}\n", or_all(policy.days, ""));
  fmt::print("login delay: {} s\n", policy.login_delay.count());
  fmt::print("expire:      {}\n", policy.expire_days ? fmt::format("{} days", *policy.expire_days) : "never");
  return 0;
}

int set(const Store& store, const Request& request) {
  std::optional<MaildropPolicy> policy;
  if (!request.is_default) {
    auto own = store.maildrop_policy(request.name);
    if (!own) return fail(own.error());
    policy = own->value_or(store.options().maildrop);
    policy->on_delete = request.on_delete.value_or(policy->on_delete);
    policy->keep_days = request.keep_days.value_or(policy->keep_days);
    policy->retr_sets_seen = request.seen.value_or(policy->retr_sets_seen);
    if (!request.mailboxes.empty()) policy->mailboxes = request.mailboxes;
    policy->newest = request.newest.value_or(policy->newest);
    policy->days = request.days.value_or(policy->days);
    policy->login_delay = std::chrono::seconds(request.login_delay.value_or(policy->login_delay.count()));
    if (request.expire == "never") {
      policy->expire_days.reset();
    } else if (!request.expire.empty()) {
      std::uint32_t days = 0;
      if (!CLI::detail::lexical_cast(request.expire, days)) {
        fmt::print(stderr, "postfachctl: --expire wants a number of days or never, not {}\n", request.expire);
        return EX_USAGE;
      }
      policy->expire_days = days;
    }
  }
  auto done = store.set_maildrop_policy(request.name, policy);
  return done ? 0 : fail(done.error());
}

int reset(const Store& store, const Request& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  auto shown = account->reset_maildrop();
  if (!shown) return fail(shown.error());
  fmt::print("POP3 shows {} more messages\n", *shown);
  return 0;
}

}  // namespace

void add_maildrop_commands(CLI::App& app, Command& run) {
  auto* family = app.add_subcommand("maildrop", "What POP3 shows of an account, and what its deletions mean");
  family->require_subcommand(1);
  const auto request = std::make_shared<Request>();
  const auto add = [&](const char* name, const char* text, int (*function)(const Store&, const Request&)) {
    auto* command = family->add_subcommand(name, text);
    command->add_option("NAME", request->name, "Account")->required();
    command->callback([&run, request, function] {
      run = [request, function](const Store& store) { return function(store, *request); };
    });
    return command;
  };
  add("get", "Show the policy", get);
  add("reset", "Show to POP3 again what its clients have deleted and is still there", reset);
  auto* setting = add("set", "Change the policy; what is not given stays. Counts from the next login on", set);
  setting
      ->add_option("--on-delete", request->on_delete,
                   "What DELE does at QUIT: expunge, hide (from POP3), trash, keep (hide, expunge later)")
      ->transform(CLI::CheckedTransformer(kOnDelete).description(""));
  setting->add_option("--keep-days", request->keep_days, "With keep: when it is expunged");
  setting->add_option("--seen", request->seen, "Whether RETR sets \\Seen: true or false");
  setting->add_option("--mailbox", request->mailboxes, "A mailbox that POP3 shows; can be repeated")
      ->allow_extra_args(false);
  setting->add_option("--newest", request->newest, "Show so many messages of each mailbox; 0: all");
  setting->add_option("--days", request->days, "Show messages of so many days; 0: all");
  setting->add_option("--login-delay", request->login_delay, "Seconds between two logins; 0: none");
  setting->add_option("--expire", request->expire, "Delete what was retrieved so many days later; 0: at QUIT; never");
  setting->add_flag("--default", request->is_default, "Back to the policy of the store");
}

}  // namespace examples
