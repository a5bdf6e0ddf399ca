#include "found_pages.h"

#include <utility>

#include "base/ascii.h"
#include "search_translate.h"
#include "searched_ids.h"

namespace postfach::imap {

FoundPages::FoundPages(const Selected& selected, SearchKey key) : searcher_(std::move(key)) {
  if (selected.exists() > 0) {
    within_ = UidSet::of(1, selected.last_uid());
  } else {
    from_ = 0;
  }
}

Result<SearchPage> FoundPages::next(const Selected& selected) {
  Result<SearchPage> page = selected.mailbox().search(searcher_, within_, from_);
  if (!page) return page;
  from_ = page->next;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < page->uids.size(); ++i) {
    if (selected.number_of(page->uids[i]) == 0) continue;
    if (i < page->scores.size()) page->scores[kept] = page->scores[i];
    page->uids[kept++] = page->uids[i];
  }
  page->uids.resize(kept);
  if (page->scores.size() > kept) page->scores.resize(kept);
  return page;
}

std::optional<Progress> progress_up_to(const Selected& selected, Uid from) {
  if (from <= 1) return {};
  const std::uint64_t done = selected.count(UidSet::of(1, from - 1));
  if (done == 0 || done >= selected.exists()) return {};
  return Progress{done, selected.exists()};
}

std::variant<Answer, SearchKey> translate_criteria(Context& context, Search search, std::string& out) {
  if (std::optional<Answer> answer = check_object_ids(context, search.root)) return *std::move(answer);
  if (context.enabled.utf8) {
    const bool is_utf8 =
        base::equals_ignoring_case(search.charset, "utf-8") || base::equals_ignoring_case(search.charset, "us-ascii");
    if (!is_utf8) return no("Everything is UTF-8", code_bad_charset());
    search.charset.clear();
  }
  return translate_search(context, search, out);
}

}  // namespace postfach::imap
