// FETCH (RFC 9051 §6.4.5).
//
// Rows are read in short transactions that are closed before anything is sent. Octets of a message come from a pinned
// Body, in pieces: a literal that was announced is completed even if the message is expunged meanwhile. If it can't be
// completed the connection is closed, because there is no other way to tell the client.
#include "imap/handlers/fetch.h"

#include <algorithm>

#include "handlers.h"
#include "imap/response/fetch_items.h"
#include "imap/state/updates.h"
#include "message/header.h"
#include "message/sections.h"
#include "resync.h"

namespace postfach::imap {
namespace {

// Rows that wait to be sent with their octets.
constexpr std::size_t kBatchRows = 64;
constexpr std::size_t kBatchOctets = 64 * 1024;
// A header that HEADER.FIELDS looks at; the parser looks no further either.
constexpr std::uint64_t kMostHeader = 1024 * 1024;
constexpr std::size_t kMostPiece = 64 * 1024;
constexpr std::size_t kLeastPiece = 4 * 1024;

bool filters(const BodyItem& item) noexcept {
  return item.section.text == Section::Text::header_fields || item.section.text == Section::Text::header_fields_not;
}

// The octets that an item stands for, of the whole message; for HEADER.FIELDS the header that is filtered. Empty for a
// section that does not exist: the client gets an empty string, as it does from Dovecot.
message::Range range_of(const BodyItem& item, const MessageView& view) {
  const Section& section = item.section;
  message::Range range;
  if (section.path.empty() && section.text == Section::Text::all) {
    range = {0, view.size};
  } else {
    range = message::Sections(view.sections).find(section.path, section.part()).value_or(message::Range());
  }
  if (filters(item)) {
    range.size = std::min(range.size, kMostHeader);
  } else if (item.partial) {
    const std::uint64_t skipped = std::min(item.partial->offset, range.size);
    range = {range.offset + skipped, std::min(item.partial->size, range.size - skipped)};
  }
  return range;
}

}  // namespace

FetchTask::FetchTask(FetchItems items, UidSet uids, bool uid)
    : items_(std::move(items)), left_(uids.count()), cursor_(std::move(uids)), uid_(uid) {}

Task::Step FetchTask::step(Context& context, std::string& out, std::size_t soft_limit) {
  return items_.sections.empty() ? tell_rows(context, out, soft_limit) : tell_octets(context, out, soft_limit);
}

Task::Step FetchTask::complete() {
  return done(left_ == 0 || uid_ ? ok("Fetch completed") : ok_some_expunged("Fetch completed"));
}

Task::Step FetchTask::tell_rows(Context& context, std::string& out, std::size_t soft_limit) {
  Selected& selected = *context.selected;
  while (!cursor_.at_end()) {
    if (out.size() >= soft_limit) return Step::more;
    const UidSet chunk = cursor_.next();
    Uid last = chunk.max();
    const Result<void> fetched = selected.mailbox().fetch(chunk, fields_for(items_), [&](const MessageView& message) {
      if (items_.flags) tell_keywords(selected, *message.keyword_names, out);
      FetchResponse response = begin_fetch(context, message.uid, out);
      response.row(items_, message, selected.is_recent(message.uid));
      if (items_.modseq) selected.known_modseq().fetched(message.modseq);
      response.end();
      --left_;
      if (out.size() < soft_limit) return true;
      last = message.uid;
      return false;
    });
    if (!fetched) return done(failed(fetched.error()));
    cursor_.pass(last);
  }
  return complete();
}

Task::Step FetchTask::tell_octets(Context& context, std::string& out, std::size_t soft_limit) {
  for (;;) {
    if (body_ || within_response_) {
      if (!tell_message(out, soft_limit)) return Step::abort;
      if (within_response_) return Step::more;
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

Result<void> FetchTask::read_rows(Context& context, std::string& out, std::size_t soft_limit) {
  Selected& selected = *context.selected;
  rows_.clear();
  row_ = 0;
  std::uint64_t octets = out.size();
  std::size_t held = 0;
  UidSet unseen;
  const bool sets_seen = items_.sets_seen() && !selected.read_only();
  const UidSet chunk = cursor_.next();
  Uid last = chunk.max();
  const Result<void> fetched = selected.mailbox().fetch(chunk, fields_for(items_), [&](const MessageView& message) {
    tell_keywords(selected, *message.keyword_names, out);
    Row& row = rows_.emplace_back();
    row.view = message;
    row.envelope = message.envelope;
    row.body_structure = message.body_structure;
    for (const BodyItem& item : items_.sections) {
      row.ranges.push_back(range_of(item, message));
      octets += row.ranges.back().size;
    }
    held += row.envelope.size() + row.body_structure.size() + row.ranges.size() * sizeof(message::Range);
    if (sets_seen && !message.flags.has(Flag::seen)) unseen.add(message.uid);
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

Result<bool> FetchTask::begin_message(const Context& context, std::string& out) {
  Selected& selected = *context.selected;
  Row& row = rows_[row_];
  std::uint64_t begin = UINT64_MAX;
  std::uint64_t end = 0;
  for (const message::Range& range : row.ranges) {
    if (range.size == 0) continue;
    begin = std::min(begin, range.offset);
    end = std::max(end, range.offset + range.size);
  }
  if (end != 0) {
    Result<Body> body = selected.mailbox().open(row.view.uid, begin, end - begin);
    if (!body && body.error().code == Errc::not_found) return false;  // expunged by another
    if (!body) return body.error();
    if (body->size() != end - begin) return Error{Errc::corrupt, "a message is shorter than its row says"};
    body_.emplace(*std::move(body));
    body_begin_ = begin;
  }
  --left_;

  FetchItems items = items_;
  items.sections.clear();
  if (row.newly_seen) {
    // The change is told as one by anybody else would be (RFC 7162 §3.2.4).
    items.flags = true;
    items.modseq = items.modseq || context.enabled.condstore;
    items.uid = items.uid || (context.enabled.condstore && !context.enabled.uid_only);
  }
  if (items.modseq) selected.known_modseq().fetched(row.view.modseq);
  row.view.envelope = row.envelope;
  row.view.body_structure = row.body_structure;
  row.view.keyword_names = &selected.keywords();
  FetchResponse response = begin_fetch(context, row.view.uid, out);
  response.row(items, row.view, selected.is_recent(row.view.uid));
  item_ = 0;
  if (!begin_item(response)) broken_ = true;
  within_response_ = true;
  return true;
}

// False if the octets can't be read any more.
bool FetchTask::begin_item(FetchResponse& response) {
  const BodyItem& item = items_.sections[item_];
  const message::Range range = rows_[row_].ranges[item_];
  if (!filters(item)) {
    position_ = range.offset;
    remaining_ = range.size;
    response.octets(item, remaining_);
    return true;
  }
  std::string header;
  while (header.size() < range.size) {
    const std::size_t most = std::min<std::size_t>(kMostPiece, range.size - header.size());
    const Result<std::size_t> read = body_->read(range.offset - body_begin_ + header.size(), most, header);
    if (!read || *read == 0) return false;
  }
  // A section that does not exist has no header to filter, not even the empty line.
  if (range.size > 0) {
    filtered_ =
        message::filter_header(header, item.section.fields, item.section.text == Section::Text::header_fields_not);
  }
  if (item.partial) {
    filtered_.erase(0, static_cast<std::size_t>(std::min<std::uint64_t>(item.partial->offset, filtered_.size())));
    if (filtered_.size() > item.partial->size) filtered_.resize(static_cast<std::size_t>(item.partial->size));
  }
  position_ = 0;
  remaining_ = filtered_.size();
  response.octets(item, remaining_);
  return true;
}

// False: close the connection.
bool FetchTask::tell_message(std::string& out, std::size_t soft_limit) {
  if (broken_) return false;
  for (;;) {
    while (remaining_ > 0) {
      if (out.size() >= soft_limit) return true;
      const std::size_t room = std::clamp(soft_limit - out.size(), kLeastPiece, kMostPiece);
      const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(room, remaining_));
      if (filters(items_.sections[item_])) {
        out.append(filtered_, static_cast<std::size_t>(position_), most);
      } else {
        const Result<std::size_t> read = body_->read(position_ - body_begin_, most, out);
        if (!read || *read != most) return false;
      }
      position_ += most;
      remaining_ -= most;
    }
    filtered_.clear();
    FetchResponse response(out);
    if (++item_ == items_.sections.size()) {
      response.end();
      body_.reset();
      within_response_ = false;
      filtered_ = {};
      ++row_;
      return true;
    }
    if (!begin_item(response)) return false;
  }
}

namespace {

// RFC 7162 §3.2.6: what may not stand together.
std::optional<Answer> check(const Context& context, const Fetch& fetch, bool uid) {
  const FetchModifiers& modifiers = fetch.modifiers;
  if ((fetch.items.modseq || modifiers.changed_since || modifiers.vanished) && !offers_condstore(context)) {
    return bad(fetch.items.modseq ? "Unknown FETCH item" : "Unknown FETCH modifier");
  }
  if (!modifiers.vanished) return {};
  if (!uid) return bad("VANISHED is for UID FETCH alone");
  if (!context.enabled.qresync) return bad("VANISHED needs ENABLE QRESYNC first");
  if (!modifiers.changed_since) return bad("VANISHED needs CHANGEDSINCE");
  return {};
}

// The UIDs that VANISHED is to report on. "*" reaches up to the highest UID that was ever given out: the client may know
// messages beyond the last one.
UidSet asked_for(const Selected& selected, const NumberSet& messages) {
  UidSet asked = messages.uids(selected.last_uid());
  if (messages.has_star()) {
    const UidSet beyond = messages.uids(selected.uid_next() - 1);
    for (const UidRange& range : beyond.ranges()) asked.add(range.first, range.last);
  }
  return asked;
}

Outcome fetch(Context& context, Fetch arguments, bool uid, std::string& out) {
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
  if (!modifiers.changed_since) return std::make_unique<FetchTask>(std::move(items), *std::move(uids), uid);

  const UidSet asked = modifiers.vanished ? asked_for(selected, arguments.messages) : *uids;
  Result<Missed> missed = missed_since(selected, *modifiers.changed_since, asked);
  if (!missed) return failed(missed.error());
  auto fetched = std::make_unique<FetchTask>(std::move(items), missed->changed.intersection(*uids), uid);
  if (!modifiers.vanished) return fetched;
  return std::make_unique<ResyncTask>(std::move(missed->vanished), std::move(fetched));
}

}  // namespace

Outcome handle_fetch(Context& context, Fetch arguments, std::string& out) {
  return fetch(context, std::move(arguments), false, out);
}
Outcome handle_uid_fetch(Context& context, Fetch arguments, std::string& out) {
  return fetch(context, std::move(arguments), true, out);
}

}  // namespace postfach::imap
