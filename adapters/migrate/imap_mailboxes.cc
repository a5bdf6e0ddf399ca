#include "imap_mailboxes.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "base/utf7.h"
#include "base/utf8.h"

namespace postfach::migrate {
namespace {

SpecialUse use_of(const ImapValue& attributes) {
  static constexpr std::pair<const char*, SpecialUse> kUses[] = {
      {"\\All", SpecialUse::all},         {"\\Archive", SpecialUse::archive},    {"\\Drafts", SpecialUse::drafts},
      {"\\Flagged", SpecialUse::flagged}, {"\\Junk", SpecialUse::junk},          {"\\Sent", SpecialUse::sent},
      {"\\Trash", SpecialUse::trash},     {"\\Important", SpecialUse::important}};
  for (const auto& value : attributes.items) {
    for (const auto& [name, use] : kUses) {
      if (value.is_atom(name)) return use;
    }
  }
  return SpecialUse::none;
}

bool has(const ImapValue& attributes, std::string_view name) {
  return std::any_of(attributes.items.begin(), attributes.items.end(),
                     [&](const ImapValue& value) { return value.is_atom(name); });
}

// A '/' that is no separator there would be one here.
std::string name_here(const std::string& raw, const std::string& separator, const std::string& prefix) {
  std::string text = raw;
  const bool is_inbox = base::equals_ignoring_case(text, "INBOX");
  if (!is_inbox && !prefix.empty() && text.size() > prefix.size() && base::starts_with_ignoring_case(text, prefix)) {
    text.erase(0, prefix.size());
  }
  if (auto decoded = base::utf7_decode(text)) text = *std::move(decoded);
  text = base::replace_invalid_utf8(text);
  if (separator.size() == 1 && separator != "/") {
    std::replace(text.begin(), text.end(), '/', '_');
    std::replace(text.begin(), text.end(), separator.front(), '/');
  }
  while (text.ends_with('/')) text.pop_back();
  return is_inbox ? "INBOX" : text;
}

// RFC 2342 §5: NAMESPACE (("INBOX." ".")) NIL NIL, of which the first list is the user's own.
std::string personal_prefix(ImapClient& client) {
  std::string prefix;
  if (!client.can("NAMESPACE")) return prefix;
  ImapHandlers handlers;
  handlers.untagged = [&](const ImapResponse& response) {
    if (response.name != "NAMESPACE" || response.values.empty()) return;
    const auto& own = response.values.front();
    if (own.items.empty() || own.items.front().items.empty()) return;
    prefix = own.items.front().items.front().text;
  };
  (void)client.command("NAMESPACE", handlers);
  return prefix;
}

}  // namespace

Result<std::vector<RemoteMailbox>> list_mailboxes(ImapClient& client) {
  constexpr std::size_t kMost = 100'000;  // mailboxes
  const std::string prefix = personal_prefix(client);
  std::map<std::string, RemoteMailbox> found;  // by raw name
  const auto take = [&](const ImapResponse& response, bool is_subscription) {
    if (response.values.size() < 3 || !response.values[0].is_list()) return;
    if (response.name != "LIST" && response.name != "LSUB") return;
    const auto& attributes = response.values[0];
    const std::string& raw = response.values[2].text;
    if (found.size() >= kMost && found.count(raw) == 0) return;
    RemoteMailbox& mailbox = found[raw];
    const bool is_new = mailbox.raw.empty();
    mailbox.raw = raw;
    mailbox.name = name_here(raw, response.values[1].is_atom("NIL") ? "" : response.values[1].text, prefix);
    if (is_subscription) {
      // RFC 3501 §6.3.9: \Noselect means that something below it is subscribed. A name alone may have no mailbox.
      mailbox.is_subscribed = !has(attributes, "\\Noselect");
      if (is_new) mailbox.is_selectable = false;
      return;
    }
    mailbox.use = use_of(attributes);
    mailbox.is_selectable = !has(attributes, "\\Noselect") && !has(attributes, "\\NonExistent");
  };
  ImapHandlers handlers;
  handlers.untagged = [&](const ImapResponse& response) { take(response, false); };
  // RFC 6154 §3: some servers show special uses only if they are asked.
  const bool asks = client.can("SPECIAL-USE") && client.can("LIST-EXTENDED");
  auto listed = client.require(asks ? R"(LIST "" "*" RETURN (SPECIAL-USE))" : R"(LIST "" "*")", handlers);
  if (!listed) return listed.error();
  handlers.untagged = [&](const ImapResponse& response) { take(response, true); };
  if (client.can("LIST-EXTENDED")) {
    listed = client.command(R"(LIST (SUBSCRIBED) "" "*")", handlers);
  } else {
    listed = client.command(R"(LSUB "" "*")", handlers);
  }
  if (!listed) return listed.error();

  std::vector<RemoteMailbox> out;
  for (auto& [raw, mailbox] : found) {
    if (!mailbox.name.empty()) out.push_back(std::move(mailbox));
  }
  const auto rank = [](const RemoteMailbox& mailbox) {
    return mailbox.name == "INBOX" ? 0 : mailbox.use == SpecialUse::all ? 2 : 1;
  };
  std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return out;
}

}  // namespace postfach::migrate
