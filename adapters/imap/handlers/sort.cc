// SORT (RFC 5256 §3 BASE.6.4.SORT) and ESORT (RFC 5267 §3).
#include "imap/handlers/sort.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "after_threads.h"
#include "base/ascii.h"
#include "handlers.h"
#include "imap/response/sort_data.h"
#include "imap/state/capability.h"
#include "searched_ids.h"

namespace postfach::imap {
namespace {

// Messages taken out of the order, and rows read for their MODSEQ, in one step.
constexpr std::size_t kTakenPerStep = 16'384;

bool asks_for_order(const ReturnOptions& options) noexcept {
  return options.all || options.min || options.max || options.partial || options.relevancy;
}

}  // namespace

SortTask::SortTask(const Context& context, const Sort& sort, SearchKey key, bool uid)
    : options_(sort.search.options.effective()),
      is_extended_(sort.search.options.given),
      uid_(uid),
      has_modseq_(sort.search.uses.modseq),
      tag_(context.tag),
      needs_order_(asks_for_order(options_)),
      saves_all_(options_.saves_everything()),
      pages_(*context.selected, std::move(key)),
      sorter_(sort.criteria, context.enabled.comparator) {}

// A page that was found is gathered before the next one is looked for.
std::optional<Progress> SortTask::progress(const Context& context) const {
  if (phase_ != Phase::find) return {};
  return progress_up_to(*context.selected, page_from_ != 0 ? page_from_ : pages_.from());
}

Task::Step SortTask::step(Context& context, std::string& out, std::size_t soft_limit) {
  const Selected& selected = *context.selected;
  if (phase_ == Phase::find || phase_ == Phase::take || phase_ == Phase::modseq) {
    const Step step = phase_ == Phase::find ? find(selected) : phase_ == Phase::take ? take() : find_modseq(selected);
    return step == Step::done ? fail(context, error_) : step;
  }
  if (options_.all || options_.wants_data()) {
    if (phase_ == Phase::tell) {
      begin(selected, out);
      if (!tell_list(selected, out, soft_limit)) return Step::more;
      end_list(out);
      phase_ = Phase::scores;
    }
    if (options_.relevancy && !tell_scores(out, soft_limit)) return Step::more;
    out += "\r\n";
    begun_ = false;
  }
  return complete(context);
}

// --- Finding --------------------------------------------------------------------------------------------------------

// Step::done: error_ says why.
Task::Step SortTask::find(const Selected& selected) {
  if (page_from_ != 0) {
    const Result<Uid> next = selected.mailbox().sort(sorter_, page_, page_from_);
    if (!next) {
      error_ = next.error();
      return Step::done;
    }
    page_from_ = *next;
    return Step::yield;
  }
  if (pages_.at_end()) {
    end_finding();
    return Step::more;
  }
  Result<SearchPage> page = pages_.next(selected);
  if (!page) {
    error_ = page.error();
    return Step::done;
  }
  page_.clear();
  for (const Uid uid : page->uids) page_.add(uid);
  count_ += page->uids.size();
  modseq_ = std::max(modseq_, page->highest_modseq);
  if (saves_all_) save(page_);
  if (options_.relevancy) {
    scored_.insert(scored_.end(), page->uids.begin(), page->uids.end());
    scores_.insert(scores_.end(), page->scores.begin(), page->scores.end());
  }
  if (needs_order_ && !page_.empty()) {
    sorter_.set_relevance(std::move(page->uids), std::move(page->scores));
    page_from_ = page_.min();
  }
  return Step::yield;
}

void SortTask::end_finding() {
  page_ = {};
  if (needs_order_) {
    count_ = sorter_.size();  // without what was expunged meanwhile
    min_ = sorter_.first();
    max_ = sorter_.last();
  }
  if (!options_.partial) return end_taking();
  const PartialRange& range = *options_.partial;
  skip_ = std::min<std::uint64_t>(range.low() - 1, count_);
  wanted_ = std::min<std::uint64_t>(std::uint64_t{range.high()} - range.low() + 1, count_ - skip_);
  if (range.from_end) skip_ = count_ - skip_ - wanted_;
  phase_ = Phase::take;
}

Task::Step SortTask::take() {
  if (skip_ > 0) {
    const std::uint64_t some = std::min<std::uint64_t>(skip_, kTakenPerStep);
    sorter_.skip(static_cast<std::size_t>(some));
    skip_ -= some;
    return Step::yield;
  }
  if (taken_.size() == wanted_) {
    end_taking();
    return Step::more;
  }
  const std::size_t had = taken_.size();
  taken_.resize(had + static_cast<std::size_t>(std::min<std::uint64_t>(wanted_ - had, kTakenPerStep)));
  taken_.resize(had + sorter_.take(std::span(taken_).subspan(had)));
  return Step::yield;
}

void SortTask::end_taking() {
  phase_ = Phase::tell;
  const bool wants_few = !options_.all && !options_.count && (options_.min || options_.max || options_.partial);
  if (!(wants_few && has_modseq_) && !(options_.save && !saves_all_)) return;
  std::vector<Uid> returned = taken_;
  if (options_.min && min_ != 0) returned.push_back(min_);
  if (options_.max && max_ != 0) returned.push_back(max_);
  std::sort(returned.begin(), returned.end());
  UidSet uids;
  for (const Uid uid : returned) uids.add(uid);
  if (options_.save && !saves_all_) save(uids);
  // RFC 4731 §3.2: of the messages that are returned.
  if (!wants_few || !has_modseq_) return;
  modseq_ = 0;
  modseq_cursor_.emplace(std::move(uids));
  phase_ = Phase::modseq;
}

Task::Step SortTask::find_modseq(const Selected& selected) {
  if (modseq_cursor_->at_end()) {
    phase_ = Phase::tell;
    return Step::more;
  }
  const UidSet chunk = modseq_cursor_->next();
  Uid last = chunk.max();
  std::size_t rows = 0;
  const Result<void> fetched = selected.mailbox().fetch(chunk, Field::none, [&](const MessageView& message) {
    modseq_ = std::max(modseq_, message.modseq);
    if (++rows < kTakenPerStep) return true;
    last = message.uid;
    return false;
  });
  if (!fetched) {
    error_ = fetched.error();
    return Step::done;
  }
  modseq_cursor_->pass(last);
  return Step::yield;
}

void SortTask::save(const UidSet& uids) {
  if (was_too_much_) return;
  for (const UidRange& range : uids.ranges()) saved_.add(range.first, range.last);
  was_too_much_ = saved_.ranges().size() > kMostSaved;
  if (was_too_much_) saved_ = {};
}

// --- Telling --------------------------------------------------------------------------------------------------------

std::uint8_t SortTask::score_of(Uid uid) const noexcept {
  const auto at = std::lower_bound(scored_.begin(), scored_.end(), uid);
  const auto index = static_cast<std::size_t>(at - scored_.begin());
  return at != scored_.end() && *at == uid && index < scores_.size() ? scores_[index] : std::uint8_t{1};
}

void SortTask::begin(const Selected& selected, std::string& out) {
  if (begun_) return;
  begun_ = true;
  if (!is_extended_) return begin_sort(out);
  begin_esearch(out, tag_, uid_);
  if (options_.min && min_ != 0) append_search_item(out, "MIN", shown(selected, min_));
  if (options_.max && max_ != 0) append_search_item(out, "MAX", shown(selected, max_));
}

// Of RELEVANCY alone the scores are told, in the order, but not the messages.
bool SortTask::tell_list(const Selected& selected, std::string& out, std::size_t soft_limit) {
  if (!options_.all && !options_.partial && !options_.relevancy) return true;
  const bool is_told = options_.all || options_.partial;
  for (;;) {
    for (; told_ < taken_.size(); ++told_) {
      if (out.size() >= soft_limit) return false;
      const Uid uid = taken_[told_];
      if (options_.relevancy) told_scores_.push_back(score_of(uid));
      if (!is_told) continue;
      if (!is_extended_) {
        out += ' ';
        base::append_number(out, shown(selected, uid));
        continue;
      }
      if (!has_list_ && options_.all) out += " ALL ";
      if (!has_list_ && options_.partial) begin_partial(out, *options_.partial);
      has_list_ = true;
      writer_.add(out, shown(selected, uid));
    }
    if (options_.partial) return true;
    std::array<Uid, 512> some;
    const std::size_t count = sorter_.take(some);
    if (count == 0) return true;
    taken_.assign(some.begin(), some.begin() + count);
    told_ = 0;
  }
}

void SortTask::end_list(std::string& out) {
  if (!is_extended_) {
    if (has_modseq_ && count_ > 0) append_search_modseq(out, modseq_);
    return;
  }
  writer_.finish(out);
  if (options_.partial) {
    if (!has_list_) {
      begin_partial(out, *options_.partial);
      out += "NIL";
    }
    out += ')';
  }
  if (options_.count) append_search_item(out, "COUNT", count_);
  if (has_modseq_ && modseq_ != 0 && count_ > 0) append_search_item(out, "MODSEQ", modseq_);
  if (options_.relevancy) out += " RELEVANCY (";
}

bool SortTask::tell_scores(std::string& out, std::size_t soft_limit) {
  for (; score_ < told_scores_.size(); ++score_) {
    if (out.size() >= soft_limit) return false;
    if (score_ > 0) out += ' ';
    base::append_number(out, told_scores_[score_]);
  }
  out += ')';
  return true;
}

Task::Step SortTask::complete(Context& context) {
  if (!options_.save) return done(ok("Sort completed"));
  context.selected->save_result(std::move(saved_));
  // RFC 9051 §6.4.4.3
  if (was_too_much_) return done(no("The result is too scattered to be saved", "NOTSAVED"));
  return done(ok("Sort completed, result saved"));
}

// Nothing of the response is out yet.
Task::Step SortTask::fail(Context& context, const Error& error) {
  if (options_.save) context.selected->save_result({});
  return done(failed(error));
}

namespace {

// What is not offered is answered as if it were unknown.
const char* not_offered(const Context& context, const Sort& sort) {
  const ReturnOptions& options = sort.search.options;
  // RFC 5267 §4: CONTEXT and UPDATE are for CONTEXT=SORT.
  if ((options.given && !offers(context, "ESORT")) || options.context || options.update) return "Unknown return option";
  if (sort.uses_display && !offers(context, "SORT=DISPLAY")) return "Unknown sort criterion";
  if (sort.uses_relevancy && !offers(context, "SEARCH=FUZZY")) return "Unknown sort criterion";
  // RFC 6203 §6
  if (sort.uses_relevancy && !sort.search.uses.fuzzy) return "RELEVANCY needs FUZZY";
  return nullptr;
}

Outcome sort(Context& context, const Sort& arguments, bool uid, std::string& out) {
  if (const char* reason = not_offered(context, arguments)) return bad(reason);
  auto key = translate_criteria(context, arguments.search, out);
  if (auto* answer = std::get_if<Answer>(&key)) {
    if (arguments.search.options.save && answer->condition == Condition::no) context.selected->save_result({});
    return std::move(*answer);
  }
  auto task = std::make_unique<SortTask>(context, arguments, std::get<SearchKey>(std::move(key)), uid);
  if (!has_thread_id(arguments.search.root)) return task;
  return std::make_unique<AfterThreads>(std::move(task), true);
}

}  // namespace

Outcome handle_sort(Context& context, const Sort& arguments, std::string& out) {
  return sort(context, arguments, false, out);
}
Outcome handle_uid_sort(Context& context, const Sort& arguments, std::string& out) {
  return sort(context, arguments, true, out);
}

}  // namespace postfach::imap
