// FETCH (RFC 9051 §6.4.5).
//
// Rows are read in short transactions that are closed before anything is sent, with the octets of small messages as far as
// they go out together. Those of a large one come from a pinned Body, in pieces: a literal that was announced is completed
// even if the message is expunged meanwhile. If it can't be completed the connection is closed, because there is no other
// way to tell the client.
#include "imap/handlers/fetch.h"

#include <algorithm>

#include "after_threads.h"
#include "handlers.h"
#include "imap/response/fetch_items.h"
#include "imap/state/capability.h"
#include "imap/state/updates.h"
#include "resync.h"

namespace postfach::imap {
namespace {

// Rows that wait to be sent with their octets.
constexpr std::size_t kBatchRows = 64;
constexpr std::size_t kBatchOctets = 64 * 1024;
constexpr std::size_t kMostPiece = 64 * 1024;
constexpr std::size_t kLeastPiece = 4 * 1024;
// Each reads some of its message, within the read transaction.
constexpr std::size_t kMostPreviews = 32;

// RFC 9051 §9 note 3: a literal has no NUL. A message that was delivered with one is sent with 0x80 instead, as Dovecot
// does: the size stays, and in a text it looks like what it is. BINARY sends the octet itself.
void replace_nuls(std::string& out, std::size_t from) noexcept {
  for (std::size_t at = out.find('\0', from); at != std::string::npos; at = out.find('\0', at + 1)) out[at] = '\x80';
}

}  // namespace

FetchTask::FetchTask(const Selected& selected, FetchItems items, UidSet uids, bool uid)
    : items_(std::move(items)), left_(selected.count(uids)), cursor_(std::move(uids)), uid_(uid) {
  row_items_ = items_;
  row_items_.sections.clear();
}

Task::Step FetchTask::step(Context& context, std::string& out, std::size_t soft_limit) {
  return items_.sections.empty() ? tell_rows(context, out, soft_limit) : tell_octets(context, out, soft_limit);
}

Task::Step FetchTask::complete() {
  if (undecodable_) return done(no("Unknown Content-Transfer-Encoding", "UNKNOWN-CTE"));
  return done(left_ == 0 || uid_ ? ok("Fetch completed") : ok_some_expunged("Fetch completed"));
}

Task::Step FetchTask::tell_rows(Context& context, std::string& out, std::size_t soft_limit) {
  Selected& selected = *context.selected;
  while (!cursor_.at_end()) {
    if (out.size() >= soft_limit) return Step::more;
    const UidSet chunk = cursor_.next();
    Uid last = chunk.max();
    std::size_t previews = 0;
    const Result<void> fetched = selected.mailbox().fetch(chunk, fields_for(items_), [&](const MessageView& message) {
      if (items_.flags) tell_keywords(selected, *message.keyword_names, out);
      FetchResponse response = begin_fetch(context, message.uid, out);
      response.row(items_, message, selected.is_recent(message.uid));
      if (items_.modseq) selected.known_modseq().fetched(message.modseq);
      response.end();
      --left_;
      if (out.size() < soft_limit && (!items_.preview || ++previews < kMostPreviews)) return true;
      last = message.uid;
      return false;
    });
    if (!fetched) return done(failed(fetched.error()));
    cursor_.pass(last);
    if (items_.preview && !cursor_.at_end()) return Step::yield;
  }
  return complete();
}

Task::Step FetchTask::tell_octets(Context& context, std::string& out, std::size_t soft_limit) {
  for (;;) {
    if (response_) {
      switch (tell_message(*context.selected, out, soft_limit)) {
        case Told::all:
          break;
        case Told::more:
          return Step::more;
        case Told::yield:
          return Step::yield;
        case Told::broken:
          return Step::abort;
      }
    }
    if (row_ < rows_.size()) {
      if (out.size() >= soft_limit) return Step::more;
      const Result<bool> begun = begin_message(context, out);
      if (!begun) return done(failed(begun.error()));
      if (!*begun) ++row_;
      continue;
    }
    if (cursor_.at_end()) return complete();
    if (out.size() >= soft_limit) return Step::more;
    if (const Result<void> read = read_rows(context, out, soft_limit); !read) return done(failed(read.error()));
  }
}

void FetchTask::Row::find_range() noexcept {
  std::uint64_t begin = UINT64_MAX;
  std::uint64_t end = 0;
  for (const ItemPlace& place : places) {
    if (place.range.size == 0 || !place.is_decodable()) continue;
    begin = std::min(begin, place.range.offset);
    end = std::max(end, place.range.offset + place.range.size);
  }
  range = end == 0 ? message::Range() : message::Range{begin, end - begin};
}

Result<void> FetchTask::read_rows(Context& context, std::string& out, std::size_t soft_limit) {
  Selected& selected = *context.selected;
  rows_.clear();
  row_ = 0;
  std::uint64_t octets = out.size();
  std::size_t held = 0;
  UidSet unseen;
  const bool may_set_seen = items_.sets_seen() && !selected.read_only();
  const UidSet chunk = cursor_.next();
  Uid last = chunk.max();
  const Result<void> fetched =
      selected.mailbox().fetch(chunk, fields_for(items_) | Field::octets, [&](const MessageView& message) {
        tell_keywords(selected, *message.keyword_names, out);
        Row& row = rows_.emplace_back();
        row.view = message;
        row.view.octets = nullptr;
        row.envelope = message.envelope;
        row.body_structure = message.body_structure;
        row.preview = message.preview;
        row.email_id = message.email_id;
        row.thread_id = message.thread_id;
        for (const BodyItem& item : items_.sections) {
          row.places.push_back(place_of(item, message));
          octets += row.places.back().range.size;
        }
        row.find_range();
        row.is_read = row.range.size != 0 && row.range.size <= kMostPiece &&
                      message.octets->read(row.range.offset, row.range.size, row.octets);
        held += row.envelope.size() + row.body_structure.size() + row.places.size() * sizeof(ItemPlace);
        if (may_set_seen && !message.flags.has(Flag::seen) && sets_seen(row)) unseen.add(message.uid);
        if (rows_.size() < kBatchRows && held < kBatchOctets && octets < soft_limit) return true;
        last = message.uid;
        return false;
      });
  if (!fetched) return fetched.error();
  cursor_.pass(last);
  if (!unseen.empty()) set_seen(selected, unseen);
  return {};
}

// Before the octets, so that the FLAGS that go with them are true. Without room on the disk mail can still be read.
void FetchTask::set_seen(Selected& selected, const UidSet& unseen) {
  const Result<Stored> stored = selected.mailbox().store(
      unseen, {.change = FlagChange::add, .flags = Flag::seen, .known_modseq = selected.modseq()});
  if (!stored) return;
  selected.add_own_change(stored->modseq, stored->changed.minus(stored->changed_by_others));
  for (Row& row : rows_) {
    if (!stored->changed.contains(row.view.uid)) continue;
    row.view.flags |= Flag::seen;
    row.view.modseq = stored->modseq;
    row.newly_seen = true;
  }
}

// Only what can be told counts as read.
bool FetchTask::sets_seen(const Row& row) const noexcept {
  for (std::size_t i = 0; i < row.places.size(); ++i) {
    if (!items_.sections[i].peek && row.places[i].is_decodable()) return true;
  }
  return false;
}

Result<bool> FetchTask::begin_message(const Context& context, std::string& out) {
  Selected& selected = *context.selected;
  Row& row = rows_[row_];
  bool tells = row_items_ != FetchItems{} || row.newly_seen;
  for (const ItemPlace& place : row.places) {
    tells = tells || place.is_decodable();
    undecodable_ = undecodable_ || !place.is_decodable();
  }
  octets_ = {};
  if (row.is_read) {
    octets_ = {.memory = &row.octets, .begin = row.range.offset, .body_id = row.view.body_id};
  } else if (row.range.size != 0) {
    Result<Body> body = selected.mailbox().open(row.view.uid, row.range.offset, row.range.size);
    if (!body && body.error().code == Errc::not_found) return false;  // expunged by another
    if (!body) return body.error();
    if (body->size() != row.range.size) return Error{Errc::corrupt, "a message is shorter than its row says"};
    body_.emplace(*std::move(body));
    octets_ = {.body = &*body_, .begin = row.range.offset, .body_id = row.view.body_id};
  }
  --left_;
  if (!tells) return false;

  FetchItems items = row_items_;
  if (row.newly_seen) {
    // The change is told as one by anybody else would be (RFC 7162 §3.2.4).
    items.flags = true;
    items.modseq = items.modseq || context.enabled.condstore;
    items.uid = items.uid || (context.enabled.condstore && !context.enabled.uid_only);
  }
  if (items.modseq) selected.known_modseq().fetched(row.view.modseq);
  row.view.envelope = row.envelope;
  row.view.body_structure = row.body_structure;
  row.view.preview = row.preview;
  row.view.email_id = row.email_id;
  row.view.thread_id = row.thread_id;
  row.view.keyword_names = &selected.keywords();
  response_.emplace(begin_fetch(context, row.view.uid, out));
  response_->row(items, row.view, selected.is_recent(row.view.uid));
  item_ = 0;
  return true;
}

FetchTask::Told FetchTask::tell_message(Selected& selected, std::string& out, std::size_t soft_limit) {
  response_->go_on(out);
  for (; item_ < items_.sections.size(); ++item_) {
    if (!rows_[row_].places[item_].is_decodable()) continue;
    if (const Told told = tell_item(selected, out, soft_limit); told != Told::all) return told;
    source_.reset();
    is_announced_ = false;
  }
  response_->end();
  response_.reset();
  octets_ = {};
  body_.reset();
  ++row_;
  return Told::all;
}

FetchTask::Told FetchTask::tell_item(Selected& selected, std::string& out, std::size_t soft_limit) {
  const BodyItem& item = items_.sections[item_];
  if (!source_) source_.emplace(item, rows_[row_].places[item_], octets_, selected.last_decoded());
  if (!is_announced_) {
    switch (source_->prepare()) {
      case Prepared::ready:
        break;
      case Prepared::again:
        return Told::yield;
      case Prepared::broken:
        return Told::broken;
    }
    if (item.label == BodyItem::Label::binary_size) {
      response_->size(item, source_->left());
      return Told::all;
    }
    response_->octets(item, source_->left(), source_->has_nul());
    is_announced_ = true;
  }
  while (source_->left() > 0) {
    if (out.size() >= soft_limit) return Told::more;
    const std::size_t had = out.size();
    if (!source_->read(std::clamp(soft_limit - out.size(), kLeastPiece, kMostPiece), out)) return Told::broken;
    if (item.label != BodyItem::Label::binary) replace_nuls(out, had);
  }
  return Told::all;
}

namespace {

// What is not offered is as unknown here as it is to the parser of a server that does not have it.
bool may_fetch(const Context& context, const FetchItems& items) {
  // RFC 9051 App. B: IMAP4rev2 has BINARY but for APPEND.
  return (!items.has_binary() || offers(context, "BINARY") || offers(context, "IMAP4rev2")) &&
         (!items.preview || offers(context, "PREVIEW")) && (!items.save_date || offers(context, "SAVEDATE")) &&
         (!items.modseq || offers_condstore(context));
}

// RFC 7162 §3.2.6: what may not stand together.
std::optional<Answer> check(const Context& context, const Fetch& fetch, bool uid) {
  const FetchModifiers& modifiers = fetch.modifiers;
  if (!may_fetch(context, fetch.items)) return bad("Unknown FETCH item");
  if ((modifiers.changed_since || modifiers.vanished) && !offers_condstore(context)) {
    return bad("Unknown FETCH modifier");
  }
  if ((fetch.items.email_id || fetch.items.thread_id) && !offers(context, "OBJECTID")) return bad("Unknown FETCH item");
  if (modifiers.partial && !offers(context, "PARTIAL")) return bad("Unknown FETCH modifier");
  if (!modifiers.vanished) return {};
  if (!uid) return bad("VANISHED is for UID FETCH alone");
  if (!context.enabled.qresync) return bad("VANISHED needs ENABLE QRESYNC first");
  if (!modifiers.changed_since) return bad("VANISHED needs CHANGEDSINCE");
  return {};
}

// The UIDs that VANISHED is to report on. "*" reaches up to the highest UID that was ever given out: the client may know
// messages beyond the last one.
UidSet asked_for(const Selected& selected, const NumberSet& messages) {
  if (messages.is_saved_result()) return *selected.resolve(messages, true);  // which what was expunged has left
  UidSet asked = messages.uids(selected.last_uid());
  if (messages.has_star()) {
    const UidSet beyond = messages.uids(selected.uid_next() - 1);
    for (const UidRange& range : beyond.ranges()) asked.add(range.first, range.last);
  }
  return asked;
}

Outcome begin_fetch_task(Context& context, Fetch arguments, bool uid, std::string& out) {
  if (std::optional<Answer> answer = check(context, arguments, uid)) return *std::move(answer);
  const Selected& selected = *context.selected;
  std::optional<UidSet> uids = selected.resolve(arguments.messages, uid);
  if (!uids) return bad_numbers();
  FetchItems& items = arguments.items;
  // UIDFETCH has it in front already.
  items.uid = items.uid || (uid && !context.enabled.uid_only);
  const FetchModifiers& modifiers = arguments.modifiers;
  items.modseq = items.modseq || modifiers.changed_since;
  if (items.modseq) enable_condstore(context, out);
  // RFC 9394 §3.4: before CHANGEDSINCE leaves out what did not change.
  if (modifiers.partial) *uids = slice(selected.known(*uids), *modifiers.partial);
  if (!modifiers.changed_since) return std::make_unique<FetchTask>(selected, std::move(items), *std::move(uids), uid);

  const UidSet asked = modifiers.vanished ? asked_for(selected, arguments.messages) : *uids;
  Result<Missed> missed = missed_since(selected, *modifiers.changed_since, asked);
  if (!missed) return failed(missed.error());
  auto fetched = std::make_unique<FetchTask>(selected, std::move(items), missed->changed.intersection(*uids), uid);
  if (!modifiers.vanished) return fetched;
  return std::make_unique<ResyncTask>(std::move(missed->vanished), std::move(fetched));
}

Outcome fetch(Context& context, Fetch arguments, bool uid, std::string& out) {
  const bool needs_threads = arguments.items.thread_id;
  Outcome outcome = begin_fetch_task(context, std::move(arguments), uid, out);
  auto* const task = std::get_if<std::unique_ptr<Task>>(&outcome);
  if (!needs_threads || task == nullptr) return outcome;
  return std::make_unique<AfterThreads>(std::move(*task), true);
}

}  // namespace

Outcome handle_fetch(Context& context, Fetch arguments, std::string& out) {
  return fetch(context, std::move(arguments), false, out);
}
Outcome handle_uid_fetch(Context& context, Fetch arguments, std::string& out) {
  return fetch(context, std::move(arguments), true, out);
}

}  // namespace postfach::imap
