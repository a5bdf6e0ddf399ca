#include "append.h"

#include <utility>

#include "handlers.h"
#include "imap/state/capability.h"

namespace postfach::imap {
namespace {

// Messages of one command or, with CATENATE, their literals and URLs. The transaction that stores so many messages holds
// up other writers of the account for some ten milliseconds; each URL costs some queries.
constexpr std::size_t kMostParts = 1000;
// Until the command ends its small messages are in memory, as much as an import holds,
constexpr std::size_t kMostMemory = std::size_t{16} * 1024 * 1024;
// and each large one keeps a file open, of which the process has perhaps 1024.
constexpr std::size_t kMostFiles = 64;
// Times the largest message: what all of one command may be. Until they are stored they are on the disk without counting
// in any usage.
constexpr std::uint64_t kMostLargest = 4;
constexpr std::size_t kMostUrl = std::size_t{8} * 1024;
// Octets that a step copies or encodes, and what a URL costs besides.
constexpr std::uint64_t kStep = std::uint64_t{1024} * 1024;
constexpr std::uint64_t kUrlCost = std::uint64_t{16} * 1024;
// What is asked for ahead where more APPENDs may come along with the first one.
constexpr Usage kAhead{std::uint64_t{1024} * 1024, 64};
constexpr std::uint64_t kLargestAhead = std::uint64_t{64} * 1024;
constexpr std::size_t kPiece = std::size_t{64} * 1024;

Answer too_big() { return no("The message is too big", "TOOBIG"); }
Answer too_much(std::string_view text) { return no(text, "LIMIT"); }
Answer expunged() { return no("The message was expunged", "EXPUNGEISSUED"); }
Answer empty() { return no("A message needs at least one octet"); }

Answer failed_spool(const Error& error) { return error.code == Errc::limit ? too_big() : failed(error); }

}  // namespace

AppendTask::AppendTask(Append arguments, const AppendParser::Syntax& syntax, std::string_view text)
    : mailbox_(std::move(arguments.mailbox)), parser_(syntax) {
  parser_.set_text(text);
}

AppendTask::AppendTask(Replace arguments, bool uid, const AppendParser::Syntax& syntax, std::string_view text)
    : mailbox_(std::move(arguments.mailbox)), number_(std::move(arguments.message)), is_uid_(uid), parser_(syntax) {
  parser_.set_text(text);
}

Task::Step AppendTask::step(Context& context, std::string& out, std::size_t) {
  if (trouble_) return refuse(*std::exchange(trouble_, std::nullopt));
  std::uint64_t budget = kStep;
  if (std::exchange(takes_url_, false)) work_ = Work::url;
  for (;;) {
    std::optional<Step> step;
    switch (work_) {
      case Work::parse:
        step = parse(context);
        break;
      case Work::literal:
        step = begin_literal(context);
        break;
      case Work::url:
        // It may be of a message that a command before this one appends.
        step = context.early ? Step::more : begin_url(context);
        break;
      case Work::copy:
        step = copy_url(budget);
        break;
      case Work::encode:
        step = encode(budget);
        break;
      case Work::store:
        step = store(context, out);
        break;
    }
    if (step) return *step;
    if (budget == 0) return Step::yield;
  }
}

// Nothing of the command stays, not even until the session lets go of the task.
Task::Step AppendTask::refuse(Answer answer) {
  messages_.clear();
  source_.reset();
  encoder_.reset();
  encoded_.reset();
  spool_.reset();
  return done(std::move(answer));
}

std::optional<Task::Step> AppendTask::parse(Context& context) {
  switch (parser_.next()) {
    case AppendParser::Event::message:
      spool_.emplace(context.account->unchecked_spool());
      has_nul_ = false;
      return {};
    case AppendParser::Event::literal:
      work_ = Work::literal;
      return {};
    case AppendParser::Event::url_literal:
      if (parser_.literal().size > kMostUrl) return refuse(bad("URL too long"));
      url_.clear();
      takes_url_ = true;
      return Step::octets;
    case AppendParser::Event::url:
      if (parser_.url().size() > kMostUrl) return refuse(bad("URL too long"));
      url_ = parser_.url();
      work_ = Work::url;
      return {};
    case AppendParser::Event::message_end:
      return end_message(context);
    case AppendParser::Event::end:
      work_ = Work::store;
      return {};
    case AppendParser::Event::error:
      break;
  }
  return refuse(bad(parser_.error()));
}

// Where messages go, and which one goes: not before the syntax of the first literal's announcement is known to be right,
// but before its octets are asked for.
std::optional<Answer> AppendTask::find_mailboxes(Context& context) {
  if (target_) return {};
  if (number_) {
    const Selected& selected = *context.selected;
    if (selected.read_only()) return read_only();
    const std::optional<UidSet> uids = selected.resolve(*number_, is_uid_);
    if (!uids) return bad_numbers();
    if (uids->empty()) return no("No message with such a UID", "NONEXISTENT");
    replaced_ = uids->min();
    const Result<void> found =
        selected.mailbox().fetch(UidSet::of(replaced_, replaced_), Field::none, [this](const MessageView& view) {
          freed_ = {view.size, 1};
          return false;
        });
    if (!found) return failed(found.error());
    if (freed_.messages == 0) return expunged();
  }
  AppendBatch& batch = context.batch;
  if (!batch.target || batch.name != mailbox_) {
    const Result<Mailbox> target = context.account->mailbox(mailbox_);
    if (!target) return failed_target(target.error());
    batch.target = *target;
    batch.name = mailbox_;
  }
  target_ = batch.target;
  return {};
}

std::optional<Answer> AppendTask::objection(Context& context, std::uint64_t more) {
  const std::uint64_t largest = context.store.options().max_message_size;
  if (more > largest || spool_->size() > largest - more) return too_big();
  if (parts_ == kMostParts) return too_much("Too many messages or parts in one command");
  Usage added{gathered_.bytes + spool_->size() + more, gathered_.messages + 1};
  if (added.bytes / kMostLargest > largest) return too_much("Too many octets in one command");
  if (const Result<void> fits = check_quota(context, added, spool_->size() + more); !fits) {
    return fits.error().code == Errc::limit ? too_big() : failed(fits.error());
  }
  ++parts_;
  return {};
}

// RFC 9051 §6.3.12, RFC 5530: told before the octets are sent.
Result<void> AppendTask::check_quota(Context& context, Usage added, std::uint64_t largest) const {
  AppendBatch& batch = context.batch;
  added.bytes += batch.held.bytes;
  added.messages += batch.held.messages;
  const auto is_assured = [&] {
    return added.bytes <= batch.assured.bytes && added.messages <= batch.assured.messages && largest <= batch.largest;
  };
  if (joins() == Joins::append && batch.held.messages == 0 && !is_assured()) {
    const Usage ahead{std::max(added.bytes, kAhead.bytes), std::max(added.messages, kAhead.messages)};
    const std::uint64_t large = std::max(largest, kLargestAhead);
    if (context.account->check_quota(ahead, freed_, large)) {
      batch.assured = ahead;
      batch.largest = large;
    }
  }
  if (joins() == Joins::append && is_assured()) return {};
  return context.account->check_quota(added, freed_, largest);
}

std::optional<Task::Step> AppendTask::begin_literal(Context& context) {
  const AppendParser::Literal& literal = parser_.literal();
  if (std::optional<Answer> answer = find_mailboxes(context)) return refuse(*std::move(answer));
  if (std::optional<Answer> answer = objection(context, literal.size)) {
    if (context.batch.held.messages == 0) return refuse(*std::move(answer));
    return Step::more;  // what came before may fail, and leave its room to this one
  }
  work_ = Work::parse;
  // RFC 3502 §6.3.11: how a client cancels the command.
  if (literal.is_message && literal.size == 0) return refuse(empty());
  may_have_nul_ = literal.is_binary;
  return Step::octets;
}

void AppendTask::octets(std::string_view octets) {
  if (trouble_) return;  // the client sends them all the same
  if (takes_url_) {
    url_ += octets;
    return;
  }
  write(octets);
  // What was spooled so far need not wait for the end of a literal of some hundred megabytes.
  if (trouble_) {
    messages_.clear();
    spool_.reset();
  }
}

void AppendTask::write(std::string_view octets) {
  if (octets.find('\0') != std::string_view::npos) {
    has_nul_ = true;
    // RFC 9051 §9 CHAR8
    if (!may_have_nul_) {
      trouble_ = no("The message has a NUL, which only a literal8 may have");
      return;
    }
  }
  const Result<void> written = spool_->write(octets);
  if (!written) trouble_ = failed_spool(written.error());
}

std::optional<Task::Step> AppendTask::begin_url(Context& context) {
  if (std::optional<Answer> answer = find_mailboxes(context)) return refuse(*std::move(answer));
  std::variant<Answer, UrlOctets> opened = UrlOctets::open(context, url_);
  if (auto* answer = std::get_if<Answer>(&opened)) return refuse(std::move(*answer));
  source_.emplace(std::get<UrlOctets>(std::move(opened)));
  if (std::optional<Answer> answer = objection(context, source_->size())) return refuse(*std::move(answer));
  // RFC 4469 §3: octets as they are. A message that was delivered with a NUL has it here too.
  may_have_nul_ = true;
  copied_ = 0;
  work_ = Work::copy;
  return {};
}

std::optional<Task::Step> AppendTask::copy_url(std::uint64_t& budget) {
  budget -= std::min(budget, kUrlCost);
  while (copied_ < source_->size() && budget > 0) {
    piece_.clear();
    const Result<std::size_t> read = source_->read(copied_, kPiece, piece_);
    if (!read) return refuse(failed(read.error()));
    if (*read == 0) return refuse(failed({Errc::unavailable, "a message is shorter than recorded"}));
    write(piece_);
    if (trouble_) return refuse(*std::exchange(trouble_, std::nullopt));
    copied_ += *read;
    budget -= std::min<std::uint64_t>(budget, *read);
  }
  if (copied_ < source_->size()) return {};
  source_.reset();
  work_ = Work::parse;
  return {};
}

std::optional<Task::Step> AppendTask::end_message(const Context& context) {
  if (spool_->size() == 0) return refuse(empty());  // of CATENATE
  if (const Result<void> finished = spool_->finish(); !finished) return refuse(failed(finished.error()));
  if (!has_nul_) return gather();
  encoder_.emplace(spool_->sections(), spool_->size());
  encoded_.emplace(context.account->unchecked_spool());
  work_ = Work::encode;
  return {};
}

// RFC 3516 §6: what FETCH BODY sends has to fit in a literal. So a part with a NUL is kept in base64.
std::optional<Task::Step> AppendTask::encode(std::uint64_t& budget) {
  const Result<bool> done = encoder_->step(
      [this](std::uint64_t offset, std::size_t most, std::string& out) { return spool_->read(offset, most, out); },
      [this](std::string_view octets) { return encoded_->write(octets); }, budget);
  budget = 0;
  if (!done) {
    if (done.error().code != Errc::invalid_argument) return refuse(failed_spool(done.error()));
    return refuse(no("The message has a NUL outside of a binary part", "UNKNOWN-CTE"));
  }
  if (!*done) return {};
  encoder_.reset();
  spool_ = *std::exchange(encoded_, std::nullopt);
  if (const Result<void> finished = spool_->finish(); !finished) return refuse(failed(finished.error()));
  work_ = Work::parse;
  return gather();
}

std::optional<Task::Step> AppendTask::gather() {
  gathered_.bytes += spool_->size();
  ++gathered_.messages;
  memory_ += spool_->memory();
  files_ += spool_->is_file() ? 1 : 0;
  // A single one is never too much.
  if (!messages_.empty() && (memory_ > kMostMemory || files_ > kMostFiles)) {
    return refuse(too_much("Too many octets in one command"));
  }
  messages_.push_back({.content = *std::exchange(spool_, std::nullopt),
                       .flags = parser_.flags().flags,
                       .keywords = std::move(parser_.flags().keywords),
                       .internal_date = parser_.internal_date()});
  return {};
}

void AppendTask::carry_out(Context& context, std::span<Task* const> tasks) {
  std::vector<AppendRequest> requests;
  requests.reserve(tasks.size());
  for (Task* const each : tasks) {
    auto& task = *static_cast<AppendTask*>(each);
    requests.push_back({.target = *task.target_, .message = std::move(task.messages_.front())});
    task.messages_.clear();
  }
  std::vector<Result<Appended>> results = context.account->append(std::move(requests));
  bool is_seen = false;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    auto& task = *static_cast<AppendTask*>(tasks[i]);
    is_seen = is_seen || (results[i] && task.appends_to_selected(context));
    task.appended_ = std::move(results[i]);
  }
  if (is_seen) context.bell->forget_own();
}

bool AppendTask::appends_to_selected(const Context& context) const {
  return context.selected && context.selected->mailbox().id() == target_->id();
}

Task::Step AppendTask::tell_appended(Context& context) {
  const Result<Appended>& appended = *appended_;
  if (!appended) return refuse(failed_target(appended.error()));
  if (appends_to_selected(context)) {
    context.own_step = OwnStep{.before = appended->before, .modseq = appended->modseq, .added = appended->uids.front()};
  }
  return done(ok("Append completed", offers_uid_codes(context) ? code_append_uid(*appended) : std::string()));
}

Task::Step AppendTask::store(Context& context, std::string& out) {
  if (appended_) return tell_appended(context);
  if (!number_ && messages_.size() == 1) return Step::join;
  if (context.early) return Step::more;
  if (!number_) {
    const Result<Appended> appended = target_->append(std::move(messages_));
    if (!appended) return refuse(failed_target(appended.error()));
    return done(ok("Append completed", offers_uid_codes(context) ? code_append_uid(*appended) : std::string()));
  }
  Selected& selected = *context.selected;
  const Result<Replaced> replaced = selected.mailbox().replace(replaced_, *target_, std::move(messages_.front()));
  if (!replaced) return refuse(failed_target(replaced.error()));
  if (replaced->appended.uids.empty()) return refuse(expunged());
  // RFC 8508 §4.3: APPENDUID before the EXPUNGE, which comes with the updates that end the command.
  if (offers_uid_codes(context)) {
    append_untagged(out, Condition::ok, code_append_uid(replaced->appended), "Replacement stored");
  }
  selected.mark_expunged(UidSet::of(replaced_, replaced_));
  return done(ok("Replace completed"));
}

namespace {

AppendParser::Syntax syntax_for(const Context& context) {
  return {.multiappend = offers(context, "MULTIAPPEND"),
          .catenate = offers(context, "CATENATE"),
          .binary = offers(context, "BINARY"),
          .utf8 = context.enabled.utf8,
          .utf8_names = context.enabled.utf8_names()};
}

Outcome replace(const Context& context, Replace arguments, bool uid, std::string_view rest) {
  AppendParser::Syntax syntax = syntax_for(context);
  syntax.multiappend = false;  // RFC 8508 §4.7
  return std::make_unique<AppendTask>(std::move(arguments), uid, syntax, rest);
}

}  // namespace

Outcome handle_append(Context& context, Append arguments, std::string_view rest) {
  return std::make_unique<AppendTask>(std::move(arguments), syntax_for(context), rest);
}
Outcome handle_replace(Context& context, Replace arguments, std::string_view rest) {
  return replace(context, std::move(arguments), false, rest);
}
Outcome handle_uid_replace(Context& context, Replace arguments, std::string_view rest) {
  return replace(context, std::move(arguments), true, rest);
}

}  // namespace postfach::imap
