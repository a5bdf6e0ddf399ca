// DEFLATE (RFC 1951) between a session and its connection: raw, without header and checksum, as IMAP COMPRESS
// (RFC 4978) has it.
//
// Invariants:
// - What came compressed stays compressed until the session can take it: inflated octets never take more than
//   kPiece, whatever they expand to.
// - Everything that was given to send() can be inflated by the client once it has the output (Z_SYNC_FLUSH): it never
//   waits for octets that are stuck in the compressor.
// - The client may flush as it likes, partially or not at all (its octets then wait at its side).
//
// Memory: 40 KiB for the client's direction (the client chooses the window: up to 32 KiB), 38 KiB for ours, which
// rest() gives back. A window of 4 KiB and a hash to match cost 1 % of what a window of 32 KiB in 262 KiB of memory
// would save in answers to FETCH of headers and flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace postfach::protocol {

class Deflate {
 public:
  static constexpr std::size_t kPiece = 8 * 1024;

  Deflate();
  ~Deflate();
  Deflate(Deflate&&) noexcept;
  Deflate& operator=(Deflate&&) noexcept;

  // --- From the client

  enum class Taken : std::uint8_t {
    piece,    // there is input()
    nothing,  // all was taken, and nothing can be inflated before more comes
    end,      // the client has ended its stream
    corrupt,  // these octets are no DEFLATE; it stays so
  };
  // Only while input() is empty: inflates the next piece, taking compressed octets from the front.
  Taken take(std::string_view& octets);
  // Inflated octets that the session has not consumed.
  std::string_view input() const noexcept { return std::string_view(piece_).substr(consumed_); }
  void consume(std::size_t size) noexcept;
  // Whether there is input, or take() could make some without further octets.
  bool holds_input() const noexcept { return consumed_ < piece_.size() || has_more_ || corrupt_; }

  // --- To the client

  // Appends to out what stands for these octets.
  void send(std::string_view octets, std::string& out);
  // The same, and the end of the stream.
  void finish(std::string_view octets, std::string& out);
  // Frees what is only needed for sending, for a while without output. The next octets begin without a memory of those
  // before; the client sees no difference.
  void rest() noexcept;

 private:
  struct Inflater;
  struct Deflater;
  void deflate(std::string_view octets, std::string& out, int flush);

  std::unique_ptr<Inflater> inflater_;
  std::unique_ptr<Deflater> deflater_;  // null while resting
  std::string piece_;
  std::size_t consumed_ = 0;
  bool has_more_ = false;
  bool ended_ = false;
  bool corrupt_ = false;
};

}  // namespace postfach::protocol
