// Brings the client's idea of the selected mailbox up to date (RFC 9051 §5.2): EXPUNGE, EXISTS, RECENT, FETCH FLAGS.
//
// EXPUNGE comes first, so that EXISTS counts what is left; it is held back where a sequence number of the client's next
// command could change its meaning (RFC 9051 §7.5.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "context.h"

namespace postfach::imap {

class Updates {
 public:
  enum class Step : std::uint8_t {
    more,  // out is full, or it is another's turn
    done,
    mailbox_gone,  // somebody deleted the selected mailbox
  };

  explicit Updates(bool may_expunge) noexcept : may_expunge_(may_expunge) {}

  // The first step asks the store.
  Step step(Context& context, std::string& out, std::size_t soft_limit);

 private:
  enum class Phase : std::uint8_t { pull, expunge, exists, flags };

  bool may_expunge_;
  Phase phase_ = Phase::pull;
  bool has_new_ = false;
};

// Before a response that may use a keyword: FLAGS and PERMANENTFLAGS if the names are not those last told.
void tell_keywords(Selected& selected, const KeywordNames& names, std::string& out);
// `* OK [PERMANENTFLAGS (…)]`
void append_permanent_flags(std::string& out, const Selected& selected);

}  // namespace postfach::imap
