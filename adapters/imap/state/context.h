// All that a handler may touch: who the client is, what it may do, which mailbox it looks at.
//
// Only the session's own thread of calls uses it. What other threads may touch is DoorbellState and what a
// protocol::Login holds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "doorbell.h"
#include "heartbeat.h"
#include "postfach/account.h"
#include "postfach/imap/session.h"
#include "postfach/observer.h"
#include "postfach/protocol/session.h"
#include "postfach/search.h"
#include "postfach/store.h"
#include "protocol/login_delay.h"
#include "protocol/mechanisms.h"
#include "selected.h"

namespace postfach::imap {

// RFC 9051 §3, as bits so that a command can name all states it is valid in.
enum class State : std::uint8_t { not_authenticated = 1, authenticated = 2, selected = 4 };

// What the client has switched on (RFC 5161, RFC 9051 §6.3.1): it lasts until the connection ends or UNAUTHENTICATE.
struct Enabled {
  bool condstore = false;                               // RFC 7162 §3.1: by ENABLE or by a command that uses it
  bool qresync = false;                                 // RFC 7162 §3.2; condstore too then
  bool rev2 = false;                                    // IMAP4rev2
  bool utf8 = false;                                    // UTF8=ACCEPT, RFC 6855
  bool uid_only = false;                                // RFC 9586
  Comparator comparator = Comparator::unicode_casemap;  // RFC 5255 §4.7

  // Whether mailbox names and quoted strings are UTF-8 on this connection (RFC 6855 §3, RFC 9051 §5.1).
  bool utf8_names() const noexcept { return utf8 || rev2; }
  // Whether expunged messages are told by VANISHED, not by EXPUNGE.
  bool vanished() const noexcept { return qresync || uid_only; }
};

// What APPENDs that are carried out together need not ask the store again and again: it has the last word in any case.
struct AppendBatch {
  Usage held;                     // by those that wait
  Usage assured;                  // fits as well, with them, in messages
  std::uint64_t largest = 0;      // of so many octets each
  std::string name;               // of the mailbox that was looked up last
  std::optional<Mailbox> target;  // and that one
};

struct Context {
  Context(postfach::Store the_store, std::shared_ptr<const SessionOptions> the_options, protocol::Peer the_peer,
          protocol::Ring the_ring)
      : store(std::move(the_store)),
        options(std::move(the_options)),
        peer(std::move(the_peer)),
        ring(std::move(the_ring)),
        bell(std::make_shared<DoorbellState>(ring)),
        login_delay(options->login_attempts, options->login_delay) {}

  State state() const noexcept {
    if (!account) return State::not_authenticated;
    return selected ? State::selected : State::authenticated;
  }
  // Whether a password may cross this connection (RFC 9051 §11.1).
  bool may_log_in() const noexcept { return peer.tls.has_value() || peer.trusted_cleartext; }

  protocol::LoginRules login_rules() const noexcept {
    return {store, options->authenticator, options->scram_lookup, options->tokens, options->scram};
  }
  // Looked up when it is first asked for, and the same until TLS starts or the client has logged out: what a client saw
  // in the list must be what its login is judged by.
  const protocol::MechanismSet& mechanisms() const {
    if (!known_mechanisms_) known_mechanisms_ = protocol::possible_mechanisms(login_rules(), peer.tls);
    return *known_mechanisms_;
  }
  void on_tls_started(protocol::TlsInfo info) {
    peer.tls = std::move(info);
    start_tls = false;
    known_mechanisms_.reset();
  }

  // RFC 8437 §4.1: all that belongs to the account goes, and all that it has switched on. TLS stays, and so does the
  // count of failed logins.
  void log_out() {
    selected.reset();
    enabled = {};
    account.reset();
    account_mask = {};
    known_mechanisms_.reset();
  }

  void log_in(Account who) {
    account_mask = options->account_capabilities ? options->account_capabilities(who) : CapabilityMask{};
    account = std::move(who);
  }

  void log(Severity severity, std::string_view event, std::string_view name, std::string_view detail = {}) const {
    const Observer& observer = store.options().observer;
    if (observer) observer({severity, event, name, peer.address, detail});
  }

  postfach::Store store;
  std::shared_ptr<const SessionOptions> options;
  protocol::Peer peer;
  protocol::Ring ring;
  std::shared_ptr<DoorbellState> bell;  // of the selected mailbox
  protocol::LoginDelay login_delay;
  protocol::Clock::time_point now{};
  std::string_view tag;  // of the command that runs

  // Of who has logged in. Whatever is added here, log_out() has to reset.
  std::optional<Account> account;
  CapabilityMask account_mask;
  std::unique_ptr<Selected> selected;
  Enabled enabled;
  Heartbeat heartbeat;
  bool compressed = false;  // COMPRESS=DEFLATE is active (RFC 4978)

  // Of commands that are carried out together with those that follow (Task::Step::join).
  bool early = false;  // the task is stepped before those that came before it are carried out
  AppendBatch batch;
  std::optional<OwnStep> own_step;  // what the command that ends now has done to the selected mailbox

  // What a command asks of the session; done once its answer is written.
  bool keep_numbers = false;  // no EXPUNGE at its end, whatever the table says
  bool start_tls = false;
  bool compress = false;
  bool close = false;

 private:
  mutable std::optional<protocol::MechanismSet> known_mechanisms_;
};

}  // namespace postfach::imap
