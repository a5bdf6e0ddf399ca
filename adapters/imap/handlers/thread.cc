// THREAD (RFC 5256 §3 BASE.6.4.THREAD).
#include "imap/command/thread.h"

#include <optional>
#include <utility>

#include "after_threads.h"
#include "found_pages.h"
#include "handlers.h"
#include "imap/response/sort_data.h"
#include "imap/state/capability.h"
#include "postfach/thread.h"
#include "searched_ids.h"

namespace postfach::imap {
namespace {

class ThreadTask : public Task {
 public:
  ThreadTask(const Context& context, ThreadAlgorithm algorithm, SearchKey key, bool uid)
      : uid_(uid), pages_(*context.selected, std::move(key)), threader_(algorithm, context.enabled.comparator) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    const Selected& selected = *context.selected;
    if (writer_) {
      begun_ = true;
      const auto shown = [&](Uid uid) { return uid_ ? uid : selected.number_of(uid); };
      if (!writer_->write(out, soft_limit, shown)) return Step::more;
      begun_ = false;
      return done(ok("Thread completed"));
    }
    if (page_from_ != 0) {
      const Result<Uid> next = selected.mailbox().thread(threader_, page_, page_from_);
      if (!next) return done(failed(next.error()));
      page_from_ = *next;
      return Step::yield;
    }
    if (pages_.at_end()) {
      writer_.emplace(threader_.finish());
      return Step::yield;
    }
    const Result<SearchPage> page = pages_.next(selected);
    if (!page) return done(failed(page.error()));
    page_.clear();
    for (const Uid uid : page->uids) page_.add(uid);
    page_from_ = page_.min();
    return Step::yield;
  }

  bool within_response() const override { return begun_; }
  // A page that was found is gathered before the next one is looked for.
  std::optional<Progress> progress(const Context& context) const override {
    return progress_up_to(*context.selected, page_from_ != 0 ? page_from_ : pages_.from());
  }

 private:
  bool uid_;
  FoundPages pages_;
  Threader threader_;
  UidSet page_;        // found
  Uid page_from_ = 0;  // not yet in the threader; 0: all of it is
  std::optional<ThreadWriter> writer_;
  bool begun_ = false;
};

Outcome thread(Context& context, const Thread& arguments, bool uid, std::string& out) {
  if (!offers(context, capability_of(arguments.algorithm))) return bad("Unknown threading algorithm");
  auto key = translate_criteria(context, arguments.search, out);
  if (auto* answer = std::get_if<Answer>(&key)) return std::move(*answer);
  auto task = std::make_unique<ThreadTask>(context, arguments.algorithm, std::get<SearchKey>(std::move(key)), uid);
  // References that were kept are faster than headers that are read again; but if they can't be kept, headers will do.
  return std::make_unique<AfterThreads>(std::move(task), has_thread_id(arguments.search.root));
}

}  // namespace

Outcome handle_thread(Context& context, const Thread& arguments, std::string& out) {
  return thread(context, arguments, false, out);
}
Outcome handle_uid_thread(Context& context, const Thread& arguments, std::string& out) {
  return thread(context, arguments, true, out);
}

}  // namespace postfach::imap
