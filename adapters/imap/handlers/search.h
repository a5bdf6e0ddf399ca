// SEARCH as a task: what it has to find, what it found, and how that is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/command/search.h"
#include "imap/response/search_data.h"
#include "imap/state/uid_cursor.h"
#include "postfach/search.h"
#include "task.h"

namespace postfach::imap {

// Memory: results are kept as ranges of sequence numbers, which has no more of them than the result has gaps. ALL is
// written and let go of as it is found once there are kMostWaiting ranges; "$" and UPDATE may keep kMostKept. PARTIAL
// from the end keeps all that it may need, which is at worst as much as the view of the mailbox itself.
class SearchTask : public Task {
 public:
  static constexpr std::size_t kMostWaiting = 4096;
  static constexpr std::size_t kMostKept = 65'536;

  SearchTask(const Context& context, const Search& search, SearchKey key, bool uid);

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  bool within_response() const override { return begun_; }
  std::optional<Progress> progress(const Context& context) const override;

 private:
  enum class Phase : std::uint8_t {
    forward,   // from the first message on
    backward,  // in windows, the last messages first: for what MAX and PARTIAL -1:-n want
    modseq,    // of the few that are returned
    tell,
  };

  // In ascending order.
  struct Found {
    UidSet numbers;
    std::vector<std::uint8_t> scores;  // of each
  };

  // Each looks at one page.
  Result<void> search_forward(const Selected& selected);
  Result<void> search_backward(const Selected& selected);
  Result<void> find_modseq(const Selected& selected);
  void begin_backward(const Selected& selected);
  bool next_window(const Selected& selected);
  void end_search(const Selected& selected);
  void cut_partial();
  void add(Found& found, std::uint32_t number, const SearchPage& page, std::size_t index) const;
  void keep_within_bounds();

  bool has_response() const noexcept;
  std::uint32_t shown(const Selected& selected, std::uint32_t number) const;
  // In this order; where they return false there is more to tell.
  void begin(const Selected& selected, std::string& out);  // and MIN
  bool tell_list(const Selected& selected, std::string& out, std::size_t soft_limit);
  void tell_items(const Selected& selected, std::string& out);
  bool tell_scores(std::string& out, std::size_t soft_limit);
  Step complete(Context& context, std::string& out);
  Step fail(Context& context, std::string& out, const Error& error);

  const ReturnOptions options_;
  const bool is_extended_;  // ESEARCH, not SEARCH
  const bool uid_;
  const bool has_modseq_;
  const std::string tag_;
  Searcher searcher_;

  bool wants_everything_;           // or else
  std::uint32_t wanted_first_ = 0;  // so many of the first
  std::uint32_t wanted_last_ = 0;   // and of the last results
  bool keeps_;                      // all that was found, for "$" or UPDATE
  bool stores_;                     // the numbers are needed at all
  bool was_too_much_ = false;       // to be kept

  Phase phase_ = Phase::forward;
  UidSet within_;
  Uid from_ = 1;  // 0 in backward search: the window is done
  std::uint32_t window_first_ = 0;
  std::uint32_t window_size_ = 0;
  std::vector<Found> windows_;
  std::uint64_t window_count_ = 0;
  std::uint32_t window_max_ = 0;
  std::optional<UidCursor> modseq_cursor_;

  Found found_;
  Found partial_;            // what PARTIAL names
  std::uint64_t count_ = 0;  // found in forward search
  std::uint32_t min_ = 0;    // sequence numbers; 0: nothing found
  std::uint32_t max_ = 0;
  ModSeq modseq_ = 0;

  bool spills_ = false;    // ALL is written before all is found
  bool begun_ = false;     // the response
  bool has_list_ = false;  // ALL, PARTIAL or a number of SEARCH is written
  bool is_told_ = false;   // all but RELEVANCY
  SetWriter writer_;
  std::size_t range_ = 0;     // of the list, the next to be told
  std::uint32_t number_ = 0;  // and in it; 0: its first
  std::size_t score_ = 0;
};

}  // namespace postfach::imap
