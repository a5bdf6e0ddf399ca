// SORT as a task: messages are found, then sorted, then told in their order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "found_pages.h"
#include "imap/command/sort.h"
#include "imap/response/search_data.h"
#include "imap/state/uid_cursor.h"
#include "postfach/sort.h"
#include "task.h"

namespace postfach::imap {

// Memory: Sorter::kMostOctets at most, and with RELEVANCY six octets more for each message.
class SortTask : public Task {
 public:
  // Ranges of a result that "$" may be (RFC 5182); what is more scattered is not saved.
  static constexpr std::size_t kMostSaved = 65'536;

  SortTask(const Context& context, const Sort& sort, SearchKey key, bool uid);

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  bool within_response() const override { return begun_; }
  std::optional<Progress> progress(const Context& context) const override;

 private:
  enum class Phase : std::uint8_t {
    find,
    take,    // what PARTIAL names, out of the order
    modseq,  // of the few that are returned
    tell,
    scores,
  };

  Step find(const Selected& selected);
  Step take();
  Step find_modseq(const Selected& selected);
  void end_finding();
  void end_taking();

  std::uint32_t shown(const Selected& selected, Uid uid) const { return uid_ ? uid : selected.number_of(uid); }
  std::uint8_t score_of(Uid uid) const noexcept;
  void begin(const Selected& selected, std::string& out);
  bool tell_list(const Selected& selected, std::string& out, std::size_t soft_limit);
  void end_list(std::string& out);
  bool tell_scores(std::string& out, std::size_t soft_limit);
  Step complete(Context& context);
  Step fail(Context& context, const Error& error);
  void save(const UidSet& uids);

  const ReturnOptions options_;
  const bool is_extended_;  // ESEARCH, not SORT
  const bool uid_;
  const bool has_modseq_;
  const std::string tag_;
  const bool needs_order_;  // or the count alone
  const bool saves_all_;    // what is found is "$", whatever is returned of it

  Phase phase_ = Phase::find;
  Error error_;
  FoundPages pages_;
  Sorter sorter_;
  UidSet page_;        // found
  Uid page_from_ = 0;  // not yet in the sorter; 0: all of it is
  std::uint64_t count_ = 0;
  Uid min_ = 0;  // first and last in the order; 0: nothing found
  Uid max_ = 0;
  ModSeq modseq_ = 0;
  UidSet saved_;
  bool was_too_much_ = false;  // to be saved
  std::optional<UidCursor> modseq_cursor_;
  // With RELEVANCY: of the messages found, by UID; of those returned, in their order.
  std::vector<Uid> scored_;
  std::vector<std::uint8_t> scores_;
  std::vector<std::uint8_t> told_scores_;

  std::uint64_t skip_ = 0;    // of the order, before what PARTIAL names
  std::uint64_t wanted_ = 0;  // what it names
  std::vector<Uid> taken_;    // out of the order
  std::size_t told_ = 0;      // of those
  std::size_t score_ = 0;
  bool begun_ = false;     // the response
  bool has_list_ = false;  // ALL or PARTIAL has a member
  SetWriter writer_;
};

}  // namespace postfach::imap
