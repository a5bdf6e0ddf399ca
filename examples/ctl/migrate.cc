#include "migrate.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/secret.h"
#include "postfach/export.h"
#include "postfach/import.h"
#include "postfach/migrate/server_import.h"
#include "size.h"

namespace examples {
namespace {

using postfach::Errc;
using postfach::Error;
using postfach::Result;
using postfach::Store;
using postfach::migrate::Security;

struct ImportRequest {
  std::string name;
  std::string from;
  postfach::ImportOptions options;
  bool no_subscriptions = false;
  bool password_stdin = false;
  bool token_stdin = false;
  bool no_verify = false;
  bool clear_text = false;
  std::string ca_file;
  std::string fingerprint;
};

struct ExportRequest {
  std::string name;
  std::string path;
  bool is_mbox = false;
  bool crlf = false;
  postfach::ExportOptions options;
};

void print_problems(const std::vector<std::string>& problems, std::uint64_t count) {
  for (const auto& problem : problems) fmt::print(stderr, "postfachctl: {}\n", problem);
  if (count > problems.size()) fmt::print(stderr, "postfachctl: and {} more\n", count - problems.size());
}

// A bar where it is known how much there is.
void show_progress(std::uint64_t done, std::uint64_t all, std::uint64_t messages, std::uint64_t octets) {
  constexpr std::uint64_t kWidth = 40;
  if (all > 0) {
    const auto part = std::min(done * kWidth / all, kWidth);
    fmt::print(stderr, "\r[{:=<{}}{:<{}}] {} messages, {} ", "", part, "", kWidth - part, messages,
               format_size(octets));
  } else {
    fmt::print(stderr, "\r{} messages, {} ", messages, format_size(octets));
  }
}

bool is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

// Standard input in a file without a name: an mbox is read with a look ahead.
Result<std::string> spool_stdin() {
  std::FILE* file = std::tmpfile();  // lives as long as the process
  if (file == nullptr) return Error{Errc::unavailable, "no temporary file for standard input"};
  std::vector<char> buffer(256 * 1024);
  while (const auto got = std::fread(buffer.data(), 1, buffer.size(), stdin)) {
    if (std::fwrite(buffer.data(), 1, got, file) != got) {
      return Error{Errc::unavailable, "no room for standard input in the folder for temporary files"};
    }
  }
  if (std::ferror(stdin) != 0 || std::fflush(file) != 0) return Error{Errc::unavailable, "standard input broke off"};
  return fmt::format("/dev/fd/{}", ::fileno(file));
}

// imaps://user@host:port: the scheme says how. The last '@' ends the user, who may have one.
struct Address {
  bool is_imap = true;
  postfach::migrate::Server server;
};

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    constexpr std::string_view kHex = "0123456789abcdef";
    return kHex.find(static_cast<char>(c | 32));
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) < 16 && digit(text[i + 2]) < 16) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<Address> parse_address(std::string_view text) {
  struct Scheme {
    std::string_view prefix;
    bool is_imap;
    Security security;
  };
  constexpr Scheme kSchemes[] = {{"imaps://", true, Security::tls},
                                 {"imap://", true, Security::starttls},
                                 {"pop3s://", false, Security::tls},
                                 {"pop3://", false, Security::starttls}};
  for (const auto& scheme : kSchemes) {
    if (!text.starts_with(scheme.prefix)) continue;
    text.remove_prefix(scheme.prefix.size());
    while (text.ends_with('/')) text.remove_suffix(1);
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || at == 0) return std::nullopt;
    Address out{scheme.is_imap, {.security = scheme.security, .user = percent_decoded(text.substr(0, at))}};
    text.remove_prefix(at + 1);
    const auto bracket = text.rfind(']');
    const auto colon = text.rfind(':');
    if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
      std::uint32_t port = 0;
      for (const char c : text.substr(colon + 1)) {
        if (c < '0' || c > '9' || port > UINT16_MAX) return std::nullopt;
        port = port * 10 + static_cast<std::uint32_t>(c - '0');
      }
      if (port == 0 || port > UINT16_MAX) return std::nullopt;
      out.server.port = static_cast<std::uint16_t>(port);
      text = text.substr(0, colon);
    }
    if (text.size() > 2 && text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    out.server.host = text;
    return out.server.host.empty() ? std::nullopt : std::optional(std::move(out));
  }
  return std::nullopt;
}

Result<postfach::ImportReport> import_from_server(const postfach::Account& account, Address address,
                                                  const ImportRequest& request) {
  auto& server = address.server;
  if (!request.password_stdin && !request.token_stdin && ::isatty(STDIN_FILENO) == 0) {
    return Error{Errc::invalid_argument, "there is no terminal to ask for a password: use --password-stdin"};
  }
  (request.token_stdin ? server.token : server.password) =
      read_secret(request.token_stdin ? "Token" : "Password there");
  if (request.clear_text) {
    if (server.security == Security::tls)
      return Error{Errc::invalid_argument, "--clear-text is for imap:// and pop3://"};
    server.security = Security::none;
  }
  server.verify_certificate = !request.no_verify;
  server.ca_file = request.ca_file;
  server.fingerprint = request.fingerprint;
  return address.is_imap ? postfach::migrate::import_imap(account, server, request.options)
                         : postfach::migrate::import_pop3(account, server, request.options);
}

Result<postfach::ImportReport> import_from_files(const postfach::Account& account, const ImportRequest& request) {
  auto path = request.from == "-" ? spool_stdin() : Result<std::string>(request.from);
  if (!path) return path.error();
  struct stat info {};
  if (::stat(path->c_str(), &info) != 0) return Error{Errc::not_found, *path + ": " + std::strerror(errno)};
  return S_ISDIR(info.st_mode) ? postfach::import_maildir(account, *path, request.options)
                               : postfach::import_mbox(account, *path, request.options);
}

int run_import(const Store& store, ImportRequest& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  auto& options = request.options;
  options.subscribe = !request.no_subscriptions;
  if (is_terminal()) {
    options.progress = [](const postfach::ImportProgress& progress) {
      const bool by_messages = progress.total_messages > 0;
      show_progress(by_messages ? progress.messages : progress.octets,
                    by_messages ? progress.total_messages : progress.total_octets, progress.messages, progress.octets);
      return true;
    };
  }
  const bool is_server = request.from.find("://") != std::string::npos;
  const auto address = parse_address(request.from);
  if (is_server && !address) {
    return fail(EX_USAGE, request.from + " is not like imaps://user@host, imap://…, pop3s://… or pop3://…");
  }
  auto report = is_server ? import_from_server(*account, *address, request) : import_from_files(*account, request);
  if (is_terminal()) fmt::print(stderr, "\n");
  if (!report) {
    return report.error().code == Errc::not_found ? fail(EX_NOINPUT, report.error().message) : fail(report.error());
  }
  print_problems(report->problems, report->problem_count);
  const std::string known = report->present == 0 ? "" : fmt::format(", {} were there already", report->present);
  fmt::print("{} messages ({}) are in {} of {}{}\n", report->messages, format_size(report->octets), options.mailbox,
             account->name(), known);
  if (report->stopped_by) {
    fmt::print(stderr, "postfachctl: the import ended early, run it again for the rest\n");
    return fail(*report->stopped_by);
  }
  return report->problem_count == 0 ? 0 : EX_DATAERR;
}

int run_export(const Store& store, ExportRequest& request) {
  auto account = store.account(request.name);
  if (!account) return fail(account.error());
  auto& options = request.options;
  options.unix_line_ends = !request.crlf;
  if (is_terminal()) {
    options.progress = [](const postfach::ExportProgress& progress) {
      show_progress(progress.octets, progress.total_octets, progress.messages, progress.octets);
      return true;
    };
  }
  auto report = request.is_mbox ? postfach::export_mbox(*account, request.path, options)
                                : postfach::export_maildir(*account, request.path, options);
  if (is_terminal()) fmt::print(stderr, "\n");
  if (!report) return fail(report.error());
  print_problems(report->problems, report->problem_count);
  const std::string known = report->present == 0 ? "" : fmt::format(", {} were there already", report->present);
  fmt::print("{} messages ({}) of {} mailboxes are in {}{}\n", report->messages, format_size(report->octets),
             report->mailboxes, request.path, known);
  return report->problem_count == 0 ? 0 : EX_DATAERR;
}

void add_import(CLI::App& app, Command& run) {
  auto request = std::make_shared<ImportRequest>();
  auto* command = app.add_subcommand(
      "import", "Take in a Maildir, an mbox file, or the mail of an account on another server; again: what is missing");
  command->add_option("NAME", request->name, "Account, usually its mail address")->required();
  command
      ->add_option("FROM", request->from,
                   "Maildir, mbox file, - (an mbox on standard input), imaps://user@host, pop3s://user@host; with "
                   "imap:// and pop3:// TLS begins by STARTTLS")
      ->required();
  command->add_option("--mailbox", request->options.mailbox, "Where to; all else goes below it")->capture_default_str();
  const std::map<std::string, postfach::MboxQuoting> quotings = {{"mboxrd", postfach::MboxQuoting::mboxrd},
                                                                 {"mboxo", postfach::MboxQuoting::mboxo},
                                                                 {"none", postfach::MboxQuoting::none}};
  command
      ->add_option("--quoting", request->options.quoting,
                   "How lines with \"From \" are quoted: mboxrd (default), mboxo, none")
      ->transform(CLI::CheckedTransformer(quotings).description(""));
  const std::map<std::string, postfach::MaildirLayout> layouts = {{"auto", postfach::MaildirLayout::automatic},
                                                                  {"maildir++", postfach::MaildirLayout::maildir_pp},
                                                                  {"fs", postfach::MaildirLayout::fs}};
  command
      ->add_option("--layout", request->options.layout,
                   "Folders of a Maildir: auto (default), maildir++, fs (folders in folders, Dovecot's LAYOUT=fs)")
      ->transform(CLI::CheckedTransformer(layouts).description(""));
  command->add_option("--uidl-format", request->options.uidl_format,
                      "How the POP3 server made its UIDLs, if it did not store them: Dovecot %08Xu%08Xv, Courier "
                      "UID%u-%v, Cyrus %v.%u");
  command->add_option(
      "--source", request->options.source,
      "Name under which is remembered what has come; default: the Maildir's path, the server's address");
  command->add_flag("--no-subscriptions", request->no_subscriptions, "Leave subscriptions as they are");
  auto* password = command->add_flag("--password-stdin", request->password_stdin,
                                     "Read the password for the server from standard input");
  command
      ->add_flag("--token-stdin", request->token_stdin,
                 "Log in with XOAUTH2, and read the access token from standard input")
      ->excludes(password);
  command->add_option("--ca", request->ca_file, "Certificates of the authorities to trust, in PEM");
  command->add_option("--fingerprint", request->fingerprint,
                      "SHA-256 of the server's certificate: this one, whoever signed it");
  command->add_flag("--no-verify", request->no_verify, "Accept any certificate");
  command->add_flag("--clear-text", request->clear_text, "Without TLS: everybody on the way can read the password");
  command->callback([request, &run] { run = [request](const Store& store) { return run_import(store, *request); }; });
}

void add_export(CLI::App& app, Command& run) {
  auto request = std::make_shared<ExportRequest>();
  auto* command = app.add_subcommand("export", "Write the mail of an account as a Maildir or as mbox files");
  command->add_option("NAME", request->name, "Account, usually its mail address")->required();
  command
      ->add_option("PATH", request->path,
                   "Where to: it does not exist, is an empty folder, or a Maildir that an export wrote: then "
                   "what is missing is added")
      ->required();
  const std::map<std::string, bool> formats = {{"maildir", false}, {"mbox", true}};
  command->add_option("--format", request->is_mbox, "maildir (default) or mbox")
      ->transform(CLI::CheckedTransformer(formats).description(""));
  command->add_option("--mailbox", request->options.mailbox, "This one alone");
  command->add_flag("--crlf", request->crlf, "Keep CRLF, which is otherwise written as LF");
  command->callback([request, &run] { run = [request](const Store& store) { return run_export(store, *request); }; });
}

}  // namespace

void add_migrate_commands(CLI::App& app, Command& run) {
  add_import(app, run);
  add_export(app, run);
}

}  // namespace examples
