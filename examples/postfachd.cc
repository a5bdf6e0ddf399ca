// A complete mail store server in one file: IMAP and POP3 over TLS, LMTP for an MTA, with a demo account if you like.
// It shows what a host application does: it owns the threads, the signals, the log and the certificate.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "demo.h"
#include "failure.h"
#include "policy_options.h"
#include "postfach/imap/server.h"
#include "postfach/lmtp/server.h"
#include "postfach/pop3/server.h"
#include "postfach/store.h"
#include "table.h"

namespace {

using postfach::Result;
using postfach::net::TlsContext;
using postfach::net::TlsFiles;
using postfach::net::TlsMode;

struct Settings {
  std::string data;
  std::string imap, imaps, pop3, pop3s;
  std::vector<std::string> lmtp;
  std::vector<std::string> lmtp_networks = postfach::lmtp::ServerOptions().networks;
  std::string unix_mode = "0600";
  TlsFiles tls;
  postfach::StoreOptions store;
  examples::MaildropSettings maildrop;
  examples::WarningSettings warnings;
  bool demo = false;
  // More than cores, because they wait for the disk.
  unsigned threads = std::max(8U, 4 * std::thread::hardware_concurrency());
};

int fail(const postfach::Error& error) {
  fmt::print(stderr, "postfachd: {}\n", error.message);
  return examples::exit_status(error.code);
}

const char* name_of(postfach::Severity severity) {
  switch (severity) {
    case postfach::Severity::debug:
      return "debug";
    case postfach::Severity::info:
      return "info";
    case postfach::Severity::warning:
      return "warning";
    case postfach::Severity::error:
      break;
  }
  return "error";
}

// Control characters and quotes that a client put into a name must not forge a line of the log.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 32 || octet == 127 || c == '"' || c == '\\') {
      out += fmt::format("\\x{:02x}", octet);
    } else {
      out.push_back(c);
    }
  }
  return out + '"';
}

void log(const postfach::LogRecord& record) {
  if (record.severity == postfach::Severity::debug) return;
  auto line = fmt::format("{:%FT%TZ} {} {}", fmt::gmtime(std::time(nullptr)), name_of(record.severity), record.event);
  const auto field = [&](const char* name, std::string_view value) {
    if (!value.empty()) line += fmt::format(" {}={}", name, quoted(value));
  };
  field("account", record.account);
  field("remote", record.remote);
  field("detail", record.detail);
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stderr);  // one call: lines of threads do not mix
}

// A certificate of our own is made once and kept, so that a mail program has to be told only once that it is fine.
Result<TlsFiles> certificate(const Settings& settings) {
  if (!settings.tls.certificate.empty()) return settings.tls;
  const auto folder = std::filesystem::path(settings.data) / "tls";
  const TlsFiles files{folder / "cert.pem", folder / "key.pem"};
  std::error_code error;
  if (std::filesystem::exists(files.certificate, error) && std::filesystem::exists(files.key, error)) return files;
  std::filesystem::create_directories(folder, error);
  if (error) return postfach::Error{postfach::Errc::unavailable, folder.string() + ": " + error.message()};
  return postfach::net::make_self_signed({"localhost", "127.0.0.1", "::1"}, folder);
}

void allow_many_connections() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const Settings& settings) {
  postfach::StoreOptions options = settings.store;
  options.path = settings.data;
  options.observer = log;
  settings.maildrop.apply(options.maildrop);
  auto warnings = examples::quota_warnings(settings.warnings, log);
  if (!warnings) return fail(warnings.error());
  options.quota_warnings = *std::move(warnings);
  auto store = postfach::Store::open(std::move(options));
  if (!store) return fail(store.error());
  if (settings.demo) {
    if (auto made = examples::make_demo(*store); !made) return fail(made.error());
  }
  auto files = certificate(settings);
  if (!files) return fail(files.error());
  auto tls = TlsContext::load(*files);
  if (!tls) return fail(tls.error());
  allow_many_connections();

  // Sessions work on the threads that wait for sockets: most often the one that has read a command also answers it, and no
  // other has to wake up for that.
  asio::io_context io(static_cast<int>(settings.threads));
  postfach::net::ServerOptions connections{
      .tls = *tls, .unix_mode = static_cast<unsigned>(std::stoul(settings.unix_mode, nullptr, 8))};
  if (settings.threads >= 4) {
    connections.patience = std::chrono::milliseconds(1);
    connections.most_patient = settings.threads / 4;  // of each of three servers
  }
  postfach::imap::Server imap(io.get_executor(), *store, {.connections = connections});
  postfach::pop3::Server pop3(io.get_executor(), *store, {.connections = connections});
  postfach::lmtp::Server lmtp(io.get_executor(), *store,
                              {.networks = settings.lmtp_networks, .connections = connections});

  std::vector<std::vector<std::string>> table = {{"", "Server", "Port", "Security"}};
  const auto listen = [&](const char* protocol, auto& server, const std::string& endpoint,
                          TlsMode mode) -> Result<void> {
    if (endpoint.empty()) return {};
    auto port = server.listen(endpoint, mode);
    if (!port) return std::move(port).error();
    table.push_back({protocol, endpoint.substr(0, endpoint.rfind(':')), fmt::format("{}", *port),
                     mode == TlsMode::implicit ? "SSL/TLS" : "STARTTLS"});
    return {};
  };
  if (auto done = listen("IMAP", imap, settings.imaps, TlsMode::implicit); !done) return fail(done.error());
  if (auto done = listen("IMAP", imap, settings.imap, TlsMode::starttls); !done) return fail(done.error());
  if (auto done = listen("POP3", pop3, settings.pop3s, TlsMode::implicit); !done) return fail(done.error());
  if (auto done = listen("POP3", pop3, settings.pop3, TlsMode::starttls); !done) return fail(done.error());
  for (const std::string& endpoint : settings.lmtp) {
    auto port = lmtp.listen(endpoint);
    if (!port) return fail(port.error());
    const bool is_unix = endpoint.starts_with("unix:");
    table.push_back({"LMTP", is_unix ? endpoint : endpoint.substr(0, endpoint.rfind(':')),
                     is_unix ? "-" : fmt::format("{}", *port), is_unix ? "-" : "STARTTLS"});
  }
  asio::signal_set ending(io, SIGINT, SIGTERM);
  asio::signal_set renewed(io, SIGHUP);
  std::function<void()> wait_for_hangup = [&] {
    renewed.async_wait([&](std::error_code error, int) {
      if (error) return;
      auto replaced = tls->replace(*files);
      log({replaced ? postfach::Severity::info : postfach::Severity::error,
           "certificate",
           {},
           {},
           replaced ? "read again" : replaced.error().message});
      wait_for_hangup();
    });
  };
  wait_for_hangup();
  ending.async_wait([&](std::error_code error, int) {
    if (error) return;
    log({postfach::Severity::info, "stopping", {}, {}, "sessions say goodbye"});
    ending.clear();  // a second signal ends the program at once
    renewed.cancel();
    imap.shutdown();
    pop3.shutdown();
    lmtp.shutdown();
  });

  fmt::print("Settings for mail programs\n\n{}", examples::format_table(table));
  fmt::print("\n  User name: {}\n",
             settings.demo ? examples::kDemoAccount : "the account's name, usually the mail address");
  fmt::print("  Password:  {}\n",
             settings.demo ? examples::kDemoPassword : "the account's (postfachctl account add NAME)");
  if (settings.tls.certificate.empty()) {
    fmt::print("  The certificate is self-signed: mail programs ask once whether to trust it.\n");
  }
  std::fflush(stdout);

  std::vector<std::thread> threads;
  for (unsigned i = 1; i < settings.threads; ++i) threads.emplace_back([&io] { io.run(); });
  io.run();
  for (std::thread& thread : threads) thread.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  CLI::App app{
      "Serves a postfach store over IMAP and POP3, and takes mail in over LMTP. SIGTERM and SIGINT stop it, SIGHUP "
      "reads the certificate again.\n"
      "Without any address: 127.0.0.1 with the ports 1143, 1993, 1110 and 1995.",
      "postfachd"};
  app.add_option("--data", settings.data, "Directory of the store; made if it does not exist")->required();
  app.add_option("--imap", settings.imap, "Address and port for IMAP with STARTTLS, as 0.0.0.0:143");
  app.add_option("--imaps", settings.imaps, "Address and port for IMAP over TLS, as 0.0.0.0:993");
  app.add_option("--pop3", settings.pop3, "Address and port for POP3 with STLS, as 0.0.0.0:110");
  app.add_option("--pop3s", settings.pop3s, "Address and port for POP3 over TLS, as 0.0.0.0:995");
  app.add_option("--lmtp", settings.lmtp,
                 "Address and port where an MTA hands over mail, as 127.0.0.1:24, or unix:/run/postfach/lmtp")
      ->allow_extra_args(false);
  app.add_option("--lmtp-network", settings.lmtp_networks, "Who may do so over TCP, as 192.0.2.0/24; else this machine")
      ->allow_extra_args(false);
  app.add_option("--unix-mode", settings.unix_mode, "Permissions of Unix sockets")
      ->check([](const std::string& text) {
        return text.find_first_not_of("01234567") == std::string::npos && !text.empty() && text.size() <= 4
                   ? std::string()
                   : "not a mode like 0660: " + text;
      })
      ->capture_default_str();
  auto* cert = app.add_option("--cert", settings.tls.certificate, "Certificate chain (PEM); else one is made");
  auto* key = app.add_option("--key", settings.tls.key, "Its private key (PEM)");
  cert->needs(key);
  key->needs(cert);
  app.add_flag("--demo", settings.demo, "Make an account to try, with a few messages");
  app.add_option("--threads", settings.threads, "Threads that serve connections, which includes waiting for the disk")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  examples::add_maildrop_options(*app.add_option_group("POP3", "For accounts without a policy of their own"), "--pop3-",
                                 settings.maildrop);
  examples::add_delivery_options(*app.add_option_group("Delivery"), settings.store.delivery);
  examples::add_warning_options(*app.add_option_group("Quotas"), settings.warnings);
  examples::add_undelete_options(*app.add_option_group("Undelete"), settings.store.undelete);
  CLI11_PARSE(app, argc, argv);
  if (settings.imap.empty() && settings.imaps.empty() && settings.pop3.empty() && settings.pop3s.empty() &&
      settings.lmtp.empty()) {
    settings.imap = "127.0.0.1:1143";
    settings.imaps = "127.0.0.1:1993";
    settings.pop3 = "127.0.0.1:1110";
    settings.pop3s = "127.0.0.1:1995";
  }
  return serve(settings);
}
