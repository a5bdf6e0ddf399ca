#include "search_data.h"

#include <algorithm>

#include "base/ascii.h"
#include "imap/wire/writer.h"

namespace postfach::imap {
namespace {

void append_range(std::string& out, std::uint32_t first, std::uint32_t last) {
  base::append_number(out, first);
  if (last == first) return;
  out += ':';
  base::append_number(out, last);
}

// RFC 5267 §4.3.2: position 0 leaves it to the client to keep its list in the order of the mailbox.
void append_changes(std::string& out, std::string_view name, const UidSet& set) {
  if (set.empty()) return;
  out += ' ';
  out += name;
  out += " (0 ";
  append_uid_set(out, set);
  out += ')';
}

}  // namespace

void begin_esearch(std::string& out, std::string_view tag, bool uid) {
  out += "* ESEARCH (TAG ";
  append_string(out, tag);
  out += ')';
  if (uid) out += " UID";
}

void append_search_item(std::string& out, std::string_view name, std::uint64_t number) {
  out += ' ';
  out += name;
  out += ' ';
  base::append_number(out, number);
}

void append_search_modseq(std::string& out, ModSeq modseq) {
  out += " (MODSEQ ";
  base::append_number(out, modseq);
  out += ')';
}

void SetWriter::add(std::string& out, std::uint32_t first, std::uint32_t last) {
  if (first_ != 0 && std::uint64_t{last_} + 1 == first) {
    last_ = last;
    return;
  }
  flush(out);
  first_ = first;
  last_ = last;
}

bool SetWriter::finish(std::string& out) {
  flush(out);
  return begun_;
}

void SetWriter::flush(std::string& out) {
  if (first_ == 0) return;
  if (begun_) out += ',';
  append_range(out, first_, last_);
  begun_ = true;
  first_ = 0;
}

void append_context_update(std::string& out, std::string_view tag, bool uid, const UidSet& removed,
                           const UidSet& added) {
  if (removed.empty() && added.empty()) return;
  begin_esearch(out, tag, uid);
  append_changes(out, "REMOVEFROM", removed);
  append_changes(out, "ADDTO", added);
  out += "\r\n";
}

}  // namespace postfach::imap
