// Untagged data about mailboxes: LIST, LSUB, STATUS, FLAGS, EXISTS, RECENT, SEARCH, EXPUNGE, VANISHED (RFC 9051
// §7.3 to §7.5, RFC 7162 §3.2.10).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "imap/command/status.h"
#include "postfach/account.h"
#include "postfach/mailbox.h"
#include "postfach/types.h"

namespace postfach::imap {

// "\Sent"; empty for none.
std::string_view special_use_name(SpecialUse use) noexcept;

struct ListAttributes {
  bool no_select = false;
  bool non_existent = false;   // a name that is only subscribed, or implied by one (RFC 5258 §3)
  bool no_inferiors = false;   // no name can lie below it
  bool has_children = false;   // \HasChildren or \HasNoChildren (RFC 3348)
  bool children_known = true;  // false: neither is sent, as in LSUB
  bool subscribed = false;
  SpecialUse use = SpecialUse::none;
};
// The extended data items of a LIST response (RFC 9051 §6.3.9.6, §6.3.9.7).
struct ListExtended {
  // CHILDINFO: a name below meets these criteria, all those that the client gave. None: no CHILDINFO.
  bool child_is_subscribed = false;
  bool child_has_special_use = false;
  std::string_view old_name = {};  // OLDNAME, UTF-8; empty: none
};
void append_list(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8 = false,
                 const ListExtended& extended = {});
void append_lsub(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8 = false);
// Google's command from before RFC 6154, with its names of the attributes and \Inbox for INBOX.
void append_xlist(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8 = false);
// The answer to LIST "" "": the separator and the root's name (RFC 9051 §6.3.9). response: LIST or XLIST.
void append_list_root(std::string& out, std::string_view response);

void append_status(std::string& out, std::string_view utf8_name, const StatusItems& items, MailboxId id,
                   const MailboxStatus& status, bool utf8 = false);

void append_flags_line(std::string& out,
                       const KeywordNames& names);  // "* FLAGS (…)": system flags and all names
void append_exists(std::string& out, std::uint32_t messages);
void append_recent(std::string& out, std::uint32_t messages);
void append_expunge(std::string& out, std::uint32_t sequence);
// Instead of EXPUNGE for a client that enabled QRESYNC or UIDONLY. earlier: messages that are not in the client's view
// (RFC 7162 §3.2.10). uids is not empty.
void append_vanished(std::string& out, const UidSet& uids, bool earlier = false);

// "* SEARCH", piecewise: begin, any number of add, end. An empty result is "* SEARCH".
void begin_search(std::string& out);
void append_search_numbers(std::string& out, std::span<const std::uint32_t> numbers);
void end_search(std::string& out);

}  // namespace postfach::imap
