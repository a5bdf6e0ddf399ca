#include "mailbox_data.h"

#include "base/ascii.h"
#include "imap/wire/writer.h"

namespace postfach::imap {
namespace {

void append_entry(std::string& out, std::string_view response, const ListAttributes& attributes,
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
  if (attributes.children_known) put(attributes.has_children ? "\\HasChildren" : "\\HasNoChildren");
  if (const std::string_view use = special_use_name(attributes.use); !use.empty()) put(use);
  out += ") \"/\" ";
  append_mailbox(out, utf8_name, utf8);
  out += "\r\n";
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

void append_list(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8) {
  append_entry(out, "LIST", attributes, utf8_name, utf8);
}

void append_old_name(std::string& out, std::string_view utf8_name) {
  out.resize(out.size() - 2);  // CRLF
  out += " (\"OLDNAME\" (";
  append_mailbox(out, utf8_name, true);
  out += "))\r\n";
}

void append_lsub(std::string& out, const ListAttributes& attributes, std::string_view utf8_name, bool utf8) {
  ListAttributes shown = attributes;
  shown.no_select = attributes.no_select || attributes.non_existent;
  shown.non_existent = false;  // RFC 3501 §6.3.9 knows \Noselect alone
  append_entry(out, "LSUB", shown, utf8_name, utf8);
}

void append_list_root(std::string& out, std::string_view root) {
  out += "* LIST (\\Noselect) \"/\" ";
  append_string(out, root);
  out += "\r\n";
}

void append_status(std::string& out, std::string_view utf8_name, const StatusItems& items, const MailboxStatus& status,
                   bool utf8) {
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
  put(items.size, "SIZE", status.bytes);
  put(items.highest_modseq, "HIGHESTMODSEQ", status.highest_modseq);
  put(items.append_limit, "APPENDLIMIT", status.append_limit);
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
