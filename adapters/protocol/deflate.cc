#include "deflate.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

namespace postfach::protocol {
namespace {

// Negative: no zlib header around the stream (RFC 4978 §4).
constexpr int kClientWindow = -15;
constexpr int kOurWindow = -12;
constexpr int kOurMemory = 5;
// Higher ones take twice the time for a tenth less.
constexpr int kOurLevel = 1;

void check(int code) {
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  if (code != Z_OK) throw std::runtime_error("zlib can't be used");
}

Bytef* bytes(const char* text) noexcept { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }  // NOLINT
Bytef* bytes(char* text) noexcept { return reinterpret_cast<Bytef*>(text); }                           // NOLINT

uInt at_most(std::size_t size) noexcept {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

}  // namespace

struct Deflate::Inflater {
  Inflater() { check(inflateInit2(&stream, kClientWindow)); }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
};

struct Deflate::Deflater {
  Deflater() { check(deflateInit2(&stream, kOurLevel, Z_DEFLATED, kOurWindow, kOurMemory, Z_DEFAULT_STRATEGY)); }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  z_stream stream{};
};

Deflate::Deflate() : inflater_(std::make_unique<Inflater>()) {}
Deflate::~Deflate() = default;
Deflate::Deflate(Deflate&&) noexcept = default;
Deflate& Deflate::operator=(Deflate&&) noexcept = default;

Deflate::Taken Deflate::take(std::string_view& octets) {
  corrupt_ = corrupt_ || (ended_ && !octets.empty());
  if (corrupt_) return Taken::corrupt;
  if (ended_) return Taken::nothing;
  piece_.resize(kPiece);
  consumed_ = 0;
  z_stream& stream = inflater_->stream;
  stream.next_in = bytes(octets.data());
  stream.avail_in = at_most(octets.size());
  stream.next_out = bytes(piece_.data());
  stream.avail_out = kPiece;
  const int code = inflate(&stream, Z_SYNC_FLUSH);
  octets.remove_prefix(octets.size() - stream.avail_in);
  has_more_ = code == Z_OK && stream.avail_out == 0;
  piece_.resize(kPiece - stream.avail_out);
  if (code == Z_MEM_ERROR) throw std::bad_alloc();
  ended_ = code == Z_STREAM_END;
  // Z_BUF_ERROR: nothing could be done, which is no error.
  corrupt_ = code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR;
  if (!piece_.empty()) return Taken::piece;  // what came before the fault counts
  std::string().swap(piece_);
  if (corrupt_) return Taken::corrupt;
  return ended_ ? Taken::end : Taken::nothing;
}

void Deflate::consume(std::size_t size) noexcept {
  consumed_ += size;
  if (consumed_ < piece_.size()) return;
  // An idle connection keeps no buffer.
  if (!has_more_) std::string().swap(piece_);
  piece_.clear();
  consumed_ = 0;
}

void Deflate::send(std::string_view octets, std::string& out) {
  if (!octets.empty()) deflate(octets, out, Z_SYNC_FLUSH);
}

void Deflate::finish(std::string_view octets, std::string& out) { deflate(octets, out, Z_FINISH); }

void Deflate::rest() noexcept { deflater_.reset(); }

void Deflate::deflate(std::string_view octets, std::string& out, int flush) {
  if (!deflater_) deflater_ = std::make_unique<Deflater>();
  z_stream& stream = deflater_->stream;
  for (;;) {
    if (stream.avail_in == 0) {
      stream.next_in = bytes(octets.data());
      stream.avail_in = at_most(octets.size());
      octets.remove_prefix(stream.avail_in);
    }
    const std::size_t size = out.size();
    const std::size_t room = std::max<std::size_t>(64, stream.avail_in / 2);
    out.resize(size + room);
    stream.next_out = bytes(out.data() + size);
    stream.avail_out = at_most(room);
    const int code = ::deflate(&stream, octets.empty() ? flush : Z_NO_FLUSH);
    out.resize(out.size() - stream.avail_out);
    if (code == Z_STREAM_ERROR) throw std::logic_error("a compressor was used in a wrong way");
    // Room that is left: all that was asked for is done.
    if (stream.avail_out != 0 && octets.empty()) return;
  }
}

}  // namespace postfach::protocol
