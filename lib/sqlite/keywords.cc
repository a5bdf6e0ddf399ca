#include "keywords.h"

#include <algorithm>

#include "base/ascii.h"
#include "messages.h"

namespace postfach::sqlite {
namespace {

constexpr std::size_t kNone = kMostKeywords;

constexpr KeywordMask bit_mask(std::size_t bit) noexcept { return KeywordMask{1} << bit; }

std::size_t find(const KeywordNames& names, std::string_view name) {
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if (!names[bit].empty() && base::equals_ignoring_case(names[bit], name)) return bit;
  }
  return kNone;
}

std::size_t free_bit(const KeywordNames& names) {
  const auto hole = std::find(names.begin(), names.end(), std::string());
  return std::min(static_cast<std::size_t>(hole - names.begin()), kNone);
}

Result<void> free_unused(Connection& db, MailboxId mailbox, KeywordNames& names, KeywordMask keep) {
  auto in_use = keywords_in_use(db, mailbox);
  if (!in_use) return in_use.error();
  keep |= *in_use;
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((keep & bit_mask(bit)) != 0 || names[bit].empty()) continue;
    if (auto done = db.run("DELETE FROM keyword WHERE mailbox_id = ?1 AND bit = ?2", mailbox, bit); !done) return done;
    names[bit].clear();
  }
  return {};
}

}  // namespace

Result<KeywordNames> load_keywords(Connection& db, MailboxId mailbox) {
  KeywordNames names;
  auto rows = db.query("SELECT bit, name FROM keyword WHERE mailbox_id = ?1 ORDER BY bit", mailbox);
  while (rows.next()) {
    const auto bit = rows.number<std::size_t>(0);
    if (bit >= kMostKeywords) continue;
    names.resize(bit + 1);
    names[bit] = rows.text(1);
  }
  if (!rows.ok()) return rows.error();
  return names;
}

KeywordMask known_keywords(const KeywordNames& names, const std::vector<std::string>& wanted) {
  KeywordMask mask = 0;
  for (const std::string& name : wanted) {
    if (const std::size_t bit = find(names, name); bit != kNone) mask |= bit_mask(bit);
  }
  return mask;
}

Result<KeywordMask> make_keywords(Connection& db, MailboxId mailbox, KeywordNames& names,
                                  const std::vector<std::string>& wanted) {
  // Those that exist come first, so that none of them is freed for another one.
  KeywordMask mask = known_keywords(names, wanted);
  for (const std::string& name : wanted) {
    if (find(names, name) != kNone) continue;
    std::size_t bit = free_bit(names);
    if (bit == kNone) {
      if (auto freed = free_unused(db, mailbox, names, mask); !freed) return freed.error();
      bit = free_bit(names);
    }
    if (bit == kNone) return Error{Errc::limit, "all keywords of the mailbox are in use"};
    if (auto done = db.run("INSERT INTO keyword (mailbox_id, bit, name) VALUES (?1, ?2, ?3)", mailbox, bit, name);
        !done) {
      return done.error();
    }
    if (bit >= names.size()) names.resize(bit + 1);
    names[bit] = name;
    mask |= bit_mask(bit);
  }
  return mask;
}

}  // namespace postfach::sqlite
