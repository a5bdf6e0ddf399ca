// FETCH as a task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fetch_source.h"
#include "imap/command/fetch.h"
#include "imap/response/fetch_items.h"
#include "imap/state/uid_cursor.h"
#include "task.h"

namespace postfach::imap {

class FetchTask : public Task {
 public:
  // uid: a UID command, to which messages that are gone are no loss. uids: as Selected::resolve() gives them.
  FetchTask(const Selected& selected, FetchItems items, UidSet uids, bool uid);

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  bool within_response() const override { return response_.has_value(); }

 private:
  // A message whose row was read and whose octets are to be sent.
  struct Row {
    MessageView view;
    std::string envelope;
    std::string body_structure;
    std::string preview;
    std::string email_id;
    std::string thread_id;
    std::vector<ItemPlace> places;  // one for each of the items' sections
    message::Range range;           // what these need; of size 0: nothing
    std::string octets;             // of the range, if is_read
    bool is_read = false;
    bool newly_seen = false;

    void find_range() noexcept;
  };

  // Without octets: rows straight from the store into out.
  Step tell_rows(Context& context, std::string& out, std::size_t soft_limit);
  // With octets: rows in batches, then one message after the other.
  Step tell_octets(Context& context, std::string& out, std::size_t soft_limit);
  Result<void> read_rows(Context& context, std::string& out, std::size_t soft_limit);
  void set_seen(Selected& selected, const UidSet& unseen);
  bool sets_seen(const Row& row) const noexcept;
  // False: the message is gone, or there is nothing to tell of it.
  Result<bool> begin_message(const Context& context, std::string& out);
  enum class Told : std::uint8_t { all, more, yield, broken };
  Told tell_message(Selected& selected, std::string& out, std::size_t soft_limit);
  Told tell_item(Selected& selected, std::string& out, std::size_t soft_limit);
  Step complete();

  FetchItems items_;
  FetchItems row_items_;  // those without octets
  std::uint64_t left_;    // messages that were not told yet
  UidCursor cursor_;
  bool uid_;

  std::vector<Row> rows_;
  std::size_t row_ = 0;       // the current one
  bool undecodable_ = false;  // a BINARY could not be answered
  // Of the current message:
  std::optional<FetchResponse> response_;  // if it is begun
  std::optional<Body> body_;
  PinnedOctets octets_;
  std::size_t item_ = 0;
  std::optional<ItemSource> source_;
  bool is_announced_ = false;  // octets of source_ follow
};

}  // namespace postfach::imap
