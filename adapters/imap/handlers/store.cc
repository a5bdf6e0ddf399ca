// STORE (RFC 9051 §6.4.6).
#include "handlers.h"
#include "imap/response/fetch_items.h"
#include "imap/state/uid_cursor.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

// The change is made; what is left is a FETCH of the flags.
class TellStored : public Task {
 public:
  TellStored(UidSet uids, bool uid) : left_(uids.count()), cursor_(std::move(uids)), uid_(uid) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    Selected& selected = *context.selected;
    while (!cursor_.at_end()) {
      if (out.size() >= soft_limit) return Step::more;
      const UidSet chunk = cursor_.next();
      Uid last = chunk.max();
      const Result<void> fetched = selected.mailbox().fetch(chunk, Field::none, [&](const MessageView& message) {
        tell_keywords(selected, *message.keyword_names, out);
        FetchResponse response(out, selected.number_of(message.uid));
        if (uid_) response.uid(message.uid);
        response.flags(message.flags, message.keywords, *message.keyword_names, selected.is_recent(message.uid));
        response.end();
        --left_;
        if (out.size() < soft_limit) return true;
        last = message.uid;
        return false;
      });
      if (!fetched) return done(failed(fetched.error()));
      cursor_.pass(last);
    }
    return done(left_ == 0 || uid_ ? ok("Store completed") : ok_some_expunged("Store completed"));
  }

 private:
  std::uint64_t left_;
  UidCursor cursor_;
  bool uid_;
};

Outcome store(Context& context, StoreFlags arguments, bool uid, std::string& out) {
  Selected& selected = *context.selected;
  if (selected.read_only()) return read_only();
  std::optional<UidSet> uids = selected.resolve(arguments.messages, uid);
  if (!uids) return bad_numbers();
  if (uids->empty()) return ok("Store completed");
  const bool has_keywords = !arguments.flags.keywords.empty();
  const Result<Stored> stored = selected.mailbox().store(*uids, {.change = arguments.change,
                                                                 .flags = arguments.flags.flags,
                                                                 .keywords = std::move(arguments.flags.keywords),
                                                                 .known_modseq = selected.modseq()});
  if (!stored) return failed(stored.error());

  if (!arguments.silent) {
    // The answer tells all flags as they are then: what others changed after it has another MODSEQ.
    selected.add_own_change(stored->modseq, stored->changed);
    return std::make_unique<TellStored>(*std::move(uids), uid);
  }
  // RFC 9051 §6.4.6: what others changed is told all the same, with the updates that end the command.
  selected.add_own_change(stored->modseq, stored->changed.minus(stored->changed_by_others));
  if (has_keywords) {
    if (const Result<KeywordNames> names = selected.mailbox().keywords()) tell_keywords(selected, *names, out);
  }
  return ok("Store completed");
}

}  // namespace

Outcome handle_store(Context& context, StoreFlags arguments, std::string& out) {
  return store(context, std::move(arguments), false, out);
}
Outcome handle_uid_store(Context& context, StoreFlags arguments, std::string& out) {
  return store(context, std::move(arguments), true, out);
}

}  // namespace postfach::imap
