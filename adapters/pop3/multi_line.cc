#include "multi_line.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "dot_stuffer.h"
#include "reply.h"

namespace postfach::pop3 {
namespace {

// How much of a message is read at once: as much as there is room for, but not so little that a read is
// mostly overhead.
std::size_t piece_size(const std::string& out, std::size_t soft_limit) {
  constexpr std::size_t least = 1024;
  constexpr std::size_t most = 64 * 1024;
  return std::clamp(soft_limit > out.size() ? soft_limit - out.size() : 0, least, most);
}

class ListReply final : public MultiLine {
 public:
  explicit ListReply(const Maildrop& drop) : drop_(drop) {}

  Result<bool> step(std::string& out, std::size_t soft_limit) override {
    do {
      while (drop_.exists(next_) && drop_.is_marked(next_)) ++next_;
      if (!drop_.exists(next_)) {
        append_end(out);
        return true;
      }
      base::append_number(out, next_);
      out += ' ';
      base::append_number(out, drop_.octets(next_));
      out += "\r\n";
      ++next_;
    } while (out.size() < soft_limit);
    return false;
  }

 private:
  const Maildrop& drop_;
  Number next_ = 1;
};

class UidlReply final : public MultiLine {
 public:
  explicit UidlReply(const Maildrop& drop) : drop_(drop) {}

  Result<bool> step(std::string& out, std::size_t soft_limit) override {
    constexpr std::size_t usual_line = 32;
    const std::size_t room = piece_size(out, soft_limit) / usual_line;
    const auto next = drop_.uidls(next_, static_cast<Number>(room), [&](Number number, std::string_view uidl) {
      base::append_number(out, number);
      out += ' ';
      out += uidl;
      out += "\r\n";
    });
    if (!next) return next.error();
    next_ = *next;
    if (drop_.exists(next_)) return false;
    append_end(out);
    return true;
  }

 private:
  const Maildrop& drop_;
  Number next_ = 1;
};

class MessageReply final : public MultiLine {
 public:
  MessageReply(Body body, std::optional<std::uint64_t> top_lines) : body_(std::move(body)) {
    if (top_lines) limit_.emplace(*top_lines);
  }

  Result<bool> step(std::string& out, std::size_t soft_limit) override {
    do {
      piece_.clear();
      const auto size = body_.read(offset_, piece_size(out, soft_limit), piece_);
      if (!size) return size.error();
      if (*size == 0 && offset_ < body_.size()) return Error{Errc::unavailable, "a message ends too early"};
      offset_ += *size;
      stuffer_.write(std::string_view(piece_).substr(0, limit_ ? limit_->take(piece_) : piece_.size()), out);
      if (offset_ == body_.size() || (limit_ && limit_->is_reached())) {
        stuffer_.finish(out);
        return true;
      }
    } while (out.size() < soft_limit);
    return false;
  }

 private:
  Body body_;
  std::uint64_t offset_ = 0;
  std::string piece_;
  std::optional<TopLimit> limit_;
  DotStuffer stuffer_;
};

// A client that shows a list of messages asks TOP n 0 of each: most headers are in the first octets of the
// message, and the rest need not be read. If the guess is too small the whole message is opened.
Result<Body> open_top(const Maildrop& drop, Number number, std::uint64_t lines) {
  constexpr std::uint64_t guess = 16 * 1024;
  auto body = drop.open(number, guess);
  if (!body || body->size() < guess) return body;
  std::string head;
  if (auto size = body->read(0, guess, head); !size) return size.error();
  TopLimit limit(lines);
  limit.take(head);
  if (limit.is_reached()) return body;
  return drop.open(number);
}

}  // namespace

Result<bool> needs_utf8(const Maildrop& drop, Number number) {
  constexpr std::uint64_t most = 256 * 1024;  // a header that is longer is no mail program's
  auto body = drop.open(number, most);
  if (!body) return body.error();
  std::string text;
  if (auto size = body->read(0, most, text); !size) return size.error();
  std::string_view header = text;
  const std::size_t end = std::min(header.find("\r\n\r\n"), header.find("\n\n"));
  header = header.substr(0, end);
  return !base::is_ascii(header) && base::is_utf8(header);
}

std::unique_ptr<MultiLine> list_reply(const Maildrop& drop) { return std::make_unique<ListReply>(drop); }

std::unique_ptr<MultiLine> uidl_reply(const Maildrop& drop) { return std::make_unique<UidlReply>(drop); }

Result<std::unique_ptr<MultiLine>> message_reply(const Maildrop& drop, Number number,
                                                 std::optional<std::uint64_t> top_lines) {
  auto body = top_lines ? open_top(drop, number, *top_lines) : drop.open(number);
  if (!body) return body.error();
  return std::unique_ptr<MultiLine>(std::make_unique<MessageReply>(std::move(*body), top_lines));
}

}  // namespace postfach::pop3
