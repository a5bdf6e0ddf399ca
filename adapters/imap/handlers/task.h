// What a command becomes: an answer at once, or a task that goes on over as many steps as it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "imap/response/conditions.h"
#include "imap/state/context.h"

namespace postfach::imap {

// The tagged response. Untagged data was written before.
struct Answer {
  Condition condition = Condition::ok;
  std::string code = {};
  std::string text = {};
};

inline Answer ok(std::string_view text, std::string code = {}) {
  return {Condition::ok, std::move(code), std::string(text)};
}
inline Answer no(std::string_view text, std::string code = {}) {
  return {Condition::no, std::move(code), std::string(text)};
}
inline Answer bad(std::string_view text, std::string code = {}) {
  return {Condition::bad, std::move(code), std::string(text)};
}
// An error of the store.
Answer failed(const Error& error);
// The same where the client named a mailbox that is to receive messages: it may create it and try again
// (RFC 9051 §7.1).
Answer failed_target(const Error& error);
// The selected mailbox was opened with EXAMINE.
Answer read_only();
// A sequence number that there is not.
Answer bad_numbers();
// A sequence number, from a client that enabled UIDONLY (RFC 9586 §3).
Answer uid_required();
// Some messages of the command had been expunged by others, and the client does not know it yet (RFC 2180 §4.1.2,
// RFC 5530).
Answer ok_some_expunged(std::string_view text);

// How much of a long task is done, in messages or whatever it counts: done < goal.
struct Progress {
  std::uint64_t done = 0;
  std::uint64_t goal = 0;
};

// Commands of one kind that follow upon each other are carried out together, in one transaction that is synced once.
enum class Joins : std::uint8_t { nothing, store, append };

class Task {
 public:
  enum class Step : std::uint8_t {
    more,    // call again at once, or after the output so far is sent
    yield,   // call again, but let other connections have their turn
    wait,    // call again when the doorbell rang or deadline() came; the client's octets wait meanwhile
    line,    // as wait, and also when the client sent a line, which line() was given
    octets,  // let the literal come whose announcement ends the text; then call again
    join,    // nothing is left but a change that can wait for more of its kind: call carry_out(), and then again
    done,    // answer() is the tagged response
    abort,   // nothing sensible can be sent any more: close
  };

  virtual ~Task() = default;

  // Appends output to out until it has about soft_limit octets.
  virtual Step step(Context& context, std::string& out, std::size_t soft_limit) = 0;
  // A line that the client sent after Step::line, without its end.
  virtual void line(std::string_view /*text*/) {}
  // After Step::octets: the octets of the literal, cut anywhere, and then the text of the command up to the next
  // announcement or its end. The text lives until the next Step::octets.
  virtual void octets(std::string_view /*octets*/) {}
  virtual void text(std::string_view /*text*/) {}
  // With what it can be carried out.
  virtual Joins joins() const { return Joins::nothing; }
  // Of the first of several tasks that have come to Step::join: makes the changes of all of them, in their order. Each has
  // its own outcome, which its next step tells.
  virtual void carry_out(Context& /*context*/, std::span<Task* const> /*tasks*/) {}
  // Octets that it holds in memory until then.
  virtual std::size_t held_octets() const { return 0; }
  // While it waits.
  virtual std::optional<protocol::Clock::time_point> deadline() const { return {}; }
  // Whether the output so far ends within a response, so that no other may follow.
  virtual bool within_response() const { return false; }
  // How far it is, if it can tell: for INPROGRESS (RFC 9585). `done` never goes back.
  virtual std::optional<Progress> progress(const Context& /*context*/) const { return {}; }
  // Whether the client may take its time (IDLE).
  virtual bool is_idle() const { return false; }

  Answer& answer() noexcept { return answer_; }

 protected:
  Step done(Answer answer) {
    answer_ = std::move(answer);
    return Step::done;
  }

 private:
  Answer answer_;
};

using Outcome = std::variant<Answer, std::unique_ptr<Task>>;

}  // namespace postfach::imap
