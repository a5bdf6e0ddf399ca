#include "ctl/maildrop.h"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policy_options.h"
#include "postfach/account.h"

namespace examples {
namespace {

using postfach::MaildropPolicy;
using postfach::OnDelete;
using postfach::Store;

// What the command line asked for.
struct MaildropRequest {
  std::string name;
  MaildropSettings settings;
  bool is_default = false;
};

std::string or_all(std::uint32_t number, std::string_view unit) {
  return number == 0 ? "all" : fmt::format("{}{}", number, unit);
}

int get(const Store& store, const MaildropRequest& request) {
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

int set(const Store& store, const MaildropRequest& request) {
  std::optional<MaildropPolicy> policy;
  if (!request.is_default) {
    auto own = store.maildrop_policy(request.name);
    if (!own) return fail(own.error());
    policy = own->value_or(store.options().maildrop);
    request.settings.apply(*policy);
  }
  auto done = store.set_maildrop_policy(request.name, policy);
  return done ? 0 : fail(done.error());
}

int reset(const Store& store, const MaildropRequest& request) {
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
  const auto request = std::make_shared<MaildropRequest>();
  const auto add = [&](const char* name, const char* text, int (*function)(const Store&, const MaildropRequest&)) {
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
  add_maildrop_options(*setting, "--", request->settings);
  setting->add_flag("--default", request->is_default, "Back to the policy of the store");
}

}  // namespace examples
