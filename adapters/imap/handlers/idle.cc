#include <algorithm>

#include "base/ascii.h"
#include "handlers.h"
#include "imap/state/updates.h"

namespace postfach::imap {
namespace {

// RFC 2177. Holds nothing of the store but the subscription of the selected mailbox.
class IdleTask : public Task {
 public:
  Step step(Context& context, std::string& out, std::size_t soft_limit) override {
    if (!started_) {
      started_ = true;
      append_continuation(out, "idling");
      context.bell->listen(true);
      rest(context);
      updates_.emplace(true);
    }
    const bool is_due = context.bell->rung() || (sweep_ && *sweep_ <= context.now);
    if (!updates_ && !line_ && is_due) updates_.emplace(true);
    if (updates_) {
      const std::size_t before = out.size();
      const Updates::Step step = updates_->step(context, out, soft_limit);
      if (out.size() != before) {
        rest(context);
        last_beat_.reset();
      }
      if (step == Updates::Step::more) return Step::more;
      if (step == Updates::Step::yield) return Step::yield;
      updates_.reset();
      if (step == Updates::Step::mailbox_gone) return finish(context, {Condition::bye, {}, "The mailbox was deleted"});
      sweep_ = context.selected ? context.selected->contexts().next_sweep() : std::nullopt;
    }
    if (line_) {
      context.heartbeat.on_done(context.now, last_beat_);
      return finish(context, base::equals_ignoring_case(base::trim(*line_), "DONE") ? ok("Idle completed")
                                                                                    : bad("DONE was expected"));
    }
    if (beat_ && *beat_ <= context.now) {
      append_untagged(out, Condition::ok, {}, "Still here");
      rest(context);
      last_beat_ = context.now;
    }
    return Step::line;
  }

  void line(std::string_view text) override { line_ = text.substr(0, 16); }
  std::optional<protocol::Clock::time_point> deadline() const override {
    return beat_ && sweep_ ? std::min(*beat_, *sweep_) : beat_ ? beat_ : sweep_;
  }
  bool is_idle() const override { return true; }

 private:
  void rest(const Context& context) {
    const std::chrono::seconds interval = context.heartbeat.interval(*context.options);
    if (interval.count() > 0) beat_ = context.now + interval;
  }
  Step finish(Context& context, Answer answer) {
    context.bell->listen(false);
    return done(std::move(answer));
  }

  bool started_ = false;
  std::optional<Updates> updates_;
  std::optional<std::string> line_;
  std::optional<protocol::Clock::time_point> beat_;       // the next one
  std::optional<protocol::Clock::time_point> last_beat_;  // with nothing after it
  std::optional<protocol::Clock::time_point> sweep_;      // of search results that depend on the time
};

}  // namespace

Outcome handle_idle(Context&, std::string&) { return std::make_unique<IdleTask>(); }

}  // namespace postfach::imap
