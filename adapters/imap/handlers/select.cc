// SELECT and EXAMINE (RFC 9051 §6.3.2, RFC 3501 §6.3.1), with CONDSTORE and QRESYNC (RFC 7162 §3.1.8, §3.2.5).
#include "handlers.h"
#include "imap/handlers/fetch.h"
#include "imap/response/mailbox_data.h"
#include "imap/response/object_ids.h"
#include "imap/state/capability.h"
#include "imap/state/updates.h"
#include "list_attributes.h"
#include "resync.h"

namespace postfach::imap {
namespace {

// What can be said without a look at the mailbox; then nothing is deselected.
std::optional<Answer> check(const Context& context, const Select& select) {
  if ((select.condstore || select.resync) && !offers_condstore(context)) return bad("Unknown SELECT parameter");
  if (!select.resync) return {};
  if (!context.enabled.qresync) return bad("QRESYNC needs ENABLE QRESYNC first");
  if (context.enabled.uid_only && !select.resync->match_numbers.empty()) return uid_required();
  return {};
}

// RFC 9051 §6.3.2: the LIST response that IMAP4rev2 requires.
Result<void> tell_name(const Context& context, const Select& select, std::string& out) {
  const Result<MailboxInfo> info = context.account->mailbox_info(select.mailbox);
  if (!info) return info.error();
  const std::string& written = select.inbox_as_written.empty() ? select.mailbox : select.inbox_as_written;
  ListExtended extended;
  if (written != info->name) extended.old_name = written;
  append_list(out, attributes_of(*info, told_attributes(context)), info->name, true, extended);
  return {};
}

// Sequence match data (RFC 7162 §3.2.5.2): the client knows of every expunge up to the last message that still has the
// number it had. At most one look for each message of the mailbox.
Uid last_match(const Selected& selected, const Resync& resync) {
  Uid last = 0;
  auto uids = resync.match_uids.ranges().begin();
  Uid uid = uids == resync.match_uids.ranges().end() ? 0 : uids->first;
  for (const UidRange& range : resync.match_numbers.ranges()) {
    for (std::uint64_t number = range.first; number <= range.last; ++number) {
      if (number > selected.exists() || selected.uid_of(static_cast<std::uint32_t>(number)) != uid) return last;
      last = uid;
      if (uid != uids->last) {
        ++uid;
      } else if (++uids != resync.match_uids.ranges().end()) {
        uid = uids->first;
      } else {
        return last;
      }
    }
  }
  return last;
}

Answer selected_answer(bool read_only) {
  return read_only ? ok("Examine completed", "READ-ONLY") : ok("Select completed", "READ-WRITE");
}

class SelectTask : public ResyncTask {
 public:
  using ResyncTask::ResyncTask;

 private:
  Answer conclude(Context& context, Answer fetched) override {
    if (fetched.condition == Condition::ok) {
      // HIGHESTMODSEQ, told above, counts whatever the FETCH responses said (RFC 7162 §6).
      context.selected->known_modseq().tell();
      return selected_answer(context.selected->read_only());
    }
    context.selected.reset();
    return fetched;
  }
};

// As UID FETCH known-uids (FLAGS) (CHANGEDSINCE modseq VANISHED) would (RFC 7162 §3.2.5.1).
Outcome resynchronise(Context& context, const Resync& resync) {
  const Selected& selected = *context.selected;
  Result<Missed> missed = missed_since(selected, resync.modseq, resync.uids ? *resync.uids : UidSet::all());
  if (!missed) {
    context.selected.reset();
    return failed(missed.error());
  }
  if (const Uid known = last_match(selected, resync); known != 0) {
    missed->vanished = missed->vanished.minus(UidSet::of(1, known));
  }
  const FetchItems items{.uid = !context.enabled.uid_only, .flags = true, .modseq = true};
  return std::make_unique<SelectTask>(std::move(missed->vanished),
                                      std::make_unique<FetchTask>(selected, items, std::move(missed->changed), true));
}

Outcome select(Context& context, const Select& arguments, bool read_only, std::string& out) {
  if (std::optional<Answer> answer = check(context, arguments)) return *std::move(answer);
  // Also if this fails: no mailbox is selected then.
  if (context.selected) {
    context.selected.reset();
    // RFC 7162 §3.2.11, RFC 9051 §7.1
    if (offers_condstore(context) || offers(context, "IMAP4rev2")) {
      append_untagged(out, Condition::ok, "CLOSED", "The previous mailbox is closed");
    }
  }
  if (arguments.condstore || arguments.resync) enable_condstore(context, out);
  const Result<Mailbox> mailbox = context.account->mailbox(arguments.mailbox);
  if (!mailbox) return failed(mailbox.error());
  // Watched before it is looked at, so that no change is missed.
  Subscription subscription = mailbox->watch([bell = context.bell] { bell->ring(); });
  const bool rev2 = context.enabled.rev2;
  Result<MailboxSnapshot> snapshot = mailbox->snapshot(!read_only && !rev2);
  if (!snapshot) return failed(snapshot.error());
  if (rev2) {
    if (const Result<void> told = tell_name(context, arguments, out); !told) return failed(told.error());
  }
  const MailboxStatus status = snapshot->status;
  const Uid first_unseen = snapshot->first_unseen;
  context.selected = std::make_unique<Selected>(*mailbox, *std::move(snapshot), read_only, std::move(subscription));
  Selected& selected = *context.selected;
  if (rev2) selected.forget_recent();

  append_flags_line(out, selected.keywords());
  append_permanent_flags(out, selected);
  append_exists(out, selected.exists());
  if (!rev2) append_recent(out, selected.recent());
  // RFC 9051 Appendix E 11 has no UNSEEN any more; with UIDONLY there are no numbers.
  const std::uint32_t unseen = selected.number_of(first_unseen);
  if (unseen != 0 && !rev2 && !context.enabled.uid_only) {
    append_untagged(out, Condition::ok, code_number("UNSEEN", unseen), "First unseen message");
  }
  append_untagged(out, Condition::ok, code_number("UIDVALIDITY", status.uid_validity), "UIDs valid");
  append_untagged(out, Condition::ok, code_number("UIDNEXT", status.uid_next), "Next UID");
  if (offers(context, "OBJECTID")) {
    append_untagged(out, Condition::ok, code_mailbox_id(mailbox->id(), status.uid_validity), "Mailbox identifier");
  }
  if (offers_condstore(context)) {
    append_untagged(out, Condition::ok, code_number("HIGHESTMODSEQ", status.highest_modseq), "Highest");
  }
  // With another UIDVALIDITY nothing that the client knew counts (RFC 7162 §3.2.5).
  if (arguments.resync && arguments.resync->uid_validity == status.uid_validity) {
    return resynchronise(context, *arguments.resync);
  }
  return selected_answer(read_only);
}

}  // namespace

Outcome handle_select(Context& context, const Select& arguments, std::string& out) {
  return select(context, arguments, false, out);
}

Outcome handle_examine(Context& context, const Select& arguments, std::string& out) {
  return select(context, arguments, true, out);
}

}  // namespace postfach::imap
