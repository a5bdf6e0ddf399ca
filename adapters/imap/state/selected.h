// The session's view of the selected mailbox: which message has which sequence number.
//
// Invariants:
// - The view changes only together with the untagged response that tells the client of it (RFC 9051 §7.4.1, §7.5.1):
//   EXISTS appends, EXPUNGE removes.
// - Sessions whose clients know the same of a mailbox share the memory of its list of UIDs. Flags are not kept.
// - `expunged` are messages of the view that are gone from the store and that the client was not told of yet.
// - `changed` are messages of the view whose flags the client has yet to learn.
// - Within the view, a UID that the view does not have is not in the store either: UIDs only ascend, and a message
//   leaves the view after it has left the store. So a range of sequence numbers is a range of UIDs, whatever is
//   missing in between, and no command costs memory for each message that it names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "decode_point.h"
#include "imap/wire/number_set.h"
#include "known_modseq.h"
#include "postfach/mailbox.h"
#include "search_context.h"

namespace postfach::imap {

// A change of the selected mailbox that the session made itself and knows all about.
struct OwnStep {
  ModSeq before = 0;  // HIGHESTMODSEQ until then
  ModSeq modseq = 0;  // and now
  Uid added = 0;      // the message that came; 0: none, flags were changed
};

class Selected {
 public:
  // The subscription was made before the snapshot, so that no change falls between the two.
  Selected(Mailbox mailbox, MailboxSnapshot snapshot, bool read_only, Subscription subscription);

  const Mailbox& mailbox() const noexcept { return mailbox_; }
  bool read_only() const noexcept { return read_only_; }
  ModSeq modseq() const noexcept { return modseq_; }
  Uid uid_next() const noexcept { return uid_next_; }
  Uid first_recent() const noexcept { return first_recent_; }
  bool is_recent(Uid uid) const noexcept { return uid >= first_recent_; }
  // IMAP4rev2 has no \Recent (RFC 9051 Appendix E 12).
  void forget_recent() noexcept { first_recent_ = UINT32_MAX; }
  std::uint32_t recent() const noexcept;

  std::uint32_t exists() const noexcept { return uids_.size(); }
  // number: 1..exists().
  Uid uid_of(std::uint32_t number) const noexcept { return uids_.uid_of(number); }
  // 0 if the view has no such message.
  std::uint32_t number_of(Uid uid) const noexcept { return uids_.number_of(uid); }
  // Both 0 for an empty mailbox.
  Uid first_uid() const noexcept { return uids_.first(); }
  Uid last_uid() const noexcept { return uids_.last(); }

  // The messages of the view among these.
  UidSet known(const UidSet& uids) const { return uids_.intersection(uids); }
  // The same in no more ranges than the set has: each begins and ends with a message of the view, and in between there
  // may be UIDs that have been expunged.
  UidSet span(const UidSet& uids) const { return uids_.span(uids); }
  // How many messages of the view are among these.
  std::uint64_t count(const UidSet& uids) const noexcept { return uids_.count(uids); }
  // The same as UIDs, for sequence numbers 1..exists().
  UidSet uids_of(const UidSet& numbers) const;

  // What "$" stands for (RFC 5182): UIDs, among which may be some that the view does not have (any more).
  void save_result(UidSet uids) { saved_result_ = std::move(uids); }

  // Searches that the client wants to be kept informed of.
  SearchContexts& contexts() noexcept { return contexts_; }
  const SearchContexts& contexts() const noexcept { return contexts_; }

  // The messages that a command names, as span() gives them; nothing if it names a sequence number that there is not
  // (RFC 9051 §9 seq-number). UIDs that do not exist are ignored (§6.4.9).
  std::optional<UidSet> resolve(const NumberSet& set, bool are_uids) const;

  KnownModSeq& known_modseq() noexcept { return known_modseq_; }

  // Keyword names as last told to the client with FLAGS.
  const KeywordNames& keywords() const noexcept { return keywords_; }
  void set_keywords(const KeywordNames& names) { keywords_ = names; }

  // Changes that the session itself made and told the client of: not to be told twice.
  void add_own_change(ModSeq modseq, const UidSet& uids);
  // Whether a message that now has this MODSEQ was last changed by the session itself.
  bool is_own_change(Uid uid, ModSeq modseq) const noexcept;

  // What the store says, taken into `expunged` and `changed`; the new messages are added to the view. Returns how many.
  Result<std::uint32_t> pull();
  // The same after a change of the session's own, without asking the store: it has added its changes of flags by
  // add_own_change(). False, and nothing is done, if others changed something before.
  bool follow(const OwnStep& step);
  // Messages that the session itself expunged.
  void mark_expunged(const UidSet& uids);

  const UidSet& expunged() const noexcept { return expunged_; }
  UidSet& changed() noexcept { return changed_; }
  // Whether the client was told of all that the session knows.
  bool all_told() const noexcept { return expunged_.empty() && changed_.empty(); }
  // Takes messages of `expunged` out of the view, the last ones first, and calls tell with the number of each until it
  // returns false. From the highest down no number shifts another. Linear in the messages that go.
  template <class Tell>
  void drop_expunged(Tell&& tell);
  // The client was told of all changes that may be told now.
  void clear_changed();

  std::optional<LastDecoded>& last_decoded() noexcept { return last_decoded_; }

 private:
  void take_expunged(const UidSet& uids);

  Mailbox mailbox_;
  UidList uids_;
  UidValidity uid_validity_;
  ModSeq modseq_;
  Uid uid_next_;
  Uid first_recent_;
  bool read_only_;
  KnownModSeq known_modseq_;
  KeywordNames keywords_;
  UidSet expunged_;  // members of the view and nothing else
  UidSet changed_;
  UidSet saved_result_;
  SearchContexts contexts_;
  struct OwnChange {
    ModSeq modseq;
    UidSet uids;
  };
  std::vector<OwnChange> own_changes_;  // since the last pull
  bool is_shared_ = true;               // the list is the one that the others have, or was offered to them
  bool in_step_ = true;  // without `expunged` it is what the mailbox had at modseq_; else some of it went later
  Subscription subscription_;
  std::optional<LastDecoded> last_decoded_;
};

template <class Tell>
void Selected::drop_expunged(Tell&& tell) {
  Uid lowest = 0;
  const auto& ranges = expunged_.ranges();
  bool go_on = true;
  for (auto range = ranges.rbegin(); go_on && range != ranges.rend(); ++range) {
    std::uint32_t number = number_of(range->last);
    for (Uid uid = range->last; go_on && uid >= range->first; --uid, --number) {
      lowest = uid;
      go_on = tell(number);
    }
  }
  if (lowest == 0) return;
  const UidSet dropped = expunged_.intersection(UidSet::of(lowest, 0xFFFFFFFFU));
  uids_ = uids_.without(dropped);
  expunged_ = expunged_.minus(dropped);
  is_shared_ = false;
}

}  // namespace postfach::imap
