// The loop of a session: frames, runs one command at a time, tells what changed, answers.
//
// Invariants:
// - One command at a time: while one runs, receive() takes nothing, but for the octets of its literals and the lines
//   that its task asked for. But STOREs, and APPENDs, that follow upon each other are held until one comes that is none
//   of these, or the octets come to an end: then they are carried out in one transaction, and answered one by one, each
//   with what it would have been answered alone. Nothing is held across a produce().
// - The tagged response of a command is the last thing written for it.
// - A fault inside a handler ends this session and nothing else.
// - Compression (RFC 4978) is between the connection and all that: what is below knows only octets in clear.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "commands.h"
#include "imap/handlers/task.h"
#include "imap/state/context.h"
#include "imap/state/updates.h"
#include "imap/wire/framer.h"
#include "protocol/deflate.h"

namespace postfach::imap {

class Session final : public protocol::Session {
 public:
  Session(postfach::Store store, std::shared_ptr<const SessionOptions> options, protocol::Peer peer,
          protocol::Ring ring);

  void set_now(protocol::Clock::time_point now) override;
  std::size_t receive(std::string_view octets) override;
  void produce(std::string& out, std::size_t soft_limit) override;
  protocol::Want want() const override;
  bool may_join() const override;
  std::optional<protocol::Clock::time_point> deadline() const override;
  bool authenticated() const override { return context_.account.has_value(); }
  void on_tls_started(protocol::TlsInfo info) override;
  void on_deadline() override;
  void on_store_changed() override;
  void on_shutdown() override;
  void on_disconnect() override;

 private:
  enum class Stage : std::uint8_t {
    greeting,
    ready,    // for octets of a command
    command,  // one is complete and waits in the framer
    task,     // it has become a task
    updates,  // the task is done; the client is told what changed
    answer,   // and then what became of the command
  };

  // What is held, at most. Each of them holds up other writers of the account for some hundredth of a millisecond,
  static constexpr std::size_t kMostHeld = 64;
  // and is in memory until then; the last one may go beyond.
  static constexpr std::size_t kMostHeldOctets = std::size_t{1024} * 1024;

  struct Held {
    std::string tag;
    Sync sync;
    std::unique_ptr<Task> task;
  };
  // The command that runs, or what there is of it, while those that were held are answered.
  struct Later {
    Stage stage = Stage::ready;
    bool task_due = false;
    Task::Step task_step = Task::Step::more;
    Sync sync = Sync::none;
    std::string tag;
    Answer answer;
    std::unique_ptr<Task> task;
    std::optional<Updates> updates;
  };

  // Octets that one call inflates: compressed ones can stand for a thousand times as many, and others want their turn.
  static constexpr std::size_t kMostInflated = 64 * 1024;

  // receive(). Of compressed octets no more are inflated than the budget.
  void take_in(std::string_view& octets, std::size_t& budget);
  bool take_inflated(std::string_view& octets, std::size_t& budget);
  void take_octets(std::string_view& octets);
  void take(Framer::Event event);
  void literal();
  void refuse_literal(std::string_view tag, const Answer& answer);
  void framing_error();
  void let_go_of_text();

  // session_held.cc: commands that are carried out together.
  void run_early();
  bool is_early(Joins joins) const noexcept;
  Joins joins_of_text() const noexcept;
  bool must_wait(Framer::Event event) const noexcept;
  bool may_hold_more() const noexcept;
  bool takes_input() const { return want_clear() == protocol::Want::read || may_hold_more(); }
  void hold();
  void carry_out();
  void take_up_held();
  void after_held();

  // produce()
  void produce_clear(std::string& out, std::size_t soft_limit, bool& yields);
  void produce_compressed(std::string& out, std::size_t soft_limit);
  void advance(std::string& out, std::size_t soft_limit, bool& yields);
  void run_command(std::string& out);
  void run_task(std::string& out, std::size_t soft_limit, bool& yields);
  void run_updates(std::string& out, std::size_t soft_limit, bool& yields);
  void tell_progress(std::string& out);
  void end_task(Answer answer);
  void settle_modseq(Answer& answer, std::string& out);
  void write_answer(std::string& out);
  void begin_again();
  void count_answer(Condition condition, std::string& out);
  void fault(std::string& out, std::size_t mark, bool within_response) noexcept;

  void say_goodbye(std::string_view text, std::string_view code = {});
  void close() noexcept;
  bool takes_octets() const noexcept { return is_waiting() && task_step_ == Task::Step::octets; }
  std::uint64_t most_skipped() const noexcept;
  protocol::Want want_clear() const;  // without what is left of compressed octets
  bool is_waiting() const noexcept { return stage_ == Stage::task && !task_due_; }
  std::optional<protocol::Clock::time_point> patience() const;

  Context context_;
  Framer framer_;
  std::string pending_;  // output that receive() or an event made; short

  Stage stage_ = Stage::greeting;
  bool closing_ = false;
  bool receiving_ = false;  // in the middle of a command
  bool task_due_ = false;   // to be stepped, not waiting
  Task::Step task_step_ = Task::Step::more;
  bool mailbox_gone_ = false;
  Sync sync_ = Sync::none;
  unsigned bad_commands_ = 0;

  std::string tag_;
  Answer answer_;
  std::unique_ptr<Task> task_;
  std::optional<Updates> updates_;
  std::unique_ptr<protocol::Deflate> compression_;  // null: none

  std::vector<Held> held_;
  std::size_t held_octets_ = 0;
  Joins held_kind_ = Joins::nothing;
  std::size_t answered_ = 0;            // of held_
  std::unique_ptr<Later> later_;        // while held_ is answered
  std::optional<Framer::Event> event_;  // to be looked at when held_ is answered

  std::optional<protocol::Clock::time_point> login_deadline_;
  protocol::Clock::time_point last_octets_{};
  protocol::Clock::time_point last_output_{};  // of the current task
};

}  // namespace postfach::imap
