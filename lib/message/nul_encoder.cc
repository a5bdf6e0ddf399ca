#include "nul_encoder.h"

#include <algorithm>
#include <optional>

#include "base/ascii.h"
#include "base/base64.h"
#include "header.h"
#include "mime_header.h"
#include "parser.h"

namespace postfach::message {
namespace {

constexpr std::size_t kPiece = std::size_t{64} * 1024;
// RFC 2045 §6.8: 76 characters to a line.
constexpr std::size_t kLineOctets = 57;

constexpr std::string_view kEncoding = "Content-Transfer-Encoding";
constexpr std::string_view kBase64Field = "Content-Transfer-Encoding: base64\r\n";

Error no_encoding_helps() {
  return {Errc::invalid_argument, "the message has a NUL where no transfer encoding can be"};
}

bool has_nul(std::string_view octets) noexcept { return octets.find('\0') != std::string_view::npos; }

// The header of a part that becomes base64, with the empty line that ends it; nothing if it can't.
std::optional<std::string> base64_header(std::string_view header) {
  if (has_nul(header)) return std::nullopt;
  const MimeHeader fields = parse_mime_header(header, false, Limits().parameters);
  // RFC 2045 §6.4: what encloses parts is never encoded itself.
  if (fields.is_type("multipart") || fields.is_message()) return std::nullopt;
  if (fields.transfer_encoding() != TransferEncoding::identity) return std::nullopt;

  std::string result;
  std::size_t kept = 0;
  for_each_field(header, [&](const HeaderField& field) {
    if (!base::equals_ignoring_case(field.name, kEncoding)) return true;
    const auto at = static_cast<std::size_t>(field.whole.data() - header.data());
    result += header.substr(kept, at - kept);
    if (kept == 0) result += kBase64Field;
    kept = at + field.whole.size();
    return true;
  });
  if (kept != 0) return result.append(header.substr(kept));
  const std::size_t line_end = header.ends_with("\r\n") ? 2 : 1;
  result = header.substr(0, header.size() - std::min(header.size(), line_end));
  result += kBase64Field;
  return result.append(header.substr(result.size() - kBase64Field.size()));
}

}  // namespace

NulEncoder::NulEncoder(std::string_view sections, std::uint64_t size)
    : leaves_(Sections(sections).nodes()), size_(size) {
  std::erase_if(leaves_, [](const Part& part) { return part.kind != PartKind::leaf; });
  if (!leaves_.empty()) {
    scanned_ = leaves_[0].body.offset;
    phase_ = Phase::scan;
  }
}

Result<bool> NulEncoder::step(const Read& read, const Write& write, std::uint64_t most) {
  const std::uint64_t start = at_ + scanned_;
  while (phase_ != Phase::done && at_ + scanned_ - start < most) {
    Result<void> done;
    switch (phase_) {
      case Phase::scan:
        done = scan(read);
        break;
      case Phase::before_body: {
        const Part& part = leaves_[leaf_];
        const std::uint64_t end = has_nul_ ? part.header.offset : part.body.offset;
        if (at_ < end) {
          done = copy(read, write, end);
        } else {
          if (has_nul_) done = encode_header(read, write);
          phase_ = Phase::body;
        }
        break;
      }
      case Phase::body: {
        const Range& body = leaves_[leaf_].body;
        if (at_ == body.offset + body.size) {
          next_part();
        } else {
          done = has_nul_ ? encode_body(read, write) : copy(read, write, body.offset + body.size);
        }
        break;
      }
      case Phase::rest:
        if (at_ == size_) {
          phase_ = Phase::done;
        } else {
          done = copy(read, write, size_);
        }
        break;
      case Phase::done:
        break;
    }
    if (!done) return done.error();
  }
  return phase_ == Phase::done;
}

void NulEncoder::next_part() noexcept {
  has_nul_ = false;
  if (++leaf_ == leaves_.size()) {
    phase_ = Phase::rest;
    return;
  }
  scanned_ = leaves_[leaf_].body.offset;
  phase_ = Phase::scan;
}

Result<void> NulEncoder::read_piece(const Read& read, std::uint64_t end, std::size_t most) {
  piece_.clear();
  const std::uint64_t from = phase_ == Phase::scan ? scanned_ : at_;
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(most, end - from));
  auto got = read(from, wanted, piece_);
  if (!got) return got.error();
  if (*got != wanted) return Error{Errc::unavailable, "the octets of a message ended early"};
  return {};
}

Result<void> NulEncoder::scan(const Read& read) {
  const Range& body = leaves_[leaf_].body;
  const std::uint64_t end = body.offset + body.size;
  if (scanned_ == end) {
    phase_ = Phase::before_body;
    return {};
  }
  if (auto done = read_piece(read, end, kPiece); !done) return done;
  scanned_ += piece_.size();
  has_nul_ = has_nul(piece_);
  if (has_nul_) phase_ = Phase::before_body;
  return {};
}

Result<void> NulEncoder::copy(const Read& read, const Write& write, std::uint64_t end) {
  if (auto done = read_piece(read, end, kPiece); !done) return done;
  if (has_nul(piece_)) return no_encoding_helps();
  at_ += piece_.size();
  return write(piece_);
}

Result<void> NulEncoder::encode_header(const Read& read, const Write& write) {
  const Range& range = leaves_[leaf_].header;
  if (range.size > Limits().header_block) return no_encoding_helps();
  if (auto done = read_piece(read, range.offset + range.size, Limits().header_block); !done) return done;
  const std::optional<std::string> header = base64_header(piece_);
  if (!header) return no_encoding_helps();
  at_ += range.size;
  return write(*header);
}

Result<void> NulEncoder::encode_body(const Read& read, const Write& write) {
  const Range& body = leaves_[leaf_].body;
  const std::uint64_t end = body.offset + body.size;
  if (auto done = read_piece(read, end, kPiece / kLineOctets * kLineOctets); !done) return done;
  encoded_.clear();
  for (std::string_view rest = piece_; !rest.empty(); rest.remove_prefix(std::min(rest.size(), kLineOctets))) {
    // The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1).
    if (at_ != body.offset || rest.size() != piece_.size()) encoded_ += "\r\n";
    encoded_ += base::base64_encode(rest.substr(0, kLineOctets));
  }
  at_ += piece_.size();
  if (at_ == size_) encoded_ += "\r\n";
  return write(encoded_);
}

}  // namespace postfach::message
