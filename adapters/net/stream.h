// A connected, non-blocking socket, in clear or under TLS, where both look the same.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "boringssl.h"
#include "postfach/net/tls.h"
#include "postfach/protocol/session.h"
#include "read_buffers.h"

namespace postfach::net {

// The BIO between BoringSSL and a socket. BoringSSL's own uses write(2), which raises SIGPIPE, and it reads what is there
// piece by piece: for the header of a record, for the record, and to see that there is no other one.
BioMethodPtr make_socket_bio_method();

// What it knows: its data.
struct SocketBio {
  int descriptor;
  Input* ahead = nullptr;   // what was read and not asked for yet; null: only what is asked for is read
  bool is_drained = false;  // the last read has emptied the socket: no other one until this is taken back
  bool holds_back = false;  // what is written may wait in the kernel for what follows
};

class Stream {
 public:
  enum class Status : unsigned char { done, want_read, want_write, closed, failed };
  struct Transfer {
    Status status;
    std::size_t size = 0;  // more than 0 if done
  };

  // Does not own the descriptor. The buffers must outlive the stream.
  Stream(int descriptor, ReadBuffers& buffers) noexcept : ahead_(buffers), socket_{descriptor} {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // From now on TLS, as its server; call handshake() until it is done. False if there is no memory.
  bool start_tls(const TlsContext& context);
  Status handshake() noexcept;
  bool is_tls() const noexcept { return ssl_ != nullptr; }
  protocol::TlsInfo tls_info() const;

  Transfer read(char* buffer, std::size_t size) noexcept;
  // After a read that is done: false if that has emptied the socket.
  bool may_have_more() const noexcept;
  // Before a wait: keeps no more memory than it needs.
  void park() { ahead_.park(); }
  // What is written from now on comes to the client together with the end of the stream, if that is soon: it has to wake up
  // once then.
  void hold_back() noexcept { socket_.holds_back = true; }
  Transfer write(const char* octets, std::size_t size) noexcept;
  // Throws away octets of the socket, TLS or not: done if there may be more.
  Status discard() noexcept;
  // Tells the client that nothing more will come.
  void finish() noexcept;

 private:
  Status status_of(int result) const noexcept;

  Input ahead_;  // under TLS
  SocketBio socket_;
  std::shared_ptr<TlsContext::Impl> context_;  // before ssl_, which needs it to the end
  SslPtr ssl_;
};

}  // namespace postfach::net
