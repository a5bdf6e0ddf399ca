#include "backup.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "postfach/backup.h"
#include "postfach/removed.h"
#include "size.h"
#include "table.h"

namespace examples {
namespace {

using postfach::Account;
using postfach::Error;
using postfach::Result;
using postfach::Store;

struct BackupRequest {
  std::string directory;
  std::string name;
  std::vector<std::string> mailboxes;
  std::string into;
  std::vector<std::int64_t> messages;
  std::uint64_t generation = 0;
  std::size_t keep = 0;
  std::string since;
  bool copy = false;
  bool list = false;
  bool replace = false;
  bool with_directory = false;
  bool all = false;
};
std::string time_text(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts)};
}

// A bar on a terminal, drawn ten times a second at most.
postfach::BackupProgressHook progress_bar() {
  if (::isatty(STDERR_FILENO) == 0) return {};
  return [next = std::chrono::steady_clock::time_point()](const postfach::BackupProgress& progress) mutable {
    constexpr std::uint64_t kWidth = 40;
    const auto now = std::chrono::steady_clock::now();
    if (now < next && progress.octets < progress.total_octets) return true;
    next = now + std::chrono::milliseconds(100);
    const std::uint64_t total = std::max<std::uint64_t>({progress.total_octets, progress.octets, 1});
    const auto done = static_cast<std::uint64_t>(static_cast<double>(progress.octets) / static_cast<double>(total) *
                                                 static_cast<double>(kWidth));
    fmt::print(stderr, "\r[{:=<{}}{:<{}}] {} ", "", done, "", kWidth - done, format_size(progress.octets));
    return true;
  };
}
void end_bar(const postfach::BackupProgressHook& hook) {
  if (hook) fmt::print(stderr, "\n");
}

// Of an account in a directory for all of them: its name, with what a file name can't have as %XX.
std::string file_name(const std::string& account) {
  std::string name;
  for (const char c : account) {
    const bool is_plain = c != '/' && c != '%' && static_cast<unsigned char>(c) > ' ' && (c != '.' || !name.empty());
    name += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return name;
}

Result<std::vector<std::string>> names_of(const Store& store, const std::string& name) {
  if (!name.empty()) return std::vector<std::string>{name};
  auto accounts = store.accounts();
  if (!accounts) return accounts.error();
  std::vector<std::string> names;
  for (const auto& info : *accounts) names.push_back(info.name);
  return names;
}

std::string directory_of(const BackupRequest& request, const std::string& account) {
  return request.directory + "/" + file_name(account);
}

std::optional<std::uint64_t> generation_of(const BackupRequest& request) {
  return request.generation == 0 ? std::nullopt : std::optional(request.generation);
}

int back_up_one(const Store& store, const BackupRequest& request, const std::string& name) {
  auto account = store.account(name);
  if (!account) return fail(account.error());
  const std::string directory = directory_of(request, account->name());
  const auto bar = progress_bar();
  auto report = postfach::back_up(*account, directory, {.link = !request.copy, .progress = bar});
  end_bar(bar);
  if (!report) return fail(report.error());
  for (const auto& problem : report->problems) fmt::print(stderr, "postfachctl: {}: {}\n", name, problem);
  fmt::print("{}: generation {}, {} messages, {} of them new, {} written\n", account->name(), report->generation,
             report->usage.messages, format_size(report->new_octets), format_size(report->written));
  if (request.keep > 0) {
    if (auto pruned = postfach::prune_backups(directory, request.keep); !pruned) return fail(pruned.error());
  }
  return report->problems.empty() ? 0 : EX_DATAERR;
}

int back_up(const Store& store, const BackupRequest& request) {
  const auto names = names_of(store, request.name);
  if (!names) return fail(names.error());
  int status = 0;
  for (const auto& name : *names) {
    if (const int one = back_up_one(store, request, name); one != 0) status = one;
  }
  return status;
}

int verify(const Store& store, const BackupRequest& request) {
  const auto names = names_of(store, request.name);
  if (!names) return fail(names.error());
  int status = 0;
  for (const auto& name : *names) {
    const auto bar = progress_bar();
    auto check = postfach::verify_backup(directory_of(request, name), generation_of(request), bar);
    end_bar(bar);
    if (!check) {
      status = fail(check.error());
      continue;
    }
    fmt::print("{}: {} generations, {} files, {}, {}\n", name, check->generations.size(), check->files,
               format_size(check->octets),
               check->problems.empty() ? "sound" : fmt::format("{} problems", check->problems.size()));
    for (const auto& problem : check->problems) fmt::print("  {}\n", problem);
    if (!check->problems.empty()) status = EX_DATAERR;
  }
  return status;
}

int list_backup(const BackupRequest& request) {
  const std::string directory = directory_of(request, request.name);
  if (!request.mailboxes.empty()) {
    std::vector<std::vector<std::string>> rows = {{"ID", "UID", "DATE", "SIZE", "ENVELOPE"}};
    for (postfach::Uid after = 0;;) {
      auto page = postfach::backup_messages(directory, request.mailboxes.front(), after, 1000, generation_of(request));
      if (!page) return fail(page.error());
      if (page->empty()) break;
      after = page->back().uid;
      for (const auto& message : *page) {
        rows.push_back({fmt::format("{}", static_cast<std::int64_t>(message.id)), fmt::format("{}", message.uid),
                        time_text(message.internal_date.seconds), format_size(message.size), message.envelope});
      }
    }
    fmt::print("{}", format_table(rows));
    return 0;
  }
  auto generations = postfach::list_backups(directory);
  if (!generations) return fail(generations.error());
  std::vector<std::vector<std::string>> rows = {{"GENERATION", "MADE (UTC)", "MESSAGES", "SIZE"}};
  for (const auto& each : *generations) {
    rows.push_back({fmt::format("{}", each.number), time_text(each.made), fmt::format("{}", each.usage.messages),
                    format_size(each.usage.bytes)});
  }
  fmt::print("{}", format_table(rows));
  auto mailboxes = postfach::backup_mailboxes(directory, generation_of(request));
  if (!mailboxes) return fail(mailboxes.error());
  rows = {{"MAILBOX", "MESSAGES", "SIZE"}};
  for (const auto& each : *mailboxes) {
    rows.push_back({each.name, fmt::format("{}", each.messages), format_size(each.bytes)});
  }
  fmt::print("\n{}", format_table(rows));
  return 0;
}

int restore(const Store& store, const BackupRequest& request) {
  if (request.list) return list_backup(request);
  const std::string directory = directory_of(request, request.name);
  if (request.mailboxes.empty()) {
    if (!request.into.empty() || !request.messages.empty())
      return fail(EX_USAGE, "--into and --message want --mailbox");
    const auto bar = progress_bar();
    auto account = postfach::restore_account(store, directory,
                                             {.generation = generation_of(request),
                                              .replace = request.replace,
                                              .directory = request.with_directory,
                                              .link = !request.copy,
                                              .progress = bar});
    end_bar(bar);
    if (!account) return fail(account.error());
    const auto usage = account->usage();
    fmt::print("{} is restored: {} messages\n", account->name(), usage ? usage->messages : 0);
    return 0;
  }
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  for (const auto& mailbox : request.mailboxes) {
    postfach::RestoreMailboxOptions options;
    options.generation = generation_of(request);
    options.mailbox = mailbox;
    for (const std::int64_t id : request.messages) options.only.push_back(static_cast<postfach::MessageId>(id));
    if (!request.into.empty()) options.into = request.into;
    options.progress = progress_bar();
    auto report = postfach::restore_mailbox(*account, directory, options);
    end_bar(options.progress);
    if (!report) return fail(report.error());
    fmt::print("{}: {} messages restored, {} were there\n", mailbox, report->restored, report->present);
  }
  return 0;
}

// "2026-11-25", "2026-11-25 13:00:00" (UTC), or seconds since 1970.
std::optional<std::int64_t> parse_time(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%d", &parts);
  if (end != nullptr && *end != '\0') end = ::strptime(end, " %H:%M:%S", &parts);
  if (end != nullptr && *end == '\0') return ::timegm(&parts);
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos || text.size() > 12)
    return std::nullopt;
  return std::stoll(text);
}

int undelete(const Store& store, const BackupRequest& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  postfach::RemovedFilter filter;
  if (!request.mailboxes.empty()) filter.mailbox = request.mailboxes.front();
  if (!request.since.empty()) {
    filter.since = parse_time(request.since);
    if (!filter.since) return fail(EX_USAGE, "--since wants a time like 2026-11-25 or \"2026-11-25 13:00:00\"");
  }
  if (!request.all && request.messages.empty()) {
    std::vector<std::vector<std::string>> rows = {{"ID", "REMOVED (UTC)", "MAILBOX", "SIZE", "ENVELOPE"}};
    postfach::RemovedKey before;
    for (bool more = true; more;) {
      auto page = postfach::list_removed(*account, filter, before, 1000);
      if (!page) return fail(page.error());
      for (const auto& message : page->messages) {
        rows.push_back({fmt::format("{}", static_cast<std::int64_t>(message.key.id)), time_text(message.key.removed),
                        message.mailbox, format_size(message.size), message.envelope});
      }
      more = page->next.has_value();
      if (more) before = *page->next;
    }
    fmt::print("{}", format_table(rows));
    return 0;
  }
  const auto into = request.into.empty() ? std::nullopt : std::optional(request.into);
  std::size_t restored = 0;
  postfach::RemovedKey before;
  for (bool more = true; more;) {
    auto page = postfach::list_removed(*account, filter, before, 500);
    if (!page) return fail(page.error());
    std::vector<postfach::RemovedKey> keys;
    for (const auto& message : page->messages) {
      const bool is_wanted =
          request.all || std::find(request.messages.begin(), request.messages.end(),
                                   static_cast<std::int64_t>(message.key.id)) != request.messages.end();
      if (is_wanted) keys.push_back(message.key);
    }
    auto done = postfach::restore_removed(*account, keys, into);
    if (!done) return fail(done.error());
    restored += done->size();
    more = page->next.has_value();
    if (more) before = *page->next;
  }
  fmt::print("{} messages are back\n", restored);
  return request.all || restored == request.messages.size() ? 0 : EX_DATAERR;
}

}  // namespace

void add_backup_commands(CLI::App& app, Command& run) {
  const auto request = std::make_shared<BackupRequest>();
  const auto runs = [&run, request](CLI::App* command, int (*function)(const Store&, const BackupRequest&)) {
    command->callback([&run, request, function] {
      run = [request, function](const Store& store) { return function(store, *request); };
    });
  };
  const auto directory_option = [&](CLI::App* command) {
    command->add_option("DIRECTORY", request->directory, "Holds a directory for each account")->required();
  };
  const auto generation_option = [&](CLI::App* command) {
    command->add_option("--generation", request->generation, "Number of the generation; otherwise the newest");
  };

  auto* backup = app.add_subcommand("backup", "Back up one account, or all");
  directory_option(backup);
  backup->add_option("NAME", request->name, "Account");
  backup->add_flag("--copy", request->copy, "Copy large messages even where a hard link would do");
  backup->add_option("--keep", request->keep, "Then remove all but so many generations");
  runs(backup, back_up);

  auto* verifying = app.add_subcommand("verify", "Read and check the backup of one account, or of all");
  directory_option(verifying);
  verifying->add_option("NAME", request->name, "Account");
  verifying->add_option("--generation", request->generation, "Number of the generation; otherwise all");
  runs(verifying, verify);

  auto* restoring = app.add_subcommand("restore", "Restore an account from its backup, a mailbox or single messages");
  directory_option(restoring);
  restoring->add_option("NAME", request->name, "Account")->required();
  generation_option(restoring);
  restoring->add_flag("--list", request->list, "Show generations and mailboxes, or the messages of --mailbox");
  restoring->add_flag("--replace", request->replace, "Replace the account as it is now");
  restoring->add_flag("--with-directory", request->with_directory,
                      "When replacing: names, password and settings come from the backup, too");
  restoring->add_flag("--copy", request->copy, "Copy large messages even where a hard link would do");
  restoring
      ->add_option("--mailbox", request->mailboxes, "Only this mailbox, beside what the account has; can be repeated")
      ->allow_extra_args(false);
  restoring->add_option("--message", request->messages, "Only the message with this ID; can be repeated")
      ->allow_extra_args(false);
  restoring->add_option("--into", request->into, "Another mailbox to put them into");
  runs(restoring, restore);

  auto* undeleting = app.add_subcommand("undelete", "List messages that were removed, or bring some back");
  undeleting->add_option("NAME", request->name, "Account")->required();
  undeleting->add_option("ID", request->messages, "Messages to bring back; none: they are listed");
  undeleting->add_flag("--all", request->all, "Bring back all of them");
  undeleting->add_option("--mailbox", request->mailboxes, "Only those that were removed from this mailbox")
      ->expected(1);
  undeleting->add_option("--since", request->since, "Only those that were removed since then (UTC)");
  undeleting->add_option("--into", request->into, "Another mailbox to put them into");
  runs(undeleting, undelete);
}

}  // namespace examples
