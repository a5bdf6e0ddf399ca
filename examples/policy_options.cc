#include "policy_options.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "quota_mail.h"
#include "size.h"

namespace examples {
namespace {

using postfach::DeliveryRules;
using postfach::Errc;
using postfach::Error;
using postfach::OnDelete;
using postfach::PlusAddresses;
using postfach::QuotaWarning;

const std::map<std::string, OnDelete> kOnDelete = {
    {"expunge", OnDelete::expunge}, {"hide", OnDelete::hide}, {"trash", OnDelete::trash}, {"keep", OnDelete::keep}};
const std::map<std::string, DeliveryRules::OverQuota> kOverQuota = {{"now", DeliveryRules::OverQuota::now},
                                                                    {"for-good", DeliveryRules::OverQuota::for_good}};
const std::map<std::string, DeliveryRules::Disabled> kDisabled = {{"accept", DeliveryRules::Disabled::accept},
                                                                  {"defer", DeliveryRules::Disabled::defer},
                                                                  {"refuse", DeliveryRules::Disabled::refuse}};
const std::map<std::string, PlusAddresses::Mailboxes> kPlusMailboxes = {
    {"inbox", PlusAddresses::Mailboxes::none},
    {"existing", PlusAddresses::Mailboxes::existing},
    {"create", PlusAddresses::Mailboxes::create}};

// A name of one of the values; the help text lists them.
template <typename Value>
CLI::CheckedTransformer one_of(const std::map<std::string, Value>& names) {
  CLI::CheckedTransformer transformer(names);
  transformer.description("");
  return transformer;
}

std::uint64_t size_of(const std::string& option, const std::string& text) {
  if (const auto size = parse_size(text)) return *size;
  throw CLI::ValidationError(option, "wants a size like 500M or 5G, not " + text);
}

void log_warning(const postfach::Observer& observer, const QuotaWarning& warning) {
  if (!observer) return;
  const std::string detail =
      fmt::format("{} {} %: {}", warning.is_over ? "above" : "below again", warning.percent, describe_usage(warning));
  observer({.severity = postfach::Severity::info,
            .event = "quota_warning",
            .account = warning.account,
            .remote = {},
            .detail = detail});
}

}  // namespace

std::string_view name_of(OnDelete on_delete) {
  for (const auto& [name, value] : kOnDelete) {
    if (value == on_delete) return name;
  }
  return "?";
}

void MaildropSettings::apply(postfach::MaildropPolicy& policy) const {
  policy.on_delete = on_delete.value_or(policy.on_delete);
  policy.keep_days = keep_days.value_or(policy.keep_days);
  policy.retr_sets_seen = seen.value_or(policy.retr_sets_seen);
  if (!mailboxes.empty()) policy.mailboxes = mailboxes;
  policy.newest = newest.value_or(policy.newest);
  policy.days = days.value_or(policy.days);
  policy.login_delay = std::chrono::seconds(login_delay.value_or(policy.login_delay.count()));
  if (expire == "never") policy.expire_days.reset();
  std::uint32_t expire_days = 0;
  if (!expire.empty() && CLI::detail::lexical_cast(expire, expire_days)) policy.expire_days = expire_days;
}

void add_maildrop_options(CLI::App& app, const std::string& prefix, MaildropSettings& settings) {
  const std::string on_delete = prefix == "--" ? "--on-delete" : prefix + "delete";
  app.add_option(on_delete, settings.on_delete,
                 "What DELE does at QUIT: expunge, hide (from POP3), trash, keep (hide, expunge later)")
      ->transform(one_of(kOnDelete));
  app.add_option(prefix + "keep-days", settings.keep_days, "With keep: when it is expunged");
  app.add_option(prefix + "seen", settings.seen, "Whether RETR sets \\Seen: true or false");
  app.add_option(prefix + "mailbox", settings.mailboxes, "A mailbox that POP3 shows; can be repeated")
      ->allow_extra_args(false);
  app.add_option(prefix + "newest", settings.newest, "Show so many messages of each mailbox; 0: all");
  app.add_option(prefix + "days", settings.days, "Show messages of so many days; 0: all");
  app.add_option(prefix + "login-delay", settings.login_delay, "Seconds between two logins; 0: none");
  app.add_option(prefix + "expire", settings.expire, "Delete what was retrieved so many days later; 0: at QUIT; never")
      ->check([](const std::string& text) {
        std::uint32_t days = 0;
        return text == "never" || CLI::detail::lexical_cast(text, days)
                   ? std::string()
                   : "wants a number of days or never, not " + text;
      });
}

void add_delivery_options(CLI::App& app, DeliveryRules& rules) {
  app.add_option("--plus", rules.plus.mailboxes,
                 "Where mail to alice+lists@example.org goes: inbox (default), existing (the mailbox of that name, "
                 "else INBOX), create (the mailbox is made)")
      ->transform(one_of(kPlusMailboxes));
  app.add_option_function<std::string>(
         "--plus-separator",
         [&rules](const std::string& text) { rules.plus.separator = text == "none" ? '\0' : text.front(); },
         "Another character than +; none: there are no such addresses")
      ->check([](const std::string& text) {
        const bool is_fine = text == "none" || (text.size() == 1 && text.front() > ' ' && text.front() < 127 &&
                                                text.front() != '@' && text.front() != '"');
        return is_fine ? std::string() : "wants one character or none, not " + text;
      });
  app.add_option("--over-quota", rules.over_quota,
                 "What the sender of mail that does not fit is told: now (try again later, the default), for-good")
      ->transform(one_of(kOverQuota));
  app.add_option("--disabled", rules.disabled, "Mail for disabled accounts: accept (default), defer, refuse")
      ->transform(one_of(kDisabled));
}

void add_undelete_options(CLI::App& app, postfach::UndeleteOptions& options) {
  const std::map<std::string, std::int64_t> units = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86'400}, {"w", 604'800}};
  app.add_option_function<std::int64_t>(
         "--undelete", [&options](std::int64_t seconds) { options.window = std::chrono::seconds(seconds); },
         "How long expunged messages can be brought back (postfachctl undelete): 12h, 14d; default: not at all")
      ->transform(CLI::AsNumberWithUnit(units, CLI::AsNumberWithUnit::UNIT_OPTIONAL, "TIME").description(""));
  app.add_flag("--undelete-counts", options.counts_for_quota, "Until then they count for the quota");
  app.add_option_function<std::string>(
      "--undelete-most", [&options](const std::string& text) { options.most_bytes = size_of("--undelete-most", text); },
      "The most that is kept of one account, as 1G; beyond it the oldest go early");
}

void add_warning_options(CLI::App& app, WarningSettings& settings) {
  app.add_option("--quota-warning", settings.thresholds,
                 "Percent of a quota from which on the log and the user are told; can be repeated")
      ->check(CLI::Range(1, 100).description(""))
      ->allow_extra_args(false);
  app.add_option("--quota-hysteresis", settings.hysteresis,
                 "Points that usage has to fall before it is told once more; default: 5")
      ->check(CLI::Range(0, 100).description(""));
  app.add_option("--quota-mail", settings.mail,
                 "File with the mail that the user gets then, header and text, with {account}, {percent}, {used} and "
                 "{limit}; none: only the log is told");
}

postfach::Result<postfach::QuotaWarnings> quota_warnings(const WarningSettings& settings, postfach::Observer observer) {
  std::string text(kQuotaMail);
  if (settings.mail == "none") {
    text.clear();
  } else if (!settings.mail.empty()) {
    std::ifstream file(settings.mail, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
    if (!file) return Error{Errc::not_found, settings.mail + " can't be read"};
    if (!has_field(text, "Subject")) {
      return Error{Errc::invalid_argument, settings.mail + " is no mail: there is no Subject field in its header"};
    }
  }
  return postfach::QuotaWarnings{
      .thresholds = settings.thresholds,
      .hysteresis = settings.hysteresis,
      .hook = [text = std::move(text), observer = std::move(observer)](const QuotaWarning& warning) {
        log_warning(observer, warning);
        return warning.is_over && !text.empty() ? quota_mail(text, warning, std::time(nullptr)) : std::string();
      }};
}

}  // namespace examples
