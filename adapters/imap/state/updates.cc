#include "updates.h"

#include <algorithm>

#include "capability.h"
#include "imap/response/conditions.h"
#include "imap/response/mailbox_data.h"
#include "uid_cursor.h"

namespace postfach::imap {
namespace {

constexpr std::size_t kKeywords = 64;  // KeywordMask

constexpr Flags kSystemFlags = Flag::seen | Flag::answered | Flag::flagged | Flag::deleted | Flag::draft;

// Ranges in one VANISHED response, so that no line is longer than some 10 KiB.
constexpr std::size_t kVanishedRanges = 500;

// The highest members of a set, as many ranges as one VANISHED response may have.
UidSet last_ranges(const UidSet& uids) {
  const auto& ranges = uids.ranges();
  UidSet result;
  for (std::size_t i = ranges.size() - std::min(ranges.size(), kVanishedRanges); i < ranges.size(); ++i) {
    result.add(ranges[i].first, ranges[i].last);
  }
  return result;
}

enum class Told : std::uint8_t { all, more, unreadable };

// One step of telling flags.
Told tell_flags(const Context& context, Selected& selected, std::string& out, std::size_t soft_limit) {
  UidCursor cursor(selected.changed());
  const UidSet chunk = cursor.next();
  Uid last = 0;
  const Result<void> fetched = selected.mailbox().fetch(chunk, Field::none, [&](const MessageView& message) {
    if (selected.number_of(message.uid) != 0 && !selected.is_own_change(message.uid, message.modseq)) {
      tell_keywords(selected, *message.keyword_names, out);
      tell_message(context, message, {}, out);
    }
    last = message.uid;
    return out.size() < soft_limit;
  });
  if (!fetched) return Told::unreadable;
  const bool stopped = out.size() >= soft_limit && last != 0;
  const Uid done = stopped ? last : chunk.max();
  selected.changed() = selected.changed().minus(UidSet::of(1, done));
  return selected.changed().empty() ? Told::all : Told::more;
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

FetchResponse begin_fetch(const Context& context, Uid uid, std::string& out) {
  if (context.enabled.uid_only) return FetchResponse::by_uid(out, uid);
  return FetchResponse(out, context.selected->number_of(uid));
}

void tell_message(const Context& context, const MessageView& message, ToldItems items, std::string& out) {
  Selected& selected = *context.selected;
  FetchResponse response = begin_fetch(context, message.uid, out);
  // RFC 7162 §3.2.4: the UID always goes with MODSEQ. UIDFETCH has it in front.
  if ((items.uid || context.enabled.condstore) && !context.enabled.uid_only) response.uid(message.uid);
  if (items.flags) {
    response.flags(message.flags, message.keywords, *message.keyword_names, selected.is_recent(message.uid));
  }
  if (context.enabled.condstore) {
    response.modseq(message.modseq);
    selected.known_modseq().fetched(message.modseq);
  }
  response.end();
}

bool offers_condstore(const Context& context) noexcept {
  return offers(context, "CONDSTORE") || offers(context, "QRESYNC");
}

void enable_condstore(Context& context, std::string& out) {
  if (std::exchange(context.enabled.condstore, true) || !context.selected) return;
  const ModSeq highest = context.selected->known_modseq().tell();
  append_untagged(out, Condition::ok, code_number("HIGHESTMODSEQ", highest), "Highest");
}

bool Updates::tell_expunged(const Context& context, Selected& selected, std::string& out, std::size_t soft_limit) {
  if (!context.enabled.vanished()) {
    selected.drop_expunged([&](std::uint32_t number) {
      append_expunge(out, number);
      return out.size() < soft_limit;
    });
    return selected.expunged().empty();
  }
  while (!selected.expunged().empty()) {
    if (out.size() >= soft_limit) return false;
    const UidSet gone = last_ranges(selected.expunged());
    append_vanished(out, gone);
    // They leave the view from the highest down.
    std::uint64_t left = gone.count();
    selected.drop_expunged([&left](std::uint32_t) { return --left > 0; });
  }
  return true;
}

Updates::Step Updates::step(Context& context, std::string& out, std::size_t soft_limit) {
  if (!context.selected) return Step::done;
  Selected& selected = *context.selected;

  if (phase_ == Phase::pull && own_ && !context.bell->rung() && selected.follow(*own_)) {
    pulled_ = true;
    has_new_ = own_->added != 0;
    phase_ = Phase::gone;
  }
  if (phase_ == Phase::pull) {
    context.bell->take();
    const Result<std::uint32_t> added = selected.pull();
    if (!added && added.error().code == Errc::not_found) return Step::mailbox_gone;
    // Any other trouble: the view stays as it is, which is still true to what the client knows.
    pulled_ = added.has_value();
    has_new_ = added && *added > 0;
    phase_ = Phase::gone;
  }
  if (phase_ == Phase::gone) {
    if (!selected.contexts().tell_gone(selected, out, soft_limit)) return Step::more;
    phase_ = Phase::expunge;
  }
  if (phase_ == Phase::expunge) {
    if (may_expunge_ && !tell_expunged(context, selected, out, soft_limit)) return Step::more;
    phase_ = Phase::exists;
  }
  if (phase_ == Phase::exists) {
    if (has_new_) {
      append_exists(out, selected.exists());
      if (!context.enabled.rev2) append_recent(out, selected.recent());
    }
    phase_ = Phase::flags;
  }
  while (!selected.changed().empty()) {
    if (out.size() >= soft_limit) return Step::more;
    const Told told = tell_flags(context, selected, out, soft_limit);
    if (told == Told::more) return Step::more;
    if (told == Told::unreadable) return Step::done;  // what is left is tried again by the next command
  }
  selected.clear_changed();
  if (pulled_ && selected.expunged().empty()) selected.known_modseq().completed(selected.modseq());
  switch (selected.contexts().tell_changed(selected, context.now, out, soft_limit)) {
    case SearchContexts::Step::more:
      return Step::more;
    case SearchContexts::Step::yield:
      return Step::yield;
    case SearchContexts::Step::done:
      break;
  }
  return Step::done;
}

}  // namespace postfach::imap
