// What a URL of CATENATE stands for (RFC 4469 §3): octets of a message of this account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "imap/command/imap_url.h"
#include "postfach/mailbox.h"
#include "task.h"

namespace postfach::imap {

class UrlOctets {
 public:
  // An answer if there are none: BADURL, or what the store says.
  static std::variant<Answer, UrlOctets> open(const Context& context, const std::string& url);

  std::uint64_t size() const noexcept { return body_ ? body_->size() : text_.size(); }
  // As Body::read().
  Result<std::size_t> read(std::uint64_t offset, std::size_t most, std::string& out) const;

 private:
  explicit UrlOctets(Body body) : body_(std::move(body)) {}
  explicit UrlOctets(std::string text) : text_(std::move(text)) {}

  std::optional<Body> body_;
  std::string text_;  // of HEADER.FIELDS, which is no run of the message's octets
};

}  // namespace postfach::imap
