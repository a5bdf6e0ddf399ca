// The contract between a protocol and the world: bytes in, bytes out.
//
// A session has no socket, clock, thread or TLS type. Whoever drives it (net's connection loop, or a host's own event
// loop) does this, one call at a time, never two at once:
//
//     loop:
//       session.set_now(now)
//       produce(out, soft_limit)           while want() is write: produce again, or send out first
//       send out
//       may_join()            (a driver need not ask) offer octets that are there already before produce()
//       want() == read        wait for octets, ring(), deadline();  receive() them
//       want() == wait        as read, but leave octets in the socket: an answer from elsewhere is due
//       want() == start_tls   send out, do the handshake as the server, then on_tls_started()
//       want() == close       send out, close
//
// Invariants:
// - Between two calls a session holds no transaction, lock or snapshot of the store.
// - Its memory is bounded whatever the client sends or asks for.
// - It may block for the disk in receive() and produce(), nowhere else.
// - Output depends on the octets and events alone, not on how they were cut.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postfach::protocol {

using Clock = std::chrono::steady_clock;  // deadlines survive a change of the system's clock

enum class Want : unsigned char {
  read,       // more octets from the client
  write,      // work or output is pending: call produce()
  wait,       // something outside (an authenticator, a delay); reads nothing until ring or deadline
  start_tls,  // after the output so far is sent, begin TLS
  close,      // after the output so far is sent, close
};

// What the session may know of a connection's TLS.
struct TlsInfo {
  std::string protocol;  // "TLSv1.3"
  std::string cipher;
  std::string server_name;  // SNI, lower case; empty if none
  // 32 octets that only the two ends of this connection know, to which a login can be bound (tls-exporter, RFC 9266): what
  // SSL_export_keying_material gives for the label "EXPORTER-Channel-Binding" and an empty context. Empty if there are
  // none: TLS 1.2 without the extended master secret, or a proxy that does not tell.
  std::string exporter = {};
};

// What the session knows of its connection when it is made.
struct Peer {
  std::string address;              // for logs and policies: "192.0.2.1"
  std::optional<TlsInfo> tls = {};  // set for implicit TLS
  bool can_start_tls = false;       // whether start_tls can be carried out
  bool trusted_cleartext = false;   // the host vouches for this connection (loopback, a TLS proxy): login without TLS
};

class Session {
 public:
  virtual ~Session() = default;

  // The time of the calls that follow. Before anything else, and at each turn of the loop.
  virtual void set_now(Clock::time_point now) = 0;

  // Offers octets; returns how many were taken. Takes none while output or work is pending (want() == write, unless
  // may_join()), none behind STARTTLS/STLS, none when closing. Offer the rest again after produce().
  virtual std::size_t receive(std::string_view octets) = 0;

  // While want() is write: whether what is to be done next could be done together with what the client has sent behind
  // it, in one transaction that is synced once. Then receive() takes octets all the same, at least one, and a driver that
  // has some at once, or gets some without waiting, does well to offer them before it calls produce(). It must not wait
  // for more, and should call produce() after some milliseconds even if more keep coming: until then the client has no
  // answer. What is offered together in one call of receive() is joined by the session itself.
  virtual bool may_join() const { return false; }

  // Runs pending work and appends output to out. Returns when nothing is pending or when out has grown to about
  // soft_limit; it goes on at the next call.
  virtual void produce(std::string& out, std::size_t soft_limit) = 0;

  virtual Want want() const = 0;

  // When on_deadline() is due, if ever.
  virtual std::optional<Clock::time_point> deadline() const = 0;

  // Whether the client has logged in. Of one that has not, a driver should hold little output, and none that is still
  // not taken at deadline().
  virtual bool authenticated() const = 0;

  // Octets that came in clear behind STARTTLS/STLS must have been thrown away or made the handshake fail.
  virtual void on_tls_started(TlsInfo info) = 0;
  virtual void on_deadline() = 0;
  // The doorbell that the session was given rang: the store changed, or an answer arrived.
  virtual void on_store_changed() = 0;
  // The server goes down: say goodbye (BYE) and want to close.
  virtual void on_shutdown() = 0;
  // The client closed its side: finish nothing that was not acknowledged, free leases, want to close.
  virtual void on_disconnect() = 0;
};

// Thread safe; asks the driver to call on_store_changed() soon. Rings after the session is gone are ignored by the
// driver.
using Ring = std::function<void()>;

}  // namespace postfach::protocol
