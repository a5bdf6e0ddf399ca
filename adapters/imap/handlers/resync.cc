#include "resync.h"

#include <algorithm>

#include "imap/response/mailbox_data.h"

namespace postfach::imap {
namespace {

// In one VANISHED response, so that no line is longer than some 10 KiB.
constexpr std::size_t kRanges = 500;

}  // namespace

Result<Missed> missed_since(const Selected& selected, ModSeq since, const UidSet& known) {
  // What came after the view was made is not missed: it is still to be told.
  const Uid next = selected.uid_next();
  if (next <= 1) return Missed();
  const Result<Changes> changes = selected.mailbox().changes_since(since, next);
  if (!changes) return changes.error();
  const UidSet asked = known.intersection(UidSet::of(1, next - 1));
  Missed missed;
  missed.changed = selected.known(changes->changed.intersection(asked));
  const UidSet gone = changes->log_complete ? changes->vanished.intersection(asked) : asked;
  missed.vanished = gone.minus(selected.known(gone));
  return missed;
}

Task::Step ResyncTask::step(Context& context, std::string& out, std::size_t soft_limit) {
  const auto& ranges = vanished_.ranges();
  while (told_ < ranges.size()) {
    if (out.size() >= soft_limit) return Step::more;
    const std::size_t end = std::min(told_ + kRanges, ranges.size());
    UidSet some;
    for (; told_ < end; ++told_) some.add(ranges[told_].first, ranges[told_].last);
    append_vanished(out, some, true);
  }
  const Step step = fetch_->step(context, out, soft_limit);
  return step == Step::done ? done(conclude(context, std::move(fetch_->answer()))) : step;
}

}  // namespace postfach::imap
