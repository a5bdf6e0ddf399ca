#include "updates.h"

#include <algorithm>

#include "imap/response/conditions.h"
#include "imap/response/fetch_items.h"
#include "imap/response/mailbox_data.h"
#include "uid_cursor.h"

namespace postfach::imap {
namespace {

constexpr std::size_t kKeywords = 64;  // KeywordMask

constexpr Flags kSystemFlags = Flag::seen | Flag::answered | Flag::flagged | Flag::deleted | Flag::draft;

// One step of telling flags. False: there is more.
bool tell_flags(Selected& selected, std::string& out, std::size_t soft_limit) {
  UidCursor cursor(selected.changed());
  const UidSet chunk = cursor.next();
  Uid last = 0;
  const Result<void> fetched = selected.mailbox().fetch(chunk, Field::none, [&](const MessageView& message) {
    const std::uint32_t number = selected.number_of(message.uid);
    if (number != 0 && !selected.is_own_change(message.uid, message.modseq)) {
      tell_keywords(selected, *message.keyword_names, out);
      FetchResponse response(out, number);
      response.uid(message.uid);
      response.flags(message.flags, message.keywords, *message.keyword_names, selected.is_recent(message.uid));
      response.end();
    }
    last = message.uid;
    return out.size() < soft_limit;
  });
  // Flags that can't be read now come with the next change or the client's next FETCH.
  const bool stopped = fetched && out.size() >= soft_limit && last != 0;
  const Uid done = stopped ? last : chunk.max();
  selected.changed() = selected.changed().minus(UidSet::of(1, done));
  return selected.changed().empty();
}

}  // namespace

void append_permanent_flags(std::string& out, const Selected& selected) {
  if (selected.read_only()) {
    append_untagged(out, Condition::ok, code_permanent_flags({}, {}, false), "Read-only mailbox");
    return;
  }
  const KeywordNames& names = selected.keywords();
  const bool more = names.size() < kKeywords || std::ranges::any_of(names, &std::string::empty);
  append_untagged(out, Condition::ok, code_permanent_flags(kSystemFlags, names, more), "Flags permitted");
}

void tell_keywords(Selected& selected, const KeywordNames& names, std::string& out) {
  if (selected.keywords() == names) return;
  selected.set_keywords(names);
  append_flags_line(out, names);
  append_permanent_flags(out, selected);
}

Updates::Step Updates::step(Context& context, std::string& out, std::size_t soft_limit) {
  if (!context.selected) return Step::done;
  Selected& selected = *context.selected;

  if (phase_ == Phase::pull) {
    context.bell->take();
    const Result<std::uint32_t> added = selected.pull();
    if (!added && added.error().code == Errc::not_found) return Step::mailbox_gone;
    // Any other trouble: the view stays as it is, which is still true to what the client knows.
    has_new_ = added && *added > 0;
    phase_ = Phase::expunge;
  }
  if (phase_ == Phase::expunge) {
    if (may_expunge_ && !selected.expunged().empty()) {
      selected.drop_expunged([&](std::uint32_t number) {
        append_expunge(out, number);
        return out.size() < soft_limit;
      });
      if (!selected.expunged().empty()) return Step::more;
    }
    phase_ = Phase::exists;
  }
  if (phase_ == Phase::exists) {
    if (has_new_) {
      append_exists(out, selected.exists());
      append_recent(out, selected.recent());
    }
    phase_ = Phase::flags;
  }
  while (!selected.changed().empty()) {
    if (out.size() >= soft_limit || !tell_flags(selected, out, soft_limit)) return Step::more;
  }
  selected.clear_changed();
  return Step::done;
}

}  // namespace postfach::imap
