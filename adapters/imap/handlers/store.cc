// STORE (RFC 9051 §6.4.6), with UNCHANGEDSINCE (RFC 7162 §3.1.3).
#include <algorithm>
#include <utility>

#include "handlers.h"
#include "imap/state/uid_cursor.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

// Messages of a STORE that can wait for others: what they have afterwards is kept in memory until it is told.
constexpr std::uint64_t kMostKept = 64;

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

// Whether the client knows all that the session knows, and the session all that there is: then what it does next is all
// that there is to tell.
bool is_up_to_date(const Context& context) {
  const Selected& selected = *context.selected;
  return selected.all_told() && selected.contexts().empty() && !context.bell->rung();
}

// Makes the change and tells it. Where it concerns few messages it waits for the STOREs that follow, and tells what the
// messages had right after it, whatever those that follow have done to them; else it reads them again.
class StoreTask : public Task {
 public:
  StoreTask(const Context& context, StoreFlags arguments, UidSet uids, bool uid)
      : uid_(uid), silent_(arguments.silent), has_keywords_(!arguments.flags.keywords.empty()) {
    const Selected& selected = *context.selected;
    const bool is_small = selected.count(uids) <= kMostKept && is_up_to_date(context);
    request_ = {.uids = std::move(uids),
                .update = {.change = arguments.change,
                           .flags = arguments.flags.flags,
                           .keywords = std::move(arguments.flags.keywords),
                           .unchanged_since = arguments.unchanged_since,
                           .known_modseq = selected.modseq(),
                           .wants_flags = is_small}};
  }

  Joins joins() const override { return keeps_flags() ? Joins::store : Joins::nothing; }
  void carry_out(Context& context, std::span<Task* const> tasks) override;
  std::size_t held_octets() const override;
  Step step(Context& context, std::string& out, std::size_t soft_limit) override;

 private:
  bool keeps_flags() const noexcept { return request_.update.wants_flags; }
  bool begin_telling(Context& context, std::string& out);
  template <class Visit>
  Result<void> read(const Selected& selected, const UidSet& uids, Visit&& visit) const;
  Answer conclude() const;

  const bool uid_;  // UID STORE
  const bool silent_;
  const bool has_keywords_;
  Mailbox::FlagRequest request_;
  std::optional<Result<Stored>> stored_;

  // What is left is to tell it.
  std::string failed_;             // those that failed UNCHANGEDSINCE
  std::uint64_t left_ = 0;         // messages of which nothing was seen yet
  ModSeq known_ = 0;               // see step()
  std::optional<UidCursor> told_;  // of which messages
  std::optional<UidCursor> told_failed_;
};

std::size_t StoreTask::held_octets() const {
  std::size_t octets = sizeof(*this) + request_.uids.ranges().size() * sizeof(UidRange);
  for (const std::string& keyword : request_.update.keywords) octets += sizeof(std::string) + keyword.size();
  return octets;
}

void StoreTask::carry_out(Context& context, std::span<Task* const> tasks) {
  Selected& selected = *context.selected;
  std::vector<Mailbox::FlagRequest> requests;
  requests.reserve(tasks.size());
  for (Task* const task : tasks) requests.push_back(std::move(static_cast<StoreTask*>(task)->request_));
  std::vector<Result<Stored>> results = selected.mailbox().store(requests);
  bool is_changed = false;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    auto& task = *static_cast<StoreTask*>(tasks[i]);
    task.request_ = std::move(requests[i]);
    if (const Result<Stored>& stored = results[i]; stored && stored->modseq != 0) {
      is_changed = true;
      // RFC 9051 §6.4.6: what others have changed is told also after .SILENT, with the updates that end the command. An
      // answer that is not silent tells all flags as they are then: what others changed after it has another MODSEQ.
      selected.add_own_change(stored->modseq,
                              task.silent_ ? stored->changed.minus(stored->changed_by_others) : stored->changed);
    }
    task.stored_ = std::move(results[i]);
  }
  if (is_changed && keeps_flags()) context.bell->forget_own();
}

// False if there is nothing to tell.
bool StoreTask::begin_telling(Context& context, std::string& out) {
  Selected& selected = *context.selected;
  const Stored& stored = **stored_;
  const UidSet passed = request_.uids.minus(stored.failed);
  failed_ = numbers_of(selected, stored.failed, uid_);
  // RFC 7162 §3.1.3 recommends to tell why a message failed.
  if (keeps_flags()) {
    told_failed_.emplace(stored.failed);
  } else {
    for (const UidRange& range : stored.failed.ranges()) selected.changed().add(range.first, range.last);
  }
  if (!silent_) {
    told_.emplace(passed);
    left_ = selected.count(passed);
    return true;
  }
  if (has_keywords_) {
    if (keeps_flags()) {
      tell_keywords(selected, *stored.keyword_names, out);
    } else if (const Result<KeywordNames> names = selected.mailbox().keywords()) {
      tell_keywords(selected, *names, out);
    }
  }
  if (!context.enabled.condstore) return false;
  // The client has to learn the new MODSEQ, else it takes its own change for one of others. After UNCHANGEDSINCE that
  // goes for every message that passed.
  const std::optional<ModSeq>& unchanged_since = request_.update.unchanged_since;
  UidSet told = unchanged_since ? passed : stored.changed.minus(stored.changed_by_others);
  if (unchanged_since) known_ = std::max(*unchanged_since, selected.modseq());
  left_ = selected.count(told);
  told_.emplace(std::move(told));
  return true;
}

// What is known of the messages: as the change left them, or as they are now.
template <class Visit>
Result<void> StoreTask::read(const Selected& selected, const UidSet& uids, Visit&& visit) const {
  if (!keeps_flags()) return selected.mailbox().fetch(uids, Field::none, visit);
  const Stored& stored = **stored_;
  for (const StoredFlags& message : stored.messages) {
    // The client may have been told meanwhile that it is gone.
    if (!uids.contains(message.uid) || selected.number_of(message.uid) == 0) continue;
    MessageView view;
    view.uid = message.uid;
    view.flags = message.flags;
    view.keywords = message.keywords;
    view.keyword_names = stored.keyword_names.get();
    view.modseq = message.modseq;
    if (!visit(view)) break;
  }
  return {};
}

Task::Step StoreTask::step(Context& context, std::string& out, std::size_t soft_limit) {
  if (!stored_) {
    if (keeps_flags()) return Step::join;
    if (context.early) return Step::more;
    Task* const alone = this;
    carry_out(context, std::span(&alone, 1));
  }
  if (!*stored_) return done(failed(stored_->error()));
  const Stored& stored = **stored_;
  Selected& selected = *context.selected;
  if (!told_ && !begin_telling(context, out)) told_.emplace(UidSet());
  for (; !told_->at_end();) {
    if (out.size() >= soft_limit) return Step::more;
    const UidSet chunk = told_->next();
    Uid last = chunk.max();
    const Result<void> done_reading = read(selected, chunk, [&](const MessageView& message) {
      --left_;
      // After .SILENT: a message that others have changed meanwhile, so that its MODSEQ is neither that of the change nor
      // one that the client knows, is left to the updates that end the command.
      if (!silent_ || message.modseq == stored.modseq || message.modseq <= known_) {
        if (!silent_) tell_keywords(selected, *message.keyword_names, out);
        tell_message(context, message, {.uid = uid_, .flags = !silent_}, out);
      }
      if (out.size() < soft_limit) return true;
      last = message.uid;
      return false;
    });
    if (!done_reading) return done(failed(done_reading.error()));
    told_->pass(last);
  }
  while (told_failed_ && !told_failed_->at_end()) {
    if (out.size() >= soft_limit) return Step::more;
    const UidSet chunk = told_failed_->next();
    Uid last = chunk.max();
    (void)read(selected, chunk, [&](const MessageView& message) {
      tell_keywords(selected, *message.keyword_names, out);
      tell_message(context, message, {}, out);
      last = message.uid;
      return out.size() < soft_limit;
    });
    told_failed_->pass(last);
  }
  if (keeps_flags() && stored.modseq != 0) context.own_step = OwnStep{.before = stored.before, .modseq = stored.modseq};
  return done(conclude());
}

Answer StoreTask::conclude() const {
  const bool some_expunged = left_ != 0 && !uid_;
  if (failed_.empty()) return some_expunged ? ok_some_expunged("Store completed") : ok("Store completed");
  if (some_expunged) return no("Some of the messages no longer exist", "MODIFIED " + failed_);
  return ok("Conditional store failed for some messages", "MODIFIED " + failed_);
}

Outcome store(Context& context, StoreFlags arguments, bool uid, std::string& out) {
  const Selected& selected = *context.selected;
  const bool conditional = arguments.unchanged_since.has_value();
  if (conditional && !offers_condstore(context)) return bad("Unknown STORE modifier");
  if (selected.read_only()) return read_only();
  std::optional<UidSet> uids = selected.resolve(arguments.messages, uid);
  if (!uids) return bad_numbers();
  if (conditional) enable_condstore(context, out);
  if (uids->empty()) return ok("Store completed");
  return std::make_unique<StoreTask>(context, std::move(arguments), *std::move(uids), uid);
}

}  // namespace

Outcome handle_store(Context& context, StoreFlags arguments, std::string& out) {
  return store(context, std::move(arguments), false, out);
}
Outcome handle_uid_store(Context& context, StoreFlags arguments, std::string& out) {
  return store(context, std::move(arguments), true, out);
}

}  // namespace postfach::imap
