// STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3).
#include <algorithm>

#include "handlers.h"
#include "imap/state/uid_cursor.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

// The change is made; what is left is to tell it.
class TellStored : public Task {
 public:
  struct Report {
    UidSet uids = {};   // of which messages
    bool uid = false;   // of UID STORE
    bool flags = true;  // false: MODSEQ alone, after .SILENT
    // Without flags to tell: a message that others have changed meanwhile, so that its MODSEQ is neither that of the
    // change nor one up to `known`, is left to the updates that end the command.
    ModSeq modseq = 0;
    ModSeq known = 0;
    std::string failed = {};  // those that failed UNCHANGEDSINCE
  };
  TellStored(const Selected& selected, Report report)
      : report_(std::move(report)), left_(selected.count(report_.uids)), cursor_(report_.uids) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    Selected& selected = *context.selected;
    while (!cursor_.at_end()) {
      if (out.size() >= soft_limit) return Step::more;
      const UidSet chunk = cursor_.next();
      Uid last = chunk.max();
      const Result<void> fetched = selected.mailbox().fetch(chunk, Field::none, [&](const MessageView& message) {
        --left_;
        if (report_.flags || message.modseq == report_.modseq || message.modseq <= report_.known) {
          if (report_.flags) tell_keywords(selected, *message.keyword_names, out);
          tell_message(context, message, {.uid = report_.uid, .flags = report_.flags}, out);
        }
        if (out.size() < soft_limit) return true;
        last = message.uid;
        return false;
      });
      if (!fetched) return done(failed(fetched.error()));
      cursor_.pass(last);
    }
    return done(conclude());
  }

 private:
  Answer conclude() const {
    const bool some_expunged = left_ != 0 && !report_.uid;
    if (report_.failed.empty()) return some_expunged ? ok_some_expunged("Store completed") : ok("Store completed");
    if (some_expunged) return no("Some of the messages no longer exist", "MODIFIED " + report_.failed);
    return ok("Conditional store failed for some messages", "MODIFIED " + report_.failed);
  }

  Report report_;
  std::uint64_t left_;
  UidCursor cursor_;
};

// As a sequence-set of numbers or UIDs.
std::string numbers_of(const Selected& selected, const UidSet& uids, bool are_uids) {
  if (are_uids) return uids.to_string();
  UidSet numbers;
  for (const UidRange& range : uids.ranges()) {
    for (std::uint64_t uid = range.first; uid <= range.last; ++uid) {
      numbers.add(selected.number_of(static_cast<Uid>(uid)));
    }
  }
  return numbers.to_string();
}

Outcome store(Context& context, StoreFlags arguments, bool uid, std::string& out) {
  Selected& selected = *context.selected;
  const bool conditional = arguments.unchanged_since.has_value();
  if (conditional && !offers_condstore(context)) return bad("Unknown STORE modifier");
  if (selected.read_only()) return read_only();
  std::optional<UidSet> uids = selected.resolve(arguments.messages, uid);
  if (!uids) return bad_numbers();
  if (conditional) enable_condstore(context, out);
  if (uids->empty()) return ok("Store completed");
  const bool has_keywords = !arguments.flags.keywords.empty();
  const Result<Stored> stored = selected.mailbox().store(*uids, {.change = arguments.change,
                                                                 .flags = arguments.flags.flags,
                                                                 .keywords = std::move(arguments.flags.keywords),
                                                                 .unchanged_since = arguments.unchanged_since,
                                                                 .known_modseq = selected.modseq()});
  if (!stored) return failed(stored.error());
  // RFC 7162 §3.1.3 recommends to tell why a message failed: the updates that end the command do.
  for (const UidRange& range : stored->failed.ranges()) selected.changed().add(range.first, range.last);

  TellStored::Report report{.uid = uid, .flags = !arguments.silent, .modseq = stored->modseq};
  report.failed = numbers_of(selected, stored->failed, uid);
  if (!arguments.silent) {
    // The answer tells all flags as they are then: what others changed after it has another MODSEQ.
    selected.add_own_change(stored->modseq, stored->changed);
    report.uids = uids->minus(stored->failed);
    return std::make_unique<TellStored>(selected, std::move(report));
  }
  // RFC 9051 §6.4.6: what others changed is told all the same, with the updates that end the command.
  UidSet changed = stored->changed.minus(stored->changed_by_others);
  selected.add_own_change(stored->modseq, changed);
  if (has_keywords) {
    if (const Result<KeywordNames> names = selected.mailbox().keywords()) tell_keywords(selected, *names, out);
  }
  if (!context.enabled.condstore) return ok("Store completed");
  // The client has to learn the new MODSEQ, else it takes its own change for one of others. After UNCHANGEDSINCE that
  // goes for every message that passed.
  report.uids = conditional ? uids->minus(stored->failed) : std::move(changed);
  if (conditional) report.known = std::max(*arguments.unchanged_since, selected.modseq());
  return std::make_unique<TellStored>(selected, std::move(report));
}

}  // namespace

Outcome handle_store(Context& context, StoreFlags arguments, std::string& out) {
  return store(context, std::move(arguments), false, out);
}
Outcome handle_uid_store(Context& context, StoreFlags arguments, std::string& out) {
  return store(context, std::move(arguments), true, out);
}

}  // namespace postfach::imap
