// LIST (RFC 9051 §6.3.9, RFC 3501 §6.3.8) and LSUB (RFC 3501 §6.3.9).
//
// Special-use attributes are in both without being asked for: mail programs make folders of their own where they don't
// see them (RFC 6154 §2 allows it).
#include <algorithm>
#include <map>

#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "mailbox_pattern.h"

namespace postfach::imap {
namespace {

struct ListedName {
  std::string name;
  ListAttributes attributes;
};

class ListTask : public Task {
 public:
  using Append = void (*)(std::string&, const ListAttributes&, std::string_view, bool);

  ListTask(std::vector<ListedName> names, MailboxPattern pattern, Append append, std::string_view text)
      : names_(std::move(names)), pattern_(std::move(pattern)), append_(append), text_(text) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    // An expensive pattern over many names lets others have their turn.
    const std::size_t turn_end = std::min(next_ + 500, names_.size());
    for (; next_ < turn_end; ++next_) {
      if (out.size() >= soft_limit) return Step::more;
      const ListedName& listed = names_[next_];
      if (pattern_.matches(listed.name)) {
        append_(out, listed.attributes, listed.name, context.enabled.utf8_names());
      }
    }
    return next_ < names_.size() ? Step::yield : done(ok(text_));
  }

 private:
  std::vector<ListedName> names_;
  MailboxPattern pattern_;
  Append append_;
  std::string_view text_;
  std::size_t next_ = 0;
};

ListAttributes attributes_of(const MailboxInfo& mailbox) {
  return {.no_select = !mailbox.selectable, .has_children = mailbox.has_children, .use = mailbox.special_use};
}

// Parents of subscribed names that a '%' stands for, without being subscribed themselves.
void add_parents(const std::vector<std::string>& subscribed, const MailboxPattern& pattern,
                 std::map<std::string, ListAttributes, std::less<>>& names) {
  for (const std::string& name : subscribed) {
    if (pattern.matches(name)) continue;
    for (std::size_t slash = name.find('/'); slash != std::string::npos; slash = name.find('/', slash + 1)) {
      const std::string_view parent = std::string_view(name).substr(0, slash);
      if (names.find(parent) == names.end() && pattern.matches(parent)) {
        names.emplace(parent, ListAttributes{.no_select = true, .children_known = false});
      }
    }
  }
}

}  // namespace

Outcome handle_list(Context& context, const List& list, std::string& out) {
  if (list.pattern.empty()) {
    append_list_root(out);
    return ok("List completed");
  }
  Result<std::vector<MailboxInfo>> mailboxes = context.account->mailboxes();
  if (!mailboxes) return failed(mailboxes.error());
  std::vector<ListedName> names;
  for (MailboxInfo& mailbox : *mailboxes) {
    if (list.only_special_use && mailbox.special_use == SpecialUse::none) continue;
    const ListAttributes attributes = attributes_of(mailbox);
    names.push_back({std::move(mailbox.name), attributes});
  }
  return std::make_unique<ListTask>(std::move(names), MailboxPattern(list.reference + list.pattern), append_list,
                                    "List completed");
}

Outcome handle_lsub(Context& context, const List& list, std::string&) {
  const Result<std::vector<std::string>> subscribed = context.account->subscriptions();
  if (!subscribed) return failed(subscribed.error());
  const Result<std::vector<MailboxInfo>> mailboxes = context.account->mailboxes();
  if (!mailboxes) return failed(mailboxes.error());

  std::map<std::string, ListAttributes, std::less<>> names;
  for (const std::string& name : *subscribed) {
    // A name whose mailbox is gone can't be selected; Outlook subscribes to such names.
    names.emplace(name, ListAttributes{.no_select = true, .children_known = false});
  }
  for (const MailboxInfo& mailbox : *mailboxes) {
    if (const auto at = names.find(mailbox.name); at != names.end()) {
      at->second = attributes_of(mailbox);
      at->second.children_known = false;
    }
  }
  MailboxPattern pattern(list.reference + list.pattern);
  if (pattern.has_percent()) add_parents(*subscribed, pattern, names);

  std::vector<ListedName> listed;
  listed.reserve(names.size());
  for (auto& [name, attributes] : names) listed.push_back({name, attributes});
  std::stable_partition(listed.begin(), listed.end(), [](const ListedName& entry) { return entry.name == "INBOX"; });
  return std::make_unique<ListTask>(std::move(listed), std::move(pattern), append_lsub, "Lsub completed");
}

}  // namespace postfach::imap
