#include "conditions.h"

#include "base/ascii.h"
#include "imap/wire/writer.h"

namespace postfach::imap {
namespace {

std::string_view word(Condition condition) noexcept {
  switch (condition) {
    case Condition::ok:
      return "OK";
    case Condition::no:
      return "NO";
    case Condition::bad:
      return "BAD";
    case Condition::bye:
      return "BYE";
    case Condition::preauth:
      return "PREAUTH";
  }
  return "BAD";
}

}  // namespace

void append_tagged(std::string& out, std::string_view tag, Condition condition, std::string_view code,
                   std::string_view text) {
  out += tag;
  out += ' ';
  out += word(condition);
  out += ' ';
  if (!code.empty()) {
    out += '[';
    out += code;
    out += "] ";
  }
  append_text(out, text);
  out += "\r\n";
}

void append_untagged(std::string& out, Condition condition, std::string_view code, std::string_view text) {
  append_tagged(out, "*", condition, code, text);
}

void append_continuation(std::string& out, std::string_view text) {
  out += "+ ";
  out += text;
  out += "\r\n";
}

std::string code_number(std::string_view name, std::uint64_t number) {
  std::string code(name);
  code += ' ';
  base::append_number(code, number);
  return code;
}

std::string code_append_uid(const Appended& appended) {
  UidSet uids;
  for (const Uid uid : appended.uids) uids.add(uid);
  std::string code = code_number("APPENDUID", appended.uid_validity);
  code += ' ';
  append_uid_set(code, uids);
  return code;
}

std::string code_copy_uid(const Copied& copied) {
  if (copied.source.empty()) return {};  // a uid-set has at least one member
  std::string code = code_number("COPYUID", copied.uid_validity);
  code += ' ';
  append_uid_set(code, copied.source);
  code += ' ';
  append_uid_set(code, copied.destination);
  return code;
}

std::string code_permanent_flags(Flags flags, const KeywordNames& names, bool more) {
  std::string code = "PERMANENTFLAGS (";
  const std::size_t start = code.size();
  append_flag_names(code, flags, ~KeywordMask{0}, names, false);
  if (more) code += code.size() == start ? "\\*" : " \\*";
  code += ')';
  return code;
}

std::string code_bad_url(std::string_view url) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string code = "BADURL \"";
  for (const char c : url) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > ' ' && octet < 0x7F && c != '"' && c != '\\' && c != ']') {
      code += c;
    } else {
      code += {'%', kHex[octet >> 4U], kHex[octet & 15U]};
    }
  }
  code += '"';
  return code;
}

std::string code_no_update(std::string_view tag) {
  std::string code = "NOUPDATE ";
  append_string(code, tag);
  return code;
}

std::string code_bad_charset() { return "BADCHARSET (US-ASCII UTF-8 ISO-8859-1)"; }

std::string code_in_progress(std::string_view tag, std::uint64_t done, std::uint64_t goal) {
  std::string code = "INPROGRESS (\"";
  code += tag;
  code += "\" ";
  base::append_number(code, done);
  code += ' ';
  base::append_number(code, goal);
  code += ')';
  return code;
}

// RFC 5530 §3. The texts are all that a user of a mail program may ever see of it.
Reply reply_for(Errc code) noexcept {
  switch (code) {
    case Errc::invalid_argument:
      return {Condition::no, "CANNOT", "This is not possible"};
    case Errc::not_found:
      return {Condition::no, "NONEXISTENT", "There is no such mailbox or message"};
    case Errc::already_exists:
      return {Condition::no, "ALREADYEXISTS", "The name is taken"};
    case Errc::not_permitted:
      return {Condition::no, "CANNOT", "This is not permitted here"};
    case Errc::auth_failed:
      return {Condition::no, "AUTHENTICATIONFAILED", "Wrong name or password"};
    case Errc::over_quota:
      return {Condition::no, "OVERQUOTA", "The mailbox is full"};
    case Errc::limit:
      return {Condition::no, "LIMIT", "A limit of the server is reached"};
    case Errc::in_use:
      return {Condition::no, "INUSE", "In use elsewhere, try again later"};
    case Errc::unavailable:
      return {Condition::no, "UNAVAILABLE", "Temporary failure, try again later"};
    case Errc::corrupt:
      return {Condition::no, "CORRUPTION", "Stored data is damaged, contact your provider"};
    case Errc::newer_schema:
      return {Condition::no, "UNAVAILABLE", "Temporary failure, try again later"};
    case Errc::internal:
      return {Condition::no, "SERVERBUG", "Internal error"};
  }
  return {Condition::no, "SERVERBUG", "Internal error"};
}

}  // namespace postfach::imap
