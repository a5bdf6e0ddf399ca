// Brings the client's idea of the selected mailbox up to date (RFC 9051 §5.2): EXPUNGE or VANISHED, EXISTS, RECENT,
// FETCH FLAGS, and ESEARCH for the results it is kept informed of (RFC 5267 §4.3).
//
// EXPUNGE comes first, so that EXISTS counts what is left; it is held back where a sequence number of the client's next
// command could change its meaning (RFC 9051 §7.5.1). The same holds for VANISHED (RFC 7162 §3.2.10.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "context.h"
#include "imap/response/fetch_items.h"

namespace postfach::imap {

class Updates {
 public:
  enum class Step : std::uint8_t {
    more,   // out is full
    yield,  // it is another's turn
    done,
    mailbox_gone,  // somebody deleted the selected mailbox
  };

  // own: what the command that ends has changed. If nobody else did anything, the store need not be asked.
  explicit Updates(bool may_expunge, const std::optional<OwnStep>& own = {}) noexcept
      : may_expunge_(may_expunge), own_(own) {}

  // The first step asks the store.
  Step step(Context& context, std::string& out, std::size_t soft_limit);

 private:
  enum class Phase : std::uint8_t { pull, gone, expunge, exists, flags };

  // False: there is more.
  bool tell_expunged(const Context& context, Selected& selected, std::string& out, std::size_t soft_limit);

  bool may_expunge_;
  std::optional<OwnStep> own_;
  Phase phase_ = Phase::pull;
  bool pulled_ = false;
  bool has_new_ = false;
};

// `* 12 FETCH (`, or `* 25900 UIDFETCH (`, of a message of the view.
FetchResponse begin_fetch(const Context& context, Uid uid, std::string& out);
// A whole FETCH response that nobody asked for, or the answer to STORE: with MODSEQ for a client that knows CONDSTORE.
struct ToldItems {
  bool uid = true;
  bool flags = true;
};
void tell_message(const Context& context, const MessageView& message, ToldItems items, std::string& out);

// Whether MODSEQ may be used; QRESYNC implies it (RFC 7162 §3.2.3).
bool offers_condstore(const Context& context) noexcept;
// For a command that shows that the client knows CONDSTORE (RFC 7162 §3.1), before its own responses: from now on MODSEQ
// is told, and the first time HIGHESTMODSEQ of the selected mailbox.
void enable_condstore(Context& context, std::string& out);

// Before a response that may use a keyword: FLAGS and PERMANENTFLAGS if the names are not those last told.
void tell_keywords(Selected& selected, const KeywordNames& names, std::string& out);
// `* OK [PERMANENTFLAGS (…)]`
void append_permanent_flags(std::string& out, const Selected& selected);

}  // namespace postfach::imap
