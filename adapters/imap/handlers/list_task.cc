#include "list_task.h"

#include <algorithm>

namespace postfach::imap {
namespace {

// What a turn may cost, as MailboxPatterns::cost() counts it: about a millisecond.
constexpr std::size_t kTurn = 500'000;

// INBOX first, each name directly before those below it.
bool before_in_tree(const MailboxInfo& a, const MailboxInfo& b) noexcept {
  if (is_in_inbox(a.name) != is_in_inbox(b.name)) return is_in_inbox(a.name);
  return std::lexicographical_compare(a.name.begin(), a.name.end(), b.name.begin(), b.name.end(), [](char x, char y) {
    const auto rank = [](char c) { return c == '/' ? 0U : static_cast<unsigned>(static_cast<unsigned char>(c)); };
    return rank(x) < rank(y);
  });
}

}  // namespace

class ListTask::Budget {
 public:
  bool spend(std::size_t cost) noexcept {
    spent_ += cost;
    return spent_ < kTurn;
  }

 private:
  std::size_t spent_ = 0;
};

ListTask::ListTask(Listing listing, std::vector<MailboxInfo> names)
    : listing_(std::move(listing)), names_(std::move(names)), phase_(listing_.parents ? Phase::match : Phase::answer) {
  if (!listing_.parents) return;
  std::sort(names_.begin(), names_.end(), before_in_tree);
  matched_.resize(names_.size());
}

Task::Step ListTask::step(Context&, std::string& out, std::size_t soft_limit) {
  Budget budget;
  if (phase_ == Phase::match) {
    if (const Step step = match(budget); step != Step::done) return step;
    phase_ = Phase::parents;
  }
  if (phase_ == Phase::parents) {
    find_parents();
    next_ = 0;
    phase_ = Phase::answer;
  }
  return answer(budget, out, soft_limit);
}

bool ListTask::meets(const MailboxInfo& name) const noexcept {
  return (!listing_.only_subscribed || name.subscribed) &&
         (!listing_.only_special_use || name.special_use != SpecialUse::none);
}

Task::Step ListTask::match(Budget& budget) {
  for (; next_ < names_.size(); ++next_) {
    const MailboxInfo& name = names_[next_];
    if (!meets(name)) continue;
    if (!budget.spend(listing_.patterns.cost(name.name.size()))) return Step::yield;
    matched_[next_] = listing_.patterns.match(name.name) != nullptr;
  }
  return Step::done;
}

// Backwards through the tree, where everything below a name comes directly before it. On the stack are all names above
// the last one, with what is known of those below them.
void ListTask::find_parents() {
  std::vector<Entry> above;
  const auto text = [this](const Entry& entry) {
    return std::string_view(names_[entry.name].name).substr(0, entry.octets);
  };
  // What is below the top of the stack is below the next one too.
  const auto pop = [&above] {
    const Entry top = above.back();
    above.pop_back();
    if (!above.empty()) {
      above.back().has_child |= top.has_child;
      above.back().has_unlisted_child |= top.has_unlisted_child;
    }
    return top;
  };
  const auto pop_implied = [&] {
    // Nobody asks for it unless it stands for a name that is not listed: RFC 9051 §6.3.9.6 on redundant CHILDINFO.
    if (const Entry entry = pop(); entry.has_unlisted_child) entries_.push_back(entry);
  };

  for (std::size_t i = names_.size(); i-- > 0;) {
    const std::string_view name = names_[i].name;
    const auto is_above = [&](const Entry& entry) {
      return entry.octets < name.size() && name[entry.octets] == '/' && name.starts_with(text(entry));
    };
    Entry entry{.name = static_cast<std::uint32_t>(i),
                .octets = static_cast<std::uint16_t>(name.size()),
                .has_child = false,
                .has_unlisted_child = false};
    while (!above.empty() && !is_above(above.back())) {
      if (text(above.back()) == name) {
        const Entry known = pop();
        entry.has_child = known.has_child;
        entry.has_unlisted_child = known.has_unlisted_child;
      } else {
        pop_implied();
      }
    }
    const bool meets_criteria = meets(names_[i]);
    if (meets_criteria ? matched_[i] : entry.has_unlisted_child) entries_.push_back(entry);
    for (std::size_t slash = name.find('/', above.empty() ? 0 : above.back().octets + 1U);
         slash != std::string_view::npos; slash = name.find('/', slash + 1)) {
      above.push_back({.name = entry.name,
                       .octets = static_cast<std::uint16_t>(slash),
                       .has_child = false,
                       .has_unlisted_child = false});
    }
    if (!above.empty()) {
      above.back().has_child |= meets_criteria;
      above.back().has_unlisted_child |= meets_criteria && !matched_[i];
    }
  }
  while (!above.empty()) pop_implied();
  std::reverse(entries_.begin(), entries_.end());
}

Task::Step ListTask::answer(Budget& budget, std::string& out, std::size_t soft_limit) {
  const std::size_t end = listing_.parents ? entries_.size() : names_.size();
  for (; next_ < end; ++next_) {
    if (out.size() >= soft_limit) return Step::more;
    const Entry entry = listing_.parents ? entries_[next_]
                                         : Entry{.name = static_cast<std::uint32_t>(next_),
                                                 .octets = static_cast<std::uint16_t>(names_[next_].name.size()),
                                                 .has_child = false,
                                                 .has_unlisted_child = false};
    const MailboxInfo& info = names_[entry.name];
    if (!listing_.parents && !meets(info)) continue;
    if (!budget.spend(listing_.patterns.cost(entry.octets))) return Step::yield;
    const MailboxPattern* pattern = listing_.patterns.match(std::string_view(info.name).substr(0, entry.octets));
    if (pattern != nullptr) append(out, entry, *pattern);
  }
  return done(ok(listing_.text));
}

void ListTask::append(std::string& out, const Entry& entry, const MailboxPattern& pattern) const {
  const MailboxInfo& info = names_[entry.name];
  const bool is_implied = entry.octets < info.name.size();
  const bool is_listed = !is_implied && meets(info);
  const ListAttributes shown =
      is_implied ? ListAttributes{.no_select = true, .non_existent = true, .children_known = listing_.told.children}
                 : attributes(info, is_listed);
  std::string respelled;
  std::string_view name = std::string_view(info.name).substr(0, entry.octets);
  if (is_in_inbox(name) && pattern.inbox() != "INBOX") {
    respelled = name;
    respelled.replace(0, pattern.inbox().size(), pattern.inbox());
    name = respelled;
  }
  switch (listing_.response) {
    case Listing::Response::lsub:
      return append_lsub(out, shown, name, listing_.utf8);
    case Listing::Response::xlist:
      return append_xlist(out, shown, name, listing_.utf8);
    case Listing::Response::list:
      break;
  }
  append_list(out, shown, name, listing_.utf8,
              {.child_is_subscribed = entry.has_child && listing_.only_subscribed,
               .child_has_special_use = entry.has_child && listing_.only_special_use});
  // RFC 5819 §2: neither for a name that can't be selected nor for one that is there for its children.
  if (listing_.status && is_listed && info.selectable) {
    append_status(out, name, *listing_.status, info.id, info.status, listing_.utf8);
  }
}

ListAttributes ListTask::attributes(const MailboxInfo& info, bool is_listed) const noexcept {
  ListAttributes result = attributes_of(info, listing_.told);
  if (listing_.response == Listing::Response::lsub) {
    // RFC 3501 §6.3.9: \Noselect also for a name that is not subscribed itself. Thunderbird needs it for one that has
    // no mailbox to see that it can't open it.
    return {.no_select = !info.selectable || !is_listed, .children_known = false, .use = result.use};
  }
  result.subscribed = listing_.tell_subscribed && info.subscribed;
  return result;
}

}  // namespace postfach::imap
