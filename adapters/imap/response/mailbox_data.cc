#include "mailbox_data.h"

#include "base/ascii.h"
#include "imap/wire/writer.h"
#include "object_ids.h"

namespace postfach::imap {
namespace {

// Without the end of the line. role: the special use in the words of this response.
void append_entry(std::string& out, std::string_view response, const ListAttributes& attributes, std::string_view role,
                  std::string_view utf8_name, bool utf8) {
  out += "* ";
  out += response;
  out += " (";
  bool first = true;
  const auto put = [&](std::string_view attribute) {
    if (!first) out += ' ';
    first = false;
    out += attribute;
  };
  if (attributes.non_existent) put("\\NonExistent");
  if (attributes.no_select || attributes.non_existent) put("\\Noselect");
  if (attributes.no_inferiors) put("\\Noinferiors");
  if (attributes.children_known) put(attributes.has_children ? "\\HasChildren" : "\\HasNoChildren");
  if (attributes.subscribed) put("\\Subscribed");
  if (!role.empty()) put(role);
  out += ") \"/\" ";
  append_mailbox(out, utf8_name, utf8);
}

// mbox-list-extended (RFC 9051 §9)
void append_extended(std::string& out, const ListExtended& extended, bool utf8) {
  const bool has_child = extended.child_is_subscribed || extended.child_has_special_use;
  if (!has_child && extended.old_name.empty()) return;
  out += " (";
  if (has_child) {
    out += "\"CHILDINFO\" (";
    if (extended.child_is_subscribed) out += "\"SUBSCRIBED\"";
    if (extended.child_is_subscribed && extended.child_has_special_use) out += ' ';
    if (extended.child_has_special_use) out += "\"SPECIAL-USE\"";
    out += ')';
  }
  if (!extended.old_name.empty()) {
    if (has_child) out += ' ';
    out += "\"OLDNAME\" (";
    append_mailbox(out, extended.old_name, utf8);
    out += ')';
  }
  out += ')';
}

// The attributes of XLIST that have other names than those of RFC 6154.
std::string_view xlist_role(SpecialUse use) noexcept {
  switch (use) {
    case SpecialUse::all:
      return "\\AllMail";
    case SpecialUse::flagged:
      return "\\Starred";
    case SpecialUse::junk:
      return "\\Spam";
    default:
      return special_use_name(use);
  }
}

void append_counter(std::string& out, std::uint64_t number, std::string_view name) {
  out += "* ";
  base::append_number(out, number);
  out += ' ';
  out += name;
  out += "\r\n";
}

}  // namespace

std::string_view special_use_name(SpecialUse use) noexcept {
  switch (use) {
    case SpecialUse::none:
      return "";
    case SpecialUse::all:
      return "\\All";
    case SpecialUse::archive:
      return "\\Archive";
    case SpecialUse::drafts:
      return "\\Drafts";
    case SpecialUse::flagged:
      return "\\Flagged";
    case SpecialUse::junk:
      return "\\Junk";
    case SpecialUse::sent:
      return "\\Sent";
    case SpecialUse::trash:
      return "\\Trash";
    case SpecialUse::important:
      return "\\Important";  // RFC 8457
  }
  return "";
}

void append_list(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8,
                 const ListExtended& extended) {
  append_entry(out, "LIST", attributes, special_use_name(attributes.use), utf8_name, utf8);
  append_extended(out, extended, utf8);
  out += "\r\n";
}

void append_lsub(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8) {
  ListAttributes shown = attributes;
  shown.no_select = attributes.no_select || attributes.non_existent;
  shown.non_existent = false;  // RFC 3501 §6.3.9 knows \Noselect alone
  append_entry(out, "LSUB", shown, special_use_name(attributes.use), utf8_name, utf8);
  out += "\r\n";
}

void append_xlist(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8) {
  const bool is_inbox = base::equals_ignoring_case(utf8_name, "INBOX");
  append_entry(out, "XLIST", attributes, is_inbox ? "\\Inbox" : xlist_role(attributes.use), utf8_name, utf8);
  out += "\r\n";
}

void append_list_root(std::string& out, std::string_view response) {
  out += "* ";
  out += response;
  out += " (\\Noselect) \"/\" \"\"\r\n";
}

void append_status(std::string& out, std::string_view utf8_name, const StatusItems& items, MailboxId id,
                   const MailboxStatus& status, bool utf8) {
  out += "* STATUS ";
  append_mailbox(out, utf8_name, utf8);
  char separator = '(';
  out += ' ';
  const auto put = [&](bool wanted, std::string_view name, std::uint64_t number) {
    if (!wanted) return;
    out += separator;
    separator = ' ';
    out += name;
    out += ' ';
    base::append_number(out, number);
  };
  put(items.messages, "MESSAGES", status.messages);
  put(items.recent, "RECENT", status.recent);
  put(items.uid_next, "UIDNEXT", status.uid_next);
  put(items.uid_validity, "UIDVALIDITY", status.uid_validity);
  put(items.unseen, "UNSEEN", status.unseen);
  put(items.deleted, "DELETED", status.deleted);
  put(items.deleted_storage, "DELETED-STORAGE", status.deleted_bytes);
  put(items.size, "SIZE", status.bytes);
  put(items.highest_modseq, "HIGHESTMODSEQ", status.highest_modseq);
  put(items.append_limit, "APPENDLIMIT", status.append_limit);
  if (items.mailbox_id) {
    out += separator;
    separator = ' ';
    out += "MAILBOXID (";
    append_mailbox_id(out, id, status.uid_validity);
    out += ')';
  }
  if (separator == '(') out += '(';
  out += ")\r\n";
}

void append_flags_line(std::string& out, const KeywordNames& names) {
  out += "* FLAGS ";
  append_flags(out, Flags::from_bits(31), ~KeywordMask{0}, names);
  out += "\r\n";
}

void append_exists(std::string& out, std::uint32_t messages) { append_counter(out, messages, "EXISTS"); }
void append_recent(std::string& out, std::uint32_t messages) { append_counter(out, messages, "RECENT"); }
void append_expunge(std::string& out, std::uint32_t sequence) { append_counter(out, sequence, "EXPUNGE"); }

void append_vanished(std::string& out, const UidSet& uids, bool earlier) {
  out += earlier ? "* VANISHED (EARLIER) " : "* VANISHED ";
  append_uid_set(out, uids);
  out += "\r\n";
}

void begin_search(std::string& out) { out += "* SEARCH"; }

void append_search_numbers(std::string& out, std::span<const std::uint32_t> numbers) {
  for (const std::uint32_t number : numbers) {
    out += ' ';
    base::append_number(out, number);
  }
}

void end_search(std::string& out) { out += "\r\n"; }

}  // namespace postfach::imap
