#include "message_ids.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/hash.h"
#include "header.h"
#include "lexer.h"

namespace postfach::message {
namespace {

constexpr std::size_t kOctets = sizeof(std::uint64_t);

void append_number(std::string& out, std::uint64_t number) {
  for (std::size_t i = 0; i < kOctets; ++i) out.push_back(static_cast<char>(number >> (8 * i) & 0xFFU));
}

std::uint64_t take_number(std::string_view& packed) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < kOctets; ++i) {
    number |= static_cast<std::uint64_t>(static_cast<unsigned char>(packed[i])) << (8 * i);
  }
  packed.remove_prefix(kOctets);
  return number;
}

// Where a quoted string ends that begins at `at`: the index of its closing quote, or npos.
std::size_t quote_end(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '"') return at;
    if (text[at] == '\\') ++at;
  }
  return std::string_view::npos;
}

std::size_t comment_end(std::string_view text, std::size_t at) noexcept {
  std::size_t depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '(') {
      ++depth;
    } else if (text[at] == ')' && --depth == 0) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

// An identifier without anything that would have to be undone, as most are, is read where it stands.
std::optional<std::string_view> MessageIdReader::take_plain() noexcept {
  std::size_t separator = at_;
  for (std::size_t end = at_; end < text_.size(); ++end) {
    const char c = text_[end];
    if (c == '@') separator = end;
    if (c == '"' || c == '(' || c == '<' || is_white(c)) return std::nullopt;
    if (c != '>') continue;
    if (separator == at_ || separator + 1 == end) return std::nullopt;
    const std::string_view id = text_.substr(at_, end - at_);
    at_ = end + 1;
    return id;
  }
  return std::nullopt;
}

// msg-id = [CFWS] "<" id-left "@" id-right ">" [CFWS], where obs-id-left may be a quoted string and both sides may have
// white space and comments in them. An identifier that a second "<" cuts off was none. Whoever leaves out the "@" has
// not written an identifier that is unique.
std::optional<std::string_view> MessageIdReader::next() & {
  bool inside = false;
  std::size_t separator = 0;  // the "@" in id_; 0: not seen
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (!inside || c == '<') {
      if (!inside && c != '<') {
        at_ = std::min(text_.find('<', at_), text_.size());
        continue;
      }
      ++at_;
      if (const auto plain = take_plain()) return plain;
      inside = true;
      separator = 0;
      id_.clear();
      continue;
    }
    if (c == '"' && !no_quote_) {
      const std::size_t end = quote_end(text_, at_);
      if (end != std::string_view::npos) {
        for (std::size_t i = at_ + 1; i < end; ++i) {
          if (text_[i] == '\\') ++i;
          if (text_[i] != '\r' && text_[i] != '\n') id_.push_back(text_[i]);
        }
        at_ = end + 1;
        continue;
      }
      no_quote_ = true;
    }
    if (c == '(' && !no_comment_) {
      const std::size_t end = comment_end(text_, at_);
      if (end != std::string_view::npos) {
        at_ = end + 1;
        continue;
      }
      no_comment_ = true;
    }
    ++at_;
    if (c == '>') {
      if (separator > 0 && separator + 1 < id_.size()) return id_;
      inside = false;
    } else if (!is_white(c)) {
      if (c == '@') separator = id_.size();
      id_.push_back(c);
    }
  }
  return std::nullopt;
}

namespace {

// Of the first identifier; 0 if there is none.
std::uint64_t first_number(std::string_view value) {
  MessageIdReader reader(value);
  const auto id = reader.next();
  return id ? base::stable_hash(*id) : 0;
}

}  // namespace

ThreadReferences thread_references(std::optional<std::string_view> message_id,
                                   std::optional<std::string_view> in_reply_to,
                                   std::optional<std::string_view> references) {
  ThreadReferences result;
  if (message_id) result.id = first_number(*message_id);
  if (references) {
    MessageIdReader reader(*references);
    std::size_t oldest = kFirstReferences;  // of the last ones, which are a ring once there are too many
    while (const auto id = reader.next()) {
      const std::uint64_t number = base::stable_hash(*id);
      if (result.references.size() < kFirstReferences + kLastReferences) {
        result.references.push_back(number);
        continue;
      }
      result.references[oldest] = number;
      if (++oldest == result.references.size()) oldest = kFirstReferences;
    }
    if (result.references.size() > kFirstReferences) {
      const auto last_ones = result.references.begin() + kFirstReferences;
      std::rotate(last_ones, result.references.begin() + static_cast<std::ptrdiff_t>(oldest), result.references.end());
    }
  }
  if (result.references.empty() && in_reply_to) {
    if (const std::uint64_t parent = first_number(*in_reply_to); parent != 0) result.references.push_back(parent);
  }
  return result;
}

ThreadReferences thread_references(std::string_view header) {
  std::optional<std::string_view> message_id;
  std::optional<std::string_view> in_reply_to;
  std::optional<std::string_view> references;
  const struct {
    std::string_view name;
    std::optional<std::string_view>& value;
  } wanted[] = {{"Message-ID", message_id}, {"In-Reply-To", in_reply_to}, {"References", references}};
  for_each_field(header, [&](const HeaderField& field) {
    for (const auto& each : wanted) {
      if (!each.value && base::equals_ignoring_case(field.name, each.name)) each.value = field.value;
    }
    return true;
  });
  return thread_references(message_id, in_reply_to, references);
}

std::string pack(const ThreadReferences& references) {
  std::string packed;
  packed.reserve((references.references.size() + 1) * kOctets);
  append_number(packed, references.id);
  for (const std::uint64_t reference : references.references) append_number(packed, reference);
  return packed;
}

void unpack(std::string_view packed, ThreadReferences& references) {
  references.id = packed.size() < kOctets ? 0 : take_number(packed);
  references.references.clear();
  while (packed.size() >= kOctets) references.references.push_back(take_number(packed));
}

}  // namespace postfach::message
