#include "ctl/quota.h"

#include <fmt/format.h>
#include <sysexits.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "postfach/quota_groups.h"
#include "size.h"
#include "table.h"

namespace examples {
namespace {

using postfach::Account;
using postfach::Quota;
using postfach::QuotaGroups;
using postfach::QuotaStatus;
using postfach::Store;

// What the command line asked for; an empty text: as before.
struct QuotaRequest {
  std::string name;
  std::string mailbox;
  std::string bytes, messages, mailboxes, message_size;
  std::string group;
  std::optional<std::string> parent;
};

std::string size_or_none(const std::optional<std::uint64_t>& limit) { return limit ? format_size(*limit) : "none"; }
std::string number_or_none(const std::optional<std::uint64_t>& limit) {
  return limit ? fmt::format("{}", *limit) : "none";
}

// "none" takes the limit away. False: the text is no limit.
bool change(std::optional<std::uint64_t>& limit, const std::string& text, bool is_size) {
  if (text.empty()) return true;
  limit.reset();
  if (text == "none") return true;
  if (is_size) {
    limit = parse_size(text);
  } else if (std::uint64_t number = 0; CLI::detail::lexical_cast(text, number)) {
    limit = number;
  }
  if (!limit) fmt::print(stderr, "postfachctl: not a limit: {}\n", text);
  return limit.has_value();
}

bool change(Quota& quota, const QuotaRequest& request) {
  return change(quota.bytes, request.bytes, true) && change(quota.messages, request.messages, false) &&
         change(quota.mailboxes, request.mailboxes, false) && change(quota.message_size, request.message_size, true);
}

int get(const Store& store, const QuotaRequest& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  auto status = account->quota_status();
  if (!status) return fail(status.error());
  std::vector<std::vector<std::string>> rows = {{"", "USED", "LIMIT"}};
  rows.push_back({"octets", format_size(status->usage.bytes), size_or_none(status->quota.bytes)});
  rows.push_back({"messages", fmt::format("{}", status->usage.messages), number_or_none(status->quota.messages)});
  rows.push_back({"mailboxes", fmt::format("{}", status->mailboxes), number_or_none(status->quota.mailboxes)});
  rows.push_back({"octets of one message", "", size_or_none(status->quota.message_size)});
  auto mailboxes = account->mailboxes();
  if (!mailboxes) return fail(mailboxes.error());
  for (const postfach::MailboxInfo& info : *mailboxes) {
    if (!info.selectable) continue;
    auto mailbox = account->mailbox(info.name);
    const auto quota = mailbox ? mailbox->quota() : postfach::Result<Quota>(mailbox.error());
    if (!quota) return fail(quota.error());
    if (quota->bytes) rows.push_back({info.name, format_size(info.status.bytes), size_or_none(quota->bytes)});
    if (!quota->messages) continue;
    rows.push_back({info.name, fmt::format("{} messages", info.status.messages), number_or_none(quota->messages)});
  }
  fmt::print("{}", format_table(rows));
  return 0;
}

int set(const Store& store, const QuotaRequest& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  if (request.mailbox.empty()) {
    auto quota = account->quota();
    if (!quota) return fail(quota.error());
    if (!change(*quota, request)) return EX_USAGE;
    auto done = account->set_quota(*quota);
    return done ? 0 : fail(done.error());
  }
  if (!request.mailboxes.empty() || !request.message_size.empty()) {
    fmt::print(stderr, "postfachctl: a mailbox has limits on octets and messages alone\n");
    return EX_USAGE;
  }
  auto mailbox = account->mailbox(request.mailbox);
  if (!mailbox) return fail(mailbox.error());
  auto quota = mailbox->quota();
  if (!quota) return fail(quota.error());
  if (!change(*quota, request)) return EX_USAGE;
  auto done = mailbox->set_quota(*quota);
  return done ? 0 : fail(done.error());
}

int list(const Store& store, const QuotaRequest&) {
  auto usage = QuotaGroups(store).usage();
  if (!usage) return fail(usage.error());
  std::vector<std::vector<std::string>> rows = {{"NAME", "USED", "LIMIT", "MESSAGES", "LIMIT", "GROUP"}};
  for (const postfach::AccountUsage& each : *usage) {
    rows.push_back({each.name, format_size(each.usage.bytes), size_or_none(each.quota.bytes),
                    fmt::format("{}", each.usage.messages), number_or_none(each.quota.messages), each.group});
  }
  fmt::print("{}", format_table(rows));
  return 0;
}

int list_groups(const Store& store, const QuotaRequest&) {
  auto groups = QuotaGroups(store).list();
  if (!groups) return fail(groups.error());
  std::vector<std::vector<std::string>> rows = {{"GROUP", "USED", "LIMIT", "MESSAGES", "LIMIT", "ABOVE"}};
  for (const postfach::QuotaGroupInfo& each : *groups) {
    rows.push_back({each.name, format_size(each.usage.bytes), size_or_none(each.quota.bytes),
                    fmt::format("{}", each.usage.messages), number_or_none(each.quota.messages), each.parent});
  }
  fmt::print("{}", format_table(rows));
  return 0;
}

int set_group(const Store& store, const QuotaRequest& request) {
  const QuotaGroups groups(store);
  postfach::QuotaGroupSettings settings{.parent = request.parent};
  if (!request.bytes.empty() || !request.messages.empty()) {
    auto group = groups.find(request.group);
    if (!group && group.error().code != postfach::Errc::not_found) return fail(group.error());
    settings.quota = group ? group->quota : Quota();
    if (!change(*settings.quota, request)) return EX_USAGE;
  }
  auto done = groups.set(request.group, settings);
  return done ? 0 : fail(done.error());
}

int remove_group(const Store& store, const QuotaRequest& request) {
  auto done = QuotaGroups(store).remove(request.group);
  return done ? 0 : fail(done.error());
}

int assign(const Store& store, const QuotaRequest& request) {
  const auto group = request.group.empty() ? std::nullopt : std::optional<std::string_view>(request.group);
  auto done = QuotaGroups(store).assign(request.name, group);
  return done ? 0 : fail(done.error());
}

}  // namespace

void add_quota_commands(CLI::App& app, Command& run) {
  const auto request = std::make_shared<QuotaRequest>();
  const auto add = [&run, request](CLI::App& family, const char* name, const char* text,
                                   int (*function)(const Store&, const QuotaRequest&)) {
    auto* command = family.add_subcommand(name, text);
    command->callback([&run, request, function] {
      run = [request, function](const Store& store) { return function(store, *request); };
    });
    return command;
  };
  const auto add_limits = [request](CLI::App& command) {
    command.add_option("--bytes", request->bytes, "Octets: 500M, 5G, none");
    command.add_option("--messages", request->messages, "Messages: a number, none");
  };

  auto* quota = app.add_subcommand("quota", "Limits of an account and its mailboxes, and what is used of them");
  quota->require_subcommand(1);
  add(*quota, "get", "Show limits and usage", get)->add_option("NAME", request->name, "Account")->required();
  add(*quota, "list", "What all accounts use", list);
  auto* setting = add(*quota, "set", "Change limits; what is not given stays. Counts at once", set);
  setting->add_option("NAME", request->name, "Account")->required();
  setting->add_option("--mailbox", request->mailbox, "Limits of this mailbox instead");
  add_limits(*setting);
  setting->add_option("--mailboxes", request->mailboxes, "Mailboxes: a number, none");
  setting->add_option("--message-size", request->message_size, "Octets of one message: 25M, none");

  auto* group = app.add_subcommand("group", "Limits that the accounts of a domain or tenant share");
  group->require_subcommand(1);
  add(*group, "list", "Show all groups", list_groups);
  auto* making = add(*group, "set", "Make a group, or change it; a domain's group has its name", set_group);
  making->add_option("GROUP", request->group, "example.org")->required();
  making->add_option("--parent", request->parent, "The group above; empty for none");
  add_limits(*making);
  add(*group, "remove", "Remove a group; what is in it comes into the one above", remove_group)
      ->add_option("GROUP", request->group, "Its name")
      ->required();
  auto* assigning = add(*group, "assign", "Put an account into a group; without one, into that of its domain", assign);
  assigning->add_option("NAME", request->name, "Account")->required();
  assigning->add_option("GROUP", request->group, "Group");
}

}  // namespace examples
