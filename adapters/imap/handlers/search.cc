// SEARCH (RFC 9051 §6.4.4, RFC 3501 §6.4.4).
#include "imap/handlers/search.h"

#include <algorithm>
#include <span>
#include <utility>

#include "after_threads.h"
#include "base/ascii.h"
#include "found_pages.h"
#include "handlers.h"
#include "imap/response/mailbox_data.h"
#include "imap/state/capability.h"
#include "search_translate.h"
#include "searched_ids.h"

namespace postfach::imap {
namespace {

// The first of the windows in which the last messages are looked for; each is twice as large as the one before.
constexpr std::uint32_t kFirstWindow = 512;
constexpr std::uint32_t kLargestWindow = 16'384;
// Rows that one step reads for their MODSEQ.
constexpr std::uint32_t kRowsPerStep = 16'384;

// As a set of UIDs, with those between two neighbours that do not exist, which costs nothing: they never will.
UidSet uids_of(const Selected& selected, const UidSet& numbers) {
  UidSet uids;
  for (const UidRange& range : numbers.ranges()) uids.add(selected.uid_of(range.first), selected.uid_of(range.last));
  return uids;
}

}  // namespace

SearchTask::SearchTask(const Context& context, const Search& search, SearchKey key, bool uid)
    : options_(search.options.effective()),
      is_extended_(search.options.given || context.enabled.rev2),
      uid_(uid),
      has_modseq_(search.uses.modseq),
      tag_(context.tag),
      searcher_(std::move(key)) {
  wants_everything_ = options_.all || options_.count || options_.update || options_.saves_everything() ||
                      (options_.relevancy && !options_.partial);
  if (options_.min) wanted_first_ = 1;
  if (options_.max) wanted_last_ = 1;
  if (options_.partial) {
    std::uint32_t& wanted = options_.partial->from_end ? wanted_last_ : wanted_first_;
    wanted = std::max(wanted, options_.partial->high());
  }
  keeps_ = options_.update || options_.saves_everything();
  stores_ = options_.all || options_.partial || options_.relevancy || keeps_;
  const Selected& selected = *context.selected;
  if (selected.exists() > 0) within_ = UidSet::of(1, selected.last_uid());
  if (!wants_everything_ && wanted_first_ == 0) begin_backward(selected);
}

std::optional<Progress> SearchTask::progress(const Context& context) const {
  if (phase_ != Phase::forward) return {};
  return progress_up_to(*context.selected, from_);
}

Task::Step SearchTask::step(Context& context, std::string& out, std::size_t soft_limit) {
  const Selected& selected = *context.selected;
  if (spills_) {
    if (!tell_list(selected, out, soft_limit)) return Step::more;
    found_.numbers.clear();
    range_ = 0;
    spills_ = false;
  }
  if (phase_ != Phase::tell) {
    const Result<void> done = phase_ == Phase::forward    ? search_forward(selected)
                              : phase_ == Phase::backward ? search_backward(selected)
                                                          : find_modseq(selected);
    if (!done) return fail(context, out, done.error());
    keep_within_bounds();
    if (phase_ != Phase::tell) {
      spills_ = options_.all && !keeps_ && found_.numbers.ranges().size() >= kMostWaiting;
      if (spills_) begin(selected, out);
      return spills_ ? Step::more : Step::yield;
    }
  }
  if (has_response()) {
    begin(selected, out);
    if (!tell_list(selected, out, soft_limit)) return Step::more;
    if (!is_told_) tell_items(selected, out);
    if (options_.relevancy && !tell_scores(out, soft_limit)) return Step::more;
    out += "\r\n";
    begun_ = false;
  }
  return complete(context, out);
}

// --- Searching ------------------------------------------------------------------------------------------------------

void SearchTask::add(Found& found, std::uint32_t number, const SearchPage& page, std::size_t index) const {
  if (!stores_) return;
  found.numbers.add(number);
  if (options_.relevancy && index < page.scores.size()) found.scores.push_back(page.scores[index]);
}

Result<void> SearchTask::search_forward(const Selected& selected) {
  SearchBudget budget;
  if (!wants_everything_) budget.matches = static_cast<std::uint32_t>(wanted_first_ - count_);
  const Result<SearchPage> page = selected.mailbox().search(searcher_, within_, from_, budget);
  if (!page) return page.error();
  for (std::size_t i = 0; i < page->uids.size(); ++i) {
    const std::uint32_t number = selected.number_of(page->uids[i]);
    if (number == 0) continue;
    ++count_;
    if (min_ == 0) min_ = number;
    max_ = number;
    add(found_, number, *page, i);
  }
  modseq_ = std::max(modseq_, page->highest_modseq);
  from_ = page->next;
  if (from_ != 0 && (wants_everything_ || count_ < wanted_first_)) return {};
  if (from_ != 0 && wanted_last_ > 0) {
    begin_backward(selected);
  } else {
    end_search(selected);
  }
  return {};
}

void SearchTask::begin_backward(const Selected& selected) {
  phase_ = Phase::backward;
  window_first_ = selected.exists() + 1;
  window_size_ = kFirstWindow;
  from_ = 0;
}

// The next window before those that were searched, down to what was found from the first message on. False: there is
// nothing left.
bool SearchTask::next_window(const Selected& selected) {
  const std::uint32_t left = window_first_ - 1 - max_;
  if (left == 0) return false;
  const std::uint32_t last = window_first_ - 1;
  window_first_ = last - std::min(left, window_size_) + 1;
  window_size_ = std::min(window_size_ * 2, kLargestWindow);
  within_ = UidSet::of(selected.uid_of(window_first_), selected.uid_of(last));
  from_ = 1;
  windows_.emplace_back();
  return true;
}

Result<void> SearchTask::search_backward(const Selected& selected) {
  if (from_ == 0 && (window_count_ >= wanted_last_ || !next_window(selected))) {
    end_search(selected);
    return {};
  }
  const Result<SearchPage> page = selected.mailbox().search(searcher_, within_, from_);
  if (!page) return page.error();
  for (std::size_t i = 0; i < page->uids.size(); ++i) {
    const std::uint32_t number = selected.number_of(page->uids[i]);
    if (number == 0) continue;
    ++window_count_;
    if (window_max_ < number) window_max_ = number;
    add(windows_.back(), number, *page, i);
  }
  from_ = page->next;
  return {};
}

void SearchTask::end_search(const Selected& selected) {
  for (auto window = windows_.rbegin(); window != windows_.rend(); ++window) {
    for (const UidRange& range : window->numbers.ranges()) found_.numbers.add(range.first, range.last);
    found_.scores.insert(found_.scores.end(), window->scores.begin(), window->scores.end());
  }
  windows_ = {};
  max_ = std::max(max_, window_max_);
  if (options_.partial) cut_partial();
  phase_ = Phase::tell;
  // RFC 4731 §3.2: of the messages that are returned.
  if (!has_modseq_ || options_.all || options_.count) return;
  UidSet returned = uids_of(selected, partial_.numbers);
  if (options_.min && min_ != 0) returned.add(selected.uid_of(min_));
  if (options_.max && max_ != 0) returned.add(selected.uid_of(max_));
  modseq_ = 0;
  modseq_cursor_.emplace(std::move(returned));
  phase_ = Phase::modseq;
}

// What PARTIAL names of what was found. That is at least all that it can name: the range's results from its end on.
void SearchTask::cut_partial() {
  partial_.numbers = slice(found_.numbers, *options_.partial);
  if (partial_.numbers.ranges().size() > kMostKept && options_.save) was_too_much_ = true;
  if (!options_.relevancy) return;
  const auto skipped = found_.numbers.intersection(UidSet::of(1, partial_.numbers.min())).count();
  if (partial_.numbers.empty() || skipped == 0) return;
  const auto first = found_.scores.begin() + static_cast<std::ptrdiff_t>(skipped - 1);
  partial_.scores.assign(first, first + static_cast<std::ptrdiff_t>(partial_.numbers.count()));
}

Result<void> SearchTask::find_modseq(const Selected& selected) {
  if (modseq_cursor_->at_end()) {
    phase_ = Phase::tell;
    return {};
  }
  const UidSet chunk = modseq_cursor_->next();
  Uid last = chunk.max();
  std::uint32_t rows = 0;
  const Result<void> fetched = selected.mailbox().fetch(chunk, Field::none, [&](const MessageView& message) {
    modseq_ = std::max(modseq_, message.modseq);
    if (++rows < kRowsPerStep) return true;
    last = message.uid;
    return false;
  });
  if (!fetched) return fetched.error();
  modseq_cursor_->pass(last);
  return {};
}

void SearchTask::keep_within_bounds() {
  if (!keeps_ || found_.numbers.ranges().size() <= kMostKept) return;
  was_too_much_ = true;
  keeps_ = false;
  stores_ = options_.all || options_.partial || options_.relevancy;
  if (!options_.all && !options_.partial) found_.numbers.clear();
}

// --- Telling --------------------------------------------------------------------------------------------------------

// RFC 9051 §6.4.4: SAVE alone has none.
bool SearchTask::has_response() const noexcept { return options_.all || options_.wants_data(); }

std::uint32_t SearchTask::shown(const Selected& selected, std::uint32_t number) const {
  return uid_ ? selected.uid_of(number) : number;
}

void SearchTask::begin(const Selected& selected, std::string& out) {
  if (begun_) return;
  begun_ = true;
  if (!is_extended_) return imap::begin_search(out);
  begin_esearch(out, tag_, uid_);
  if (options_.min && min_ != 0) append_search_item(out, "MIN", shown(selected, min_));
}

bool SearchTask::tell_list(const Selected& selected, std::string& out, std::size_t soft_limit) {
  if (!options_.all && !options_.partial) return true;
  const auto& ranges = (options_.partial ? partial_ : found_).numbers.ranges();
  if (!has_list_ && range_ < ranges.size() && is_extended_) {
    if (options_.partial) {
      out += " PARTIAL (";
      append_partial_range(out, *options_.partial);
      out += ' ';
    } else {
      out += " ALL ";
    }
  }
  has_list_ = has_list_ || range_ < ranges.size();
  for (; range_ < ranges.size(); ++range_, number_ = 0) {
    if (out.size() >= soft_limit) return false;
    const UidRange& range = ranges[range_];
    if (is_extended_ && !uid_) {
      writer_.add(out, range.first, range.last);
      continue;
    }
    for (number_ = std::max(number_, range.first); number_ <= range.last; ++number_) {
      if (number_ % 256 == 0 && out.size() >= soft_limit) return false;
      const std::uint32_t told = shown(selected, number_);
      if (is_extended_) {
        writer_.add(out, told);
      } else {
        append_search_numbers(out, std::span(&told, 1));
      }
    }
  }
  return true;
}

void SearchTask::tell_items(const Selected& selected, std::string& out) {
  is_told_ = true;
  const bool found_any = count_ + window_count_ > 0;
  if (!is_extended_) {
    if (has_modseq_ && found_any) append_search_modseq(out, modseq_);
    return;
  }
  writer_.finish(out);
  if (options_.partial) {
    if (!has_list_) {
      out += " PARTIAL (";
      append_partial_range(out, *options_.partial);
      out += " NIL";
    }
    out += ')';
  }
  if (options_.max && max_ != 0) append_search_item(out, "MAX", shown(selected, max_));
  if (options_.count) append_search_item(out, "COUNT", count_);
  if (has_modseq_ && modseq_ != 0) append_search_item(out, "MODSEQ", modseq_);
  if (options_.relevancy) out += " RELEVANCY (";
}

bool SearchTask::tell_scores(std::string& out, std::size_t soft_limit) {
  const std::vector<std::uint8_t>& scores = (options_.partial ? partial_ : found_).scores;
  for (; score_ < scores.size(); ++score_) {
    if (out.size() >= soft_limit) return false;
    if (score_ > 0) out += ' ';
    base::append_number(out, scores[score_]);
  }
  out += ')';
  return true;
}

Task::Step SearchTask::complete(Context& context, std::string& out) {
  Selected& selected = *context.selected;
  if (options_.update &&
      !(keeps_ && selected.contexts().add(
                      {.tag = tag_, .key = searcher_.key(), .uid = uid_, .matching = uids_of(selected, found_.numbers)},
                      context.now))) {
    append_untagged(out, Condition::no, code_no_update(tag_), "The server keeps no more results up to date");
  }
  if (!options_.save) return done(ok("Search completed"));
  UidSet saved;
  if (!was_too_much_ && options_.saves_everything()) {
    saved = uids_of(selected, found_.numbers);
  } else if (!was_too_much_) {
    saved = uids_of(selected, partial_.numbers);
    if (options_.min && min_ != 0) saved.add(selected.uid_of(min_));
    if (options_.max && max_ != 0) saved.add(selected.uid_of(max_));
  }
  selected.save_result(std::move(saved));
  // RFC 9051 §6.4.4.3
  if (was_too_much_) return done(no("The result is too scattered to be saved", "NOTSAVED"));
  return done(ok("Search completed, result saved"));
}

Task::Step SearchTask::fail(Context& context, std::string& out, const Error& error) {
  if (begun_) {
    writer_.finish(out);
    out += "\r\n";
    begun_ = false;
  }
  if (options_.save) context.selected->save_result({});
  return done(failed(error));
}

namespace {

Outcome search(Context& context, const Search& arguments, bool uid, std::string& out) {
  Selected& selected = *context.selected;
  const bool saves = arguments.options.save;
  if (std::optional<Answer> answer = check_object_ids(context, arguments.root)) return *std::move(answer);
  // RFC 5267 §4.3
  if (arguments.options.update && selected.contexts().has(context.tag)) return bad("Tag reuse");
  auto key = translate_search(context, arguments, out);
  if (auto* answer = std::get_if<Answer>(&key)) {
    // RFC 9051 §6.4.4.1
    if (saves && answer->condition == Condition::no) selected.save_result({});
    return std::move(*answer);
  }
  auto task = std::make_unique<SearchTask>(context, arguments, std::get<SearchKey>(std::move(key)), uid);
  if (!has_thread_id(arguments.root)) return task;
  return std::make_unique<AfterThreads>(std::move(task), true);
}

}  // namespace

Outcome handle_search(Context& context, const Search& arguments, std::string& out) {
  return search(context, arguments, false, out);
}
Outcome handle_uid_search(Context& context, const Search& arguments, std::string& out) {
  return search(context, arguments, true, out);
}

}  // namespace postfach::imap
