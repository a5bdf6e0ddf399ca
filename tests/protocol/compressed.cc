#include "protocol/compressed.h"

#include <zlib.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <utility>

namespace postfach::test {
namespace {

Bytef* bytes(const char* text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text)); }  // NOLINT

class SeenInClear final : public protocol::Session {
 public:
  SeenInClear(std::unique_ptr<protocol::Session> inner, std::string switched, Flush flush)
      : inner_(std::move(inner)), switched_(std::move(switched)), flush_(flush) {}

  void set_now(protocol::Clock::time_point now) override { inner_->set_now(now); }

  std::size_t receive(std::string_view octets) override {
    if (!client_) return inner_->receive(octets);
    if (want() != protocol::Want::read) return 0;
    waiting_ += client_->deflate(octets, flush_);
    forward();
    return octets.size();
  }

  void produce(std::string& out, std::size_t soft_limit) override {
    forward();
    std::string octets;
    inner_->produce(octets, soft_limit);
    if (client_) {
      out += client_->inflate(octets);
      return;
    }
    out += octets;
    // Nothing may follow the line in clear.
    if (octets.ends_with(switched_ + "\r\n")) client_.emplace();
  }

  protocol::Want want() const override {
    const protocol::Want want = inner_->want();
    return want == protocol::Want::read && !waiting_.empty() ? protocol::Want::write : want;
  }

  std::optional<protocol::Clock::time_point> deadline() const override { return inner_->deadline(); }
  bool authenticated() const override { return inner_->authenticated(); }
  void on_tls_started(protocol::TlsInfo info) override { inner_->on_tls_started(std::move(info)); }
  void on_deadline() override { inner_->on_deadline(); }
  void on_store_changed() override { inner_->on_store_changed(); }
  void on_shutdown() override { inner_->on_shutdown(); }
  void on_disconnect() override { inner_->on_disconnect(); }

 private:
  void forward() {
    while (!waiting_.empty() && inner_->want() == protocol::Want::read) {
      const std::size_t taken = inner_->receive(waiting_);
      if (taken == 0 && inner_->want() == protocol::Want::read) throw std::logic_error("nothing was taken");
      waiting_.erase(0, taken);
    }
  }

  std::unique_ptr<protocol::Session> inner_;
  const std::string switched_;
  const Flush flush_;
  std::optional<ClientDeflate> client_;
  std::string waiting_;  // compressed, not yet taken
};

}  // namespace

struct ClientDeflate::Streams {
  Streams() {
    if (deflateInit2(&out, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK || inflateInit2(&in, -15) != Z_OK) {
      throw std::runtime_error("zlib can't be used");
    }
  }
  ~Streams() {
    deflateEnd(&out);
    inflateEnd(&in);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  std::string deflate(std::string_view octets, int flush) {
    std::string result(deflateBound(&out, octets.size()) + 64, '\0');
    out.next_in = bytes(octets.data());
    out.avail_in = static_cast<uInt>(octets.size());
    out.next_out = bytes(result.data());
    out.avail_out = static_cast<uInt>(result.size());
    ::deflate(&out, flush);
    result.resize(result.size() - out.avail_out);
    return result;
  }

  z_stream out{};
  z_stream in{};
};

ClientDeflate::ClientDeflate() : streams_(std::make_unique<Streams>()) {}
ClientDeflate::~ClientDeflate() = default;

std::string ClientDeflate::deflate(std::string_view octets, Flush flush) {
  return streams_->deflate(octets, flush == Flush::sync      ? Z_SYNC_FLUSH
                                   : flush == Flush::partial ? Z_PARTIAL_FLUSH
                                                             : Z_FULL_FLUSH);
}

std::string ClientDeflate::finish() { return streams_->deflate({}, Z_FINISH); }

std::string ClientDeflate::inflate(std::string_view octets) {
  z_stream& in = streams_->in;
  std::string result;
  std::array<char, 4096> piece{};
  in.next_in = bytes(octets.data());
  in.avail_in = static_cast<uInt>(octets.size());
  for (;;) {
    in.next_out = bytes(piece.data());
    in.avail_out = piece.size();
    const int code = ::inflate(&in, Z_SYNC_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) throw std::runtime_error("no DEFLATE");
    result.append(piece.data(), piece.size() - in.avail_out);
    ended_ = ended_ || code == Z_STREAM_END;
    if (in.avail_out != 0) break;
  }
  if (in.avail_in != 0) throw std::runtime_error("octets behind the end of the stream");
  return result;
}

std::unique_ptr<protocol::Session> seen_in_clear(std::unique_ptr<protocol::Session> inner, std::string switched,
                                                 Flush flush) {
  return std::make_unique<SeenInClear>(std::move(inner), std::move(switched), flush);
}

}  // namespace postfach::test
