// Accounts, import and export, delivery and checks from the command line. Works while a server has the same store open.
// Exit status: 0, or one of sysexits(3).
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ctl/backup.h"
#include "ctl/deliver.h"
#include "ctl/maildrop.h"
#include "ctl/migrate.h"
#include "ctl/quota.h"
#include "ctl/secret.h"
#include "postfach/store.h"
#include "size.h"
#include "table.h"

namespace {

using examples::fail;
using postfach::Errc;
using postfach::Error;
using postfach::Result;
using postfach::Store;

// What the command line asked for.
struct Request {
  std::string data;
  std::string name;
  std::string quota;
  std::vector<std::string> logins;
  std::vector<std::string> addresses;
  std::string mailbox = "INBOX";
  postfach::SpecialUse use = postfach::SpecialUse::none;
  bool password_stdin = false;
  bool no_password = false;
  bool repair = false;
};

Result<std::string> read_line(const char* prompt) {
  std::string line = examples::read_secret(prompt);
  if (line.empty()) return Error{Errc::invalid_argument, "an empty password is not accepted"};
  return line;
}

Result<std::string> read_password(const Request& request) {
  if (request.password_stdin) return read_line("Password");
  if (::isatty(STDIN_FILENO) == 0) {
    return Error{Errc::invalid_argument, "there is no terminal to ask for a password: use --password-stdin"};
  }
  auto first = read_line("Password");
  if (!first) return first;
  auto second = read_line("Once more");
  if (!second) return second;
  if (*first != *second) return Error{Errc::invalid_argument, "the two passwords differ"};
  return first;
}

int add_account(const Store& store, const Request& request) {
  postfach::AccountOptions options{.logins = request.logins, .addresses = request.addresses};
  if (!request.quota.empty()) {
    options.quota.bytes = examples::parse_size(request.quota);
    if (!options.quota.bytes) return fail(EX_USAGE, "--quota wants a size like 500M or 5G, not " + request.quota);
  }
  if (!request.no_password) {
    auto password = read_password(request);
    if (!password) return fail(password.error());
    options.password = *std::move(password);
  }
  auto account = store.create_account(request.name, std::move(options));
  if (!account) return fail(account.error());
  fmt::print("{} is ready\n", account->name());
  return 0;
}

std::string join(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

int list_accounts(const Store& store, const Request&) {
  auto accounts = store.accounts();
  if (!accounts) return fail(accounts.error());
  std::vector<std::vector<std::string>> rows = {{"NAME", "MESSAGES", "USED", "QUOTA", "LOGINS", "ADDRESSES"}};
  int status = 0;
  for (const auto& info : *accounts) {
    std::vector<std::string> row = {info.enabled ? info.name : info.name + " (disabled)"};
    auto account = store.account(info.name);
    auto usage = account ? account->usage() : Result<postfach::Usage>(account.error());
    auto quota = account ? account->quota() : Result<postfach::Quota>(account.error());
    if (usage && quota) {
      row.push_back(fmt::format("{}", usage->messages));
      row.push_back(examples::format_size(usage->bytes));
      row.push_back(quota->bytes ? examples::format_size(*quota->bytes) : "none");
    } else {  // one damaged account does not hide the others
      status = fail(usage ? quota.error() : usage.error());
      row.insert(row.end(), {"?", "?", "?"});
    }
    row.push_back(join(info.logins));
    row.push_back(join(info.addresses));
    rows.push_back(std::move(row));
  }
  fmt::print("{}", examples::format_table(rows));
  return status;
}

int remove_account(const Store& store, const Request& request) {
  if (auto removed = store.remove_account(request.name); !removed) return fail(removed.error());
  fmt::print("{} and all its mail is removed\n", request.name);
  return 0;
}

int change_password(const Store& store, const Request& request) {
  if (auto account = store.account(request.name); !account) return fail(account.error());  // before asking
  auto password = read_password(request);
  if (!password) return fail(password.error());
  if (auto set = store.set_password(request.name, *password); !set) return fail(set.error());
  fmt::print("the password of {} is changed\n", request.name);
  return 0;
}

int set_use(const Store& store, const Request& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  auto set = account->set_special_use(request.mailbox, request.use);
  return set ? 0 : fail(set.error());
}

// The account that was named, or all.
Result<std::vector<std::string>> names_of(const Store& store, const Request& request) {
  if (!request.name.empty()) return std::vector<std::string>{request.name};
  auto accounts = store.accounts();
  if (!accounts) return accounts.error();
  std::vector<std::string> names;
  for (const auto& info : *accounts) names.push_back(info.name);
  return names;
}

int update_index(const Store& store, const Request& request) {
  const auto names = names_of(store, request);
  if (!names) return fail(names.error());
  int status = 0;
  for (const auto& name : *names) {
    auto account = store.account(name);
    std::uint64_t messages = 0;
    Result<postfach::IndexProgress> step{postfach::IndexProgress{}};
    while (account && step && !step->complete) {
      step = account->update_search_index();
      if (step) messages += step->messages;
    }
    if (!account || !step) {
      status = fail(account ? step.error() : account.error());
    } else {
      fmt::print("{}: {} messages taken into the index\n", name, messages);
    }
  }
  return status;
}

int check(const Store& store, const Request& request) {
  const auto names = names_of(store, request);
  if (!names) return fail(names.error());
  int status = 0;
  for (const auto& name : *names) {
    auto account = store.account(name);
    auto report = account ? account->check({.repair = request.repair}) : Result<postfach::CheckReport>(account.error());
    if (!report) {
      status = fail(report.error());
      continue;
    }
    fmt::print("{}: {} messages, {}\n", name, report->messages,
               report->problems.empty() ? "sound" : fmt::format("{} problems", report->problems.size()));
    for (const auto& repaired : report->repaired) fmt::print("  repaired: {}\n", repaired);
    for (const auto& problem : report->problems) fmt::print("  {}\n", problem);
    if (!report->problems.empty()) status = EX_DATAERR;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  Request request;
  int (*run)(const Store&, const Request&) = nullptr;
  bool create_store = false;

  CLI::App app{"Manages the accounts of a postfach store.", "postfachctl"};
  app.require_subcommand(1);
  app.add_option("--data", request.data, "Directory of the store")->required();

  auto* account = app.add_subcommand("account", "Add, list and remove accounts, change a password");
  account->require_subcommand(1);
  const auto name_of = [&](CLI::App* command) {
    command->add_option("NAME", request.name, "Account, usually its mail address")->required();
  };
  const auto password_of = [&](CLI::App* command) {
    return command->add_flag("--password-stdin", request.password_stdin, "Read the password from standard input");
  };

  auto* add = account->add_subcommand("add", "Make an account (and the store, if there is none)");
  name_of(add);
  auto* from_stdin = password_of(add);
  add->add_flag("--no-password", request.no_password, "Nobody can log in until a password is set")
      ->excludes(from_stdin);
  add->add_option("--quota", request.quota, "Most mail it can hold: 500M, 5G");
  add->add_option("--login", request.logins, "Another name to log in with; can be repeated")->allow_extra_args(false);
  add->add_option("--address", request.addresses, "Another address that mail is delivered to; can be repeated")
      ->allow_extra_args(false);
  add->callback([&] {
    run = add_account;
    create_store = true;
  });
  account->add_subcommand("list", "Show all accounts")->callback([&] { run = list_accounts; });
  auto* remove = account->add_subcommand("remove", "Remove an account and all its mail");
  name_of(remove);
  remove->callback([&] { run = remove_account; });
  auto* password = account->add_subcommand("password", "Change a password");
  name_of(password);
  password_of(password);
  password->callback([&] { run = change_password; });

  auto* use = app.add_subcommand("use", "Say what a mailbox is for: mail programs then put their mail there");
  name_of(use);
  use->add_option("MAILBOX", request.mailbox, "An existing mailbox")->required();
  using postfach::SpecialUse;
  const std::map<std::string, SpecialUse> uses = {
      {"none", SpecialUse::none}, {"archive", SpecialUse::archive}, {"drafts", SpecialUse::drafts},
      {"junk", SpecialUse::junk}, {"sent", SpecialUse::sent},       {"trash", SpecialUse::trash},
      {"all", SpecialUse::all},   {"flagged", SpecialUse::flagged}, {"important", SpecialUse::important}};
  use->add_option("USE", request.use,
                  "archive, drafts, junk, sent, trash, all, flagged, important or none; it is taken "
                  "from the mailbox that has it")
      ->required()
      ->transform(CLI::CheckedTransformer(uses).description(""));
  use->callback([&] { run = set_use; });

  auto* checking = app.add_subcommand("check", "Check the files of one account, or of all");
  checking->add_option("NAME", request.name, "Account");
  checking->add_flag("--repair", request.repair, "Put right what can be, while the server goes on");
  checking->callback([&] { run = check; });

  auto* indexing = app.add_subcommand("index", "Bring the full-text index of one account up to date, or of all");
  indexing->add_option("NAME", request.name, "Account");
  indexing->callback([&] { run = update_index; });

  examples::Command run_family;
  postfach::StoreOptions options;
  examples::WarningSettings warnings;
  examples::add_backup_commands(app, run_family);
  const auto* delivery = examples::add_deliver_command(app, run_family, options, warnings);
  examples::add_maildrop_commands(app, run_family);
  examples::add_migrate_commands(app, run_family);
  examples::add_quota_commands(app, run_family);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : EX_USAGE;
  }
  auto quota_warnings = examples::quota_warnings(warnings, {});
  if (!quota_warnings) return fail(quota_warnings.error());
  options.path = request.data;
  options.create = create_store;
  options.quota_warnings = *std::move(quota_warnings);
  auto store = Store::open(std::move(options));
  if (!store) {
    // Whatever is wrong with the store, mail waits until it is put right.
    if (delivery->parsed()) return fail(EX_TEMPFAIL, store.error().message);
    return store.error().code == Errc::not_found ? fail(EX_NOINPUT, store.error().message) : fail(store.error());
  }
  return run_family ? run_family(*store) : run(*store, request);
}
