#include "quota_mail.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <utility>

#include "crlf.h"
#include "size.h"

namespace examples {
namespace {

// What is used, and of how much: octets or messages, whichever is nearer to its limit.
std::pair<std::string, std::string> nearer(const postfach::QuotaWarning& warning) {
  const auto share = [](std::uint64_t used, const std::optional<std::uint64_t>& limit) {
    if (!limit) return -1.0;
    return *limit == 0 ? 2.0 : static_cast<double>(used) / static_cast<double>(*limit);
  };
  const auto& usage = warning.usage;
  const auto& quota = warning.quota;
  if (share(usage.messages, quota.messages) > share(usage.bytes, quota.bytes)) {
    return {fmt::format("{}", usage.messages), fmt::format("{}", *quota.messages)};
  }
  return {format_size(usage.bytes), quota.bytes ? format_size(*quota.bytes) : "unlimited"};
}

std::string put_in(std::string_view text, std::initializer_list<std::pair<std::string_view, std::string>> values) {
  std::string out;
  while (!text.empty()) {
    const std::size_t begin = std::min(text.find('{'), text.size());
    out.append(text.substr(0, begin));
    text.remove_prefix(begin);
    if (text.empty()) break;
    const auto value =
        std::find_if(values.begin(), values.end(), [&](const auto& pair) { return text.starts_with(pair.first); });
    out.append(value == values.end() ? std::string_view("{") : std::string_view(value->second));
    text.remove_prefix(value == values.end() ? 1 : value->first.size());
  }
  return out;
}

}  // namespace

const std::string_view kQuotaMail =
    "From: Mail server <postmaster@{domain}>\n"
    "To: <{address}>\n"
    "Subject: Your mailbox is {percent} % full\n"
    "\n"
    "Your mailbox {account} holds {used} of at most {limit}.\n"
    "\n"
    "When it is full, it takes no more mail, and senders get theirs back. Please\n"
    "remove messages that you don't need, and empty the trash.\n";

bool has_field(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.empty() || line == "\r") return false;
    const bool is_it = line.size() > name.size() && line[name.size()] == ':' &&
                       std::equal(name.begin(), name.end(), line.begin(),
                                  [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    if (is_it) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

std::string describe_usage(const postfach::QuotaWarning& warning) {
  const auto [used, limit] = nearer(warning);
  return used + " of " + limit;
}

std::string quota_mail(std::string_view text, const postfach::QuotaWarning& warning, std::time_t now) {
  const auto at = warning.account.rfind('@');
  const std::string domain = at == std::string::npos ? "localhost" : warning.account.substr(at + 1);
  const auto [used, limit] = nearer(warning);
  std::string added;
  if (!has_field(text, "Date")) added += fmt::format("Date: {:%a, %d %b %Y %H:%M:%S} +0000\n", fmt::gmtime(now));
  if (!has_field(text, "Message-ID")) {
    std::random_device random;
    added += fmt::format("Message-ID: <{:08x}{:08x}{:08x}@{}>\n", random(), random(), random(), domain);
  }
  if (!has_field(text, "Auto-Submitted")) added += "Auto-Submitted: auto-generated\n";
  const bool is_ascii = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c < 128; });
  if (!is_ascii && !has_field(text, "Content-Type")) {
    added += "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n";
  }
  return with_crlf(added.append(
      put_in(text, {{"{account}", warning.account},
                    {"{percent}", fmt::format("{}", warning.percent)},
                    {"{used}", used},
                    {"{limit}", limit},
                    {"{domain}", domain},
                    {"{address}", at == std::string::npos ? warning.account + "@" + domain : warning.account}})));
}

}  // namespace examples
