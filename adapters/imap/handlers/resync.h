// Tells a client that was away what it has missed: SELECT (QRESYNC …) and UID FETCH … (CHANGEDSINCE … VANISHED)
// (RFC 7162 §3.2.5.1, §3.2.6).
#pragma once

#include <memory>
#include <optional>

#include "imap/state/selected.h"
#include "task.h"

namespace postfach::imap {

struct Missed {
  UidSet changed;   // messages of the view
  UidSet vanished;  // none of the view
};
// Of the messages in known. Where the expunge log does not reach back to since, every UID that has no message any more
// is reported: rather too many than too few.
Result<Missed> missed_since(const Selected& selected, ModSeq since, const UidSet& known);

// VANISHED (EARLIER) comes before the FETCH responses, "otherwise the client might get confused about how message
// numbers map to UIDs".
class ResyncTask : public Task {
 public:
  ResyncTask(UidSet vanished, std::unique_ptr<Task> fetch) : vanished_(std::move(vanished)), fetch_(std::move(fetch)) {}

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  bool within_response() const override { return fetch_->within_response(); }

 protected:
  // fetch is done; its answer is the answer unless this says something else.
  virtual Answer conclude(Context& /*context*/, Answer fetched) { return fetched; }

 private:
  UidSet vanished_;
  std::size_t told_ = 0;  // ranges of vanished_
  std::unique_ptr<Task> fetch_;
};

}  // namespace postfach::imap
