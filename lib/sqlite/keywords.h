// Table keyword: the names behind the bits of message.keywords.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "postfach/types.h"

namespace postfach::sqlite {

inline constexpr std::size_t kMostKeywords = 64;

// By bit, without free bits at the end.
Result<KeywordNames> load_keywords(Connection& db, MailboxId mailbox);

// The bits of the names that the mailbox knows; others are left out.
KeywordMask known_keywords(const KeywordNames& names, const std::vector<std::string>& wanted);

// The bits of all names, made where they are new; names is brought up to date. When all bits are taken, those that no
// message has are freed first. Errors: limit.
Result<KeywordMask> make_keywords(Connection& db, MailboxId mailbox, KeywordNames& names,
                                  const std::vector<std::string>& wanted);

}  // namespace postfach::sqlite
