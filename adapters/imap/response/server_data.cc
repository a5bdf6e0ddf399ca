#include "server_data.h"

#include "imap/wire/writer.h"

namespace postfach::imap {
namespace {

template <class Name>
void append_names(std::string& out, std::span<const Name> names) {
  for (const std::string_view name : names) {
    out += ' ';
    out += name;
  }
}

}  // namespace

std::string code_capability(std::span<const std::string> capabilities) {
  std::string code = "CAPABILITY";
  append_names(code, capabilities);
  return code;
}

void append_capability(std::string& out, std::span<const std::string> capabilities) {
  out += "* CAPABILITY";
  append_names(out, capabilities);
  out += "\r\n";
}

void append_enabled(std::string& out, std::span<const std::string_view> capabilities) {
  out += "* ENABLED";
  append_names(out, capabilities);
  out += "\r\n";
}

void append_namespace(std::string& out) { out += "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n"; }

void append_id(std::string& out, std::span<const std::pair<std::string_view, std::string_view>> fields) {
  out += "* ID ";
  if (fields.empty()) {
    out += "NIL";
  } else {
    char separator = '(';
    for (const auto& [name, value] : fields) {
      out += separator;
      append_string(out, name);
      out += ' ';
      append_string(out, value);
      separator = ' ';
    }
    out += ')';
  }
  out += "\r\n";
}

void append_comparator(std::string& out, std::string_view active, std::span<const std::string_view> matching) {
  out += "* COMPARATOR ";
  append_astring(out, active);
  char separator = '(';
  for (const std::string_view name : matching) {
    if (separator == '(') out += ' ';
    out += separator;
    separator = ' ';
    append_astring(out, name);
  }
  if (!matching.empty()) out += ')';
  out += "\r\n";
}

}  // namespace postfach::imap
