// FETCH as a task.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "imap/command/fetch.h"
#include "imap/response/fetch_items.h"
#include "imap/state/uid_cursor.h"
#include "message/sections.h"
#include "task.h"

namespace postfach::imap {

class FetchTask : public Task {
 public:
  // uid: a UID command, to which messages that are gone are no loss. uids are of the view.
  FetchTask(FetchItems items, UidSet uids, bool uid);

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  bool within_response() const override { return within_response_; }

 private:
  // A message whose row was read and whose octets are to be sent.
  struct Row {
    MessageView view;
    std::string envelope;
    std::string body_structure;
    std::vector<message::Range> ranges;  // one for each of the items' sections
    bool newly_seen = false;
  };

  // Without octets: rows straight from the store into out.
  Step tell_rows(Context& context, std::string& out, std::size_t soft_limit);
  // With octets: rows in batches, then one message after the other.
  Step tell_octets(Context& context, std::string& out, std::size_t soft_limit);
  Result<void> read_rows(Context& context, std::string& out, std::size_t soft_limit);
  void set_seen(Selected& selected, const UidSet& unseen);
  // False: the message is gone.
  Result<bool> begin_message(const Context& context, std::string& out);
  bool begin_item(FetchResponse& response);
  bool tell_message(std::string& out, std::size_t soft_limit);
  Step complete();

  FetchItems items_;
  std::uint64_t left_;  // messages that were not told yet
  UidCursor cursor_;
  bool uid_;

  std::vector<Row> rows_;
  std::size_t row_ = 0;  // the current one
  // Of the current message:
  std::optional<Body> body_;
  std::uint64_t body_begin_ = 0;  // where in the message body_ begins
  std::size_t item_ = 0;
  std::string filtered_;         // of HEADER.FIELDS
  std::uint64_t position_ = 0;   // in the message or in filtered_
  std::uint64_t remaining_ = 0;  // octets of the literal that was announced
  bool within_response_ = false;
  bool broken_ = false;
};

}  // namespace postfach::imap
