// What the server says about itself: CAPABILITY, ENABLED, NAMESPACE, ID (RFC 9051 §7.2, RFC 2971).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace postfach::imap {

// "CAPABILITY IMAP4rev1 IDLE": the code of a greeting and the body of the untagged response.
std::string code_capability(std::span<const std::string> capabilities);
void append_capability(std::string& out, std::span<const std::string> capabilities);
void append_enabled(std::string& out, std::span<const std::string_view> capabilities);
// One personal namespace without prefix, separator "/", and no others (RFC 2342 §5).
void append_namespace(std::string& out);
// Name and value pairs; NIL for none.
void append_id(std::string& out, std::span<const std::pair<std::string_view, std::string_view>> fields);

// "* COMPARATOR i;unicode-casemap (…)": the active one, and the list if it is not empty (RFC 5255 §4.8).
void append_comparator(std::string& out, std::string_view active, std::span<const std::string_view> matching);

}  // namespace postfach::imap
