// A search whose results are gone through page by page, for commands that make more of them: SORT and THREAD.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "imap/command/search.h"
#include "imap/state/selected.h"
#include "postfach/search.h"
#include "task.h"

namespace postfach::imap {

class FoundPages {
 public:
  FoundPages(const Selected& selected, SearchKey key);

  bool at_end() const noexcept { return from_ == 0; }
  // The UID that next() goes on from; 0 at the end.
  Uid from() const noexcept { return from_; }
  // Messages that the client does not know yet are left out.
  Result<SearchPage> next(const Selected& selected);

 private:
  Searcher searcher_;
  UidSet within_;
  Uid from_ = 1;
};

// Of a task that goes through the messages in the order of their UIDs and has done all those before `from`. Nothing if
// that is none or all of them.
std::optional<Progress> progress_up_to(const Selected& selected, Uid from);

// What SORT and THREAD look for (translate_search), or why they can't. Their charset can't be left out: one that says
// UTF-8 is fine when everything is UTF-8 (RFC 6855 §3 rules out the CHARSET of SEARCH alone).
std::variant<Answer, SearchKey> translate_criteria(Context& context, Search search, std::string& out);

}  // namespace postfach::imap
