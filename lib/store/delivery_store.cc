#include "delivery_store.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "append.h"
#include "names.h"
#include "spool.h"
#include "sqlite/bodies.h"
#include "sqlite/keywords.h"
#include "sqlite/mailboxes.h"
#include "sqlite/messages.h"

namespace postfach::store {
namespace {

// A mailbox that gets the message, for one or several placements.
struct Place {
  sqlite::MailboxRow mailbox;
  Flags flags = {};
  std::vector<std::string> keywords = {};
  std::vector<Placement*> placements = {};
  bool fits = false;
  Uid uid = 0;
};

// The only mailbox of that name when case does not count. Errors: not_found.
Result<sqlite::MailboxRow> find_in_any_case(sqlite::Connection& db, std::string_view name) {
  std::vector<MailboxId> found;
  auto rows = db.query("SELECT id FROM mailbox WHERE name = ?1 COLLATE NOCASE AND selectable LIMIT 2", name);
  while (rows.next()) found.push_back(rows.number<MailboxId>(0));
  if (!rows.ok()) return rows.error();
  if (found.size() != 1) return Error{Errc::not_found, "no such mailbox"};
  return sqlite::load_mailbox(db, found.front());
}

Result<sqlite::MailboxRow> find_or_make(Change& change, const Placement& placement, const StoreOptions& options) {
  auto row = change.mailbox(placement.mailbox);
  if (row && row->selectable) return row;
  if (!row && row.error().code != Errc::not_found) return row;
  if (placement.ignores_case) {
    auto other = find_in_any_case(change.db, placement.mailbox);
    if (other || other.error().code != Errc::not_found) return other;
  }
  if (!placement.is_made) return Error{Errc::not_found, "no such mailbox"};
  auto count = sqlite::count_mailboxes(change.db);
  if (!count) return count.error();
  const std::uint64_t most = change.account.quota_mailboxes.value_or(options.max_mailboxes);
  // Before anything is removed: a mailbox that can't be made takes nothing with it.
  const auto levels = static_cast<std::uint64_t>(std::count(placement.mailbox.begin(), placement.mailbox.end(), '/'));
  if (*count + levels + 1 > most) return Error{Errc::not_found, "too many mailboxes"};
  if (row) {
    if (auto removed = sqlite::delete_mailbox(change.db, row->id); !removed) return removed.error();
  }
  // Most mail programs show what is subscribed: mail that nobody sees is as good as lost.
  if (auto subscribed = sqlite::insert_subscription(change.db, placement.mailbox); !subscribed) {
    return subscribed.error();
  }
  return make_mailbox(change, placement.mailbox, SpecialUse::none, most);
}

Result<std::vector<Place>> find_places(Change& change, std::span<Placement*> placements, const StoreOptions& options) {
  std::vector<Place> places;
  for (Placement* placement : placements) {
    auto row = find_or_make(change, *placement, options);
    if (!row && row.error().code == Errc::not_found) row = sqlite::find_mailbox(change.db, kInbox);
    if (!row) return row.error();
    auto place =
        std::find_if(places.begin(), places.end(), [&](const Place& each) { return each.mailbox.id == row->id; });
    if (place == places.end()) place = places.insert(places.end(), Place{.mailbox = *std::move(row)});
    place->flags |= placement->flags;
    place->keywords.insert(place->keywords.end(), placement->keywords.begin(), placement->keywords.end());
    place->placements.push_back(placement);
  }
  return places;
}

// The message comes into the first mailbox, whose body the others share.
class Insertion {
 public:
  Insertion(Change& change, NewMessage& message) noexcept : change_(change), message_(message) {}

  Result<void> into(Place& place) {
    sqlite::MailboxRow& mailbox = place.mailbox;
    auto names = change_.keywords(mailbox.id);
    if (!names) return names.error();
    auto keywords = sqlite::make_keywords(change_.db, mailbox.id, *names, place.keywords);
    if (!keywords && keywords.error().code != Errc::limit) return keywords.error();
    auto uid = take_uids(change_, mailbox, 1);
    if (!uid) return uid.error();
    auto modseq = change_.take_modseq();
    if (!modseq) return modseq.error();
    message_.flags = place.flags;
    message_.keywords = keywords ? place.keywords : std::vector<std::string>();
    if (is_stored()) {
      if (auto done = copy_into(mailbox, *uid, *modseq, keywords ? *keywords : 0); !done) return done;
    } else {
      auto inserted = insert(change_, mailbox, *names, message_, *uid, *modseq);
      if (!inserted) return inserted.error();
      first_mailbox_ = mailbox.id;
      first_uid_ = *uid;
    }
    place.uid = *uid;
    mailbox.highest_modseq = *modseq;
    change_.touched.push_back(mailbox.id);
    return change_.save_and_leave(mailbox, *names);
  }
  bool is_stored() const noexcept { return first_uid_ != 0; }

 private:
  Result<void> copy_into(sqlite::MailboxRow& mailbox, Uid uid, ModSeq modseq, KeywordMask keywords) {
    auto rows = read_messages(change_.db, first_mailbox_, UidSet::of(first_uid_, first_uid_));
    if (!rows) return rows.error();
    if (rows->size() != 1) return Error{Errc::corrupt, "a message that was stored is missing"};
    sqlite::MessageRow& row = rows->front();
    constexpr std::uint8_t kFlags = 31;
    row.flag_bits = (row.flag_bits & ~std::uint32_t{kFlags}) | message_.flags.bits();
    row.uid = uid;
    row.id = change_.take_message_id();
    row.modseq = modseq;
    row.keywords = keywords;
    if (auto done = sqlite::add_reference(change_.db, row.body_id); !done) return done;
    if (auto done = sqlite::insert_message(change_.db, mailbox.id, row); !done) return done;
    count_in(mailbox, row);
    change_.account.bytes += row.size;
    ++change_.account.messages;
    return {};
  }

  Change& change_;
  NewMessage& message_;
  MailboxId first_mailbox_{};
  Uid first_uid_ = 0;  // 0: not stored yet
};

void record(std::span<Place> places) {
  for (const Place& place : places) {
    for (Placement* placement : place.placements) {
      placement->outcome = place.fits ? Placement::Outcome::stored : Placement::Outcome::over_quota;
      placement->stored_in = place.mailbox.name;
      placement->uid = place.uid;
    }
  }
}

class Placing {
 public:
  Placing(const Account::Impl& account, NewMessage& message, std::uint64_t octets) noexcept
      : account_(account), message_(message), octets_(octets) {}

  Result<void> run(std::span<Placement*> placements) {
    std::vector<Place> places;
    bool is_named = false;  // the file of the message, by the database
    auto done = account_.change([&](Change& change) -> Result<void> {
      if (auto fits = change.check_size(octets_); !fits) {
        is_too_large_ = true;
        return fits;
      }
      auto found = find_places(change, placements, account_.store->options);
      if (!found) return found.error();
      const Usage added{message_.content.size(), 1};
      Insertion insertion(change, message_);
      for (Place& place : *found) {
        auto fits = change.check_quota(added);
        if (fits) fits = Change::check_quota(place.mailbox, added);
        place.fits = fits.has_value();
        if (!fits) continue;
        if (auto inserted = insertion.into(place); !inserted) return inserted;
      }
      if (!insertion.is_stored()) return Error{Errc::over_quota, "the message does not fit"};
      places = *std::move(found);
      is_named = true;
      return {};
    });
    if (!done && done.error().code == Errc::over_quota) is_named = false;
    // After a COMMIT that failed nobody knows what a restart will find: the files stay, and a sweep decides.
    if (is_named) message_.content.impl().keep_file();
    if (done) record(places);
    return done;
  }
  bool is_too_large() const noexcept { return is_too_large_; }

 private:
  const Account::Impl& account_;
  NewMessage& message_;
  const std::uint64_t octets_;
  bool is_too_large_ = false;
};

}  // namespace

void place(const std::shared_ptr<const Account::Impl>& account, Spool content, std::uint64_t octets,
           std::vector<Placement>& placements) {
  std::vector<Placement*> wanted;
  wanted.reserve(placements.size());
  for (Placement& placement : placements) wanted.push_back(&placement);
  const auto fail = [&](std::span<Placement*> which, Placement::Outcome outcome, const Error& error) {
    for (Placement* placement : which) {
      placement->outcome = outcome;
      placement->problem = error.message;
    }
  };
  NewMessage message{.content = std::move(content)};
  if (auto prepared = prepare(message, *account); !prepared) {
    return fail(wanted, Placement::Outcome::failed, prepared.error());
  }
  Placing placing(*account, message, octets);
  // The limit of a group is looked at when all of it is added up: then fewer may fit. Halved, so that many mailboxes of
  // one account don't take many transactions.
  std::span<Placement*> rest(wanted);
  auto done = placing.run(rest);
  while (!done && done.error().code == Errc::over_quota && rest.size() > 1) {
    const std::size_t half = rest.size() / 2;
    fail(rest.subspan(half), Placement::Outcome::over_quota, done.error());
    rest = rest.first(half);
    done = placing.run(rest);
  }
  if (done) return;
  fail(rest,
       placing.is_too_large()                  ? Placement::Outcome::too_large
       : done.error().code == Errc::over_quota ? Placement::Outcome::over_quota
                                               : Placement::Outcome::failed,
       done.error());
}

}  // namespace postfach::store
