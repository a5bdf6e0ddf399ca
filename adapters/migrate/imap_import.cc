#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/ascii.h"
#include "base/time.h"
#include "imap_client.h"
#include "imap_mailboxes.h"
#include "store/import_batch.h"
#include "store/uidl_format.h"

namespace postfach::migrate {
namespace {

constexpr std::uint32_t kWindow = 1000;    // messages whose flags are asked for at once
constexpr std::size_t kFetched = 50;       // messages whose octets are asked for at once
constexpr std::size_t kMostKeywords = 64;  // of a message: a mailbox has no more here

// What EXAMINE says.
struct Remote {
  UidValidity uid_validity = 0;
  Uid uid_next = 0;
  std::uint32_t exists = 0;
  ModSeq modseq = 0;  // 0: the mailbox has none
};

// Of one message.
struct Listed {
  Uid uid = 0;
  Flags flags;
  std::vector<std::string> keywords;
  std::optional<DateTime> date;
  std::optional<std::int64_t> saved;
};

// How far an import has come; in Intake::state().
struct State {
  UidValidity uid_validity = 0;
  Uid uid_next = 1;   // all below it were looked at
  ModSeq modseq = 0;  // flags are known up to here

  static State parse(std::string_view text) {
    std::uint64_t numbers[3] = {0, 1, 0};
    for (std::uint64_t& number : numbers) {
      const auto word = text.substr(0, text.find(' '));
      const auto value = base::parse_number(word);
      if (!value) return {};
      number = *value;
      text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return {static_cast<UidValidity>(numbers[0]), static_cast<Uid>(numbers[1]), numbers[2]};
  }
  std::string text() const {
    return std::to_string(uid_validity) + " " + std::to_string(uid_next) + " " + std::to_string(modseq);
  }
};

template <class Number>
Number number_of(std::string_view text) noexcept {
  return static_cast<Number>(base::parse_number(text, static_cast<std::uint64_t>(INT64_MAX)).value_or(0));
}

void take_flags(const ImapValue& list, Listed& out) {
  static constexpr std::pair<const char*, Flag> kFlags[] = {{"\\Seen", Flag::seen},
                                                            {"\\Answered", Flag::answered},
                                                            {"\\Flagged", Flag::flagged},
                                                            {"\\Deleted", Flag::deleted},
                                                            {"\\Draft", Flag::draft}};
  for (const auto& value : list.items) {
    const auto* const known =
        std::find_if(std::begin(kFlags), std::end(kFlags), [&](const auto& flag) { return value.is_atom(flag.first); });
    if (known != std::end(kFlags)) {
      out.flags |= known->second;
    } else if (!value.text.starts_with('\\') && out.keywords.size() < kMostKeywords) {
      out.keywords.push_back(value.text);
    }
  }
}

// Nothing if it is no FETCH with a UID.
std::optional<Listed> listed_of(const ImapResponse& response) {
  if (response.name != "FETCH" || response.values.empty()) return std::nullopt;
  Listed out;
  const auto& items = response.values.front().items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto& value = items[i + 1];
    if (items[i].is_atom("UID")) out.uid = static_cast<Uid>(base::parse_number(value.text, UINT32_MAX).value_or(0));
    if (items[i].is_atom("FLAGS")) take_flags(value, out);
    if (items[i].is_atom("INTERNALDATE")) out.date = base::parse_internal_date(value.text);
    if (items[i].is_atom("SAVEDATE")) {
      if (const auto date = base::parse_internal_date(value.text)) out.saved = date->seconds;
    }
  }
  return out.uid == 0 ? std::nullopt : std::optional(std::move(out));
}

class Import {
 public:
  Import(ImapClient& client, store::ImportBatch& batch, const ImportOptions& options, std::string source)
      : client_(client), batch_(batch), options_(options), source_(std::move(source)) {}

  Result<void> mailbox(const RemoteMailbox& mailbox, const std::string& name);

 private:
  Result<Remote> examine(const RemoteMailbox& mailbox);
  Result<void> new_messages(const Remote& remote, State& state);
  Result<void> fetch_missing(std::vector<Listed> some);
  Result<void> fetch_messages(std::map<Uid, Listed>& some);
  Result<void> take_changes(const State& state);
  std::string key_of(Uid uid) const { return std::to_string(uid_validity_) + "/" + std::to_string(uid); }

  ImapClient& client_;
  store::ImportBatch& batch_;
  const ImportOptions& options_;
  std::string source_;
  UidValidity uid_validity_ = 0;
  bool is_inbox_ = false;
  Uid first_left_out_ = 0;  // 0: none
};

Result<Remote> Import::examine(const RemoteMailbox& mailbox) {
  Remote remote;
  ImapHandlers handlers;
  handlers.untagged = [&](const ImapResponse& response) {
    if (response.name == "EXISTS") remote.exists = response.number;
    if (const auto text = response.code("UIDVALIDITY"); !text.empty()) remote.uid_validity = number_of<Uid>(text);
    if (const auto text = response.code("UIDNEXT"); !text.empty()) remote.uid_next = number_of<Uid>(text);
    if (const auto text = response.code("HIGHESTMODSEQ"); !text.empty()) remote.modseq = number_of<ModSeq>(text);
  };
  std::string command = "EXAMINE " + quoted(mailbox.raw);
  if (client_.can("CONDSTORE")) command += " (CONDSTORE)";
  auto answer = client_.require(command, handlers);
  if (!answer) return answer.error();
  return remote;
}

Result<void> Import::mailbox(const RemoteMailbox& mailbox, const std::string& name) {
  auto remote = examine(mailbox);
  if (!remote) {
    // A mailbox without the right to read it, say.
    if (remote.error().code == Errc::unavailable) return remote.error();
    batch_.problem(name + " was left out: " + remote.error().message);
    return {};
  }
  auto entered = batch_.enter({.mailbox = name,
                               .use = mailbox.use,
                               .source = source_ + "/" + mailbox.raw,
                               .uid_validity = remote->uid_validity,
                               .uid_next = remote->uid_next});
  if (!entered) return entered;
  uid_validity_ = remote->uid_validity;
  is_inbox_ = mailbox.name == "INBOX";
  first_left_out_ = 0;
  auto text = batch_.intake().state();
  if (!text) return text.error();
  State state = State::parse(*text);
  if (state.uid_validity != remote->uid_validity) state = {remote->uid_validity, 1, 0};
  const State before = state;
  if (before.modseq != 0 && remote->modseq > before.modseq && before.uid_next > 1) {
    if (auto done = take_changes(before); !done) return done;
  }
  if (auto done = new_messages(*remote, state); !done) return done;
  if (!batch_.flush()) return {};
  if (first_left_out_ != 0) state.uid_next = std::min(state.uid_next, first_left_out_);
  state.modseq = remote->modseq;
  return state.text() == *text ? Result<void>() : batch_.intake().set_state(state.text());
}

// Flags that changed since the last time. A message that is not where it came any more keeps what it has.
Result<void> Import::take_changes(const State& state) {
  std::vector<Listed> changed;
  Result<void> failed;
  const auto apply = [&] {
    std::vector<std::string> keys;
    keys.reserve(changed.size());
    for (const Listed& each : changed) keys.push_back(key_of(each.uid));
    auto uids = batch_.intake().uids(keys);
    if (!uids) failed = uids.error();
    for (std::size_t i = 0; failed && i < changed.size(); ++i) {
      if ((*uids)[i] == 0) continue;
      const Uid uid = (*uids)[i];
      auto stored = batch_.intake().mailbox().store(
          UidSet::of(uid, uid),
          {.change = FlagChange::set, .flags = changed[i].flags, .keywords = changed[i].keywords});
      // A keyword that can't be here is no reason to end.
      if (!stored && stored.error().code != Errc::invalid_argument && stored.error().code != Errc::limit) {
        failed = stored.error();
      }
    }
    changed.clear();
  };
  ImapHandlers handlers;
  handlers.untagged = [&](const ImapResponse& response) {
    auto listed = listed_of(response);
    if (!listed || !failed) return;
    changed.push_back(*std::move(listed));
    if (changed.size() >= kWindow) apply();
  };
  auto answer = client_.require("UID FETCH 1:" + std::to_string(state.uid_next - 1) + " (UID FLAGS) (CHANGEDSINCE " +
                                    std::to_string(state.modseq) + ")",
                                handlers);
  if (!answer) return answer.error();
  apply();
  return failed;
}

Result<void> Import::new_messages(const Remote& remote, State& state) {
  if (remote.uid_next != 0 && remote.uid_next <= state.uid_next) {
    for (std::uint32_t i = 0; i < remote.exists; ++i) {
      if (!batch_.skip_present(0)) return {};
    }
    return {};
  }
  std::string items = "(UID FLAGS INTERNALDATE";
  if (client_.can("SAVEDATE")) items += " SAVEDATE";
  items += ")";
  // The last messages first would need fewer questions, but UIDs come in ascending order. So: where the new ones begin.
  std::uint32_t first = 1;
  if (state.uid_next > 1) {
    ImapHandlers handlers;
    std::uint32_t lowest = 0;
    handlers.untagged = [&](const ImapResponse& response) {
      const auto listed = listed_of(response);
      if (listed && listed->uid >= state.uid_next && (lowest == 0 || response.number < lowest)) {
        lowest = response.number;
      }
    };
    auto answer = client_.require("UID FETCH " + std::to_string(state.uid_next) + ":* (UID)", handlers);
    if (!answer) return answer.error();
    first = lowest == 0 ? remote.exists + 1 : lowest;
    for (std::uint32_t i = 1; i < first; ++i) {
      if (!batch_.skip_present(0)) return {};
    }
  }
  while (first <= remote.exists) {
    const auto last = std::min(first + kWindow - 1, remote.exists);
    std::vector<Listed> some;
    ImapHandlers handlers;
    handlers.untagged = [&](const ImapResponse& response) {
      auto listed = listed_of(response);
      // Answers that nobody asked for tell of other messages.
      if (listed && listed->date && response.number >= first && response.number <= last && some.size() < 2 * kWindow) {
        some.push_back(*std::move(listed));
      }
    };
    auto answer =
        client_.require("FETCH " + std::to_string(first) + ":" + std::to_string(last) + " " + items, handlers);
    if (!answer) return answer.error();
    std::sort(some.begin(), some.end(), [](const Listed& a, const Listed& b) { return a.uid < b.uid; });
    const Uid highest = some.empty() ? 0 : some.back().uid;
    if (auto done = fetch_missing(std::move(some)); !done) return done;
    if (batch_.is_stopped()) return {};
    state.uid_next = std::max(state.uid_next, highest + 1);
    first = last + 1;
  }
  return {};
}

Result<void> Import::fetch_missing(std::vector<Listed> some) {
  std::vector<std::string> keys;
  keys.reserve(some.size());
  for (const Listed& each : some) keys.push_back(key_of(each.uid));
  auto present = batch_.intake().present(keys);
  if (!present) return present.error();
  std::map<Uid, Listed> missing;
  for (std::size_t i = 0; i < some.size(); ++i) {
    if ((*present)[i]) {
      if (!batch_.skip_present(0)) return {};
      continue;
    }
    missing.emplace(some[i].uid, std::move(some[i]));
    if (missing.size() < kFetched) continue;
    if (auto done = fetch_messages(missing); !done) return done;
    if (batch_.is_stopped()) return {};
    missing.clear();
  }
  return missing.empty() ? Result<void>() : fetch_messages(missing);
}

Result<void> Import::fetch_messages(std::map<Uid, Listed>& some) {
  UidSet uids;
  for (const auto& [uid, listed] : some) uids.add(uid);
  std::map<Uid, Spool> spools;
  std::optional<Spool> spool;
  Result<void> written;
  Result<void> failed;
  ImapHandlers handlers;
  handlers.message = [&](std::string_view octets, bool is_first) {
    if (is_first) {
      spool = batch_.spool();
      written = {};
    }
    if (spool && written && !octets.empty()) written = spool->write(octets);
  };
  handlers.untagged = [&](const ImapResponse& response) {
    auto listed = listed_of(response);
    auto content = std::exchange(spool, std::nullopt);
    if (!listed || some.count(listed->uid) == 0) return;
    if (!content) {  // as a quoted string: a message of a few octets
      for (std::size_t i = 0; i + 1 < response.values.front().items.size(); i += 2) {
        const auto& items = response.values.front().items;
        if (!items[i].is_atom("BODY[]") || items[i + 1].kind != ImapValue::Kind::string) continue;
        content = batch_.spool();
        written = content->write(items[i + 1].text);
      }
      if (!content) return;
    }
    if (!written && written.error().code != Errc::limit) failed = written;
    if (!written) {
      batch_.problem("the message with UID " + std::to_string(listed->uid) +
                     " was left out: " + written.error().message);
      return;
    }
    spools.insert_or_assign(listed->uid, *std::move(content));
  };
  auto answer = client_.require("UID FETCH " + uids.to_string() + " (UID BODY.PEEK[])", handlers);
  if (!answer) return answer.error();
  if (!failed) return failed;
  // What did not come is asked for again next time.
  for (const auto& [uid, listed] : some) {
    if (spools.count(uid) == 0 && (first_left_out_ == 0 || uid < first_left_out_)) first_left_out_ = uid;
  }
  for (auto& [uid, content] : spools) {
    Listed& listed = some.at(uid);
    std::string uidl;
    if (is_inbox_) uidl = store::make_uidl(options_.uidl_format, uid, uid_validity_, "");
    const auto octets = content.size();
    const bool goes_on = batch_.add({.message = {.content = std::move(content),
                                                 .flags = listed.flags,
                                                 .keywords = std::move(listed.keywords),
                                                 .internal_date = listed.date,
                                                 .uidl = std::move(uidl)},
                                     .key = key_of(uid),
                                     .uid = uid,
                                     .saved = listed.saved},
                                    octets);
    if (!goes_on) return {};
  }
  return {};
}

}  // namespace

Result<ImportReport> import_imap(const Account& account, Channel& channel, const Server& server,
                                 const ImportOptions& options) {
  if (auto checked = store::check_uidl_format(options.uidl_format); !checked) return checked.error();
  ImapClient client(channel);
  if (auto begun = client.begin(server); !begun) return begun.error();
  auto mailboxes = list_mailboxes(client);
  if (!mailboxes) return mailboxes.error();

  store::ImportBatch batch(account, options, 0, 0);
  const std::string source = options.source.empty() ? "imap://" + server.user + "@" + server.host : options.source;
  Import import(client, batch, options, source);
  const std::string above = base::equals_ignoring_case(options.mailbox, "INBOX") ? "" : options.mailbox;
  const auto selectable = std::count_if(mailboxes->begin(), mailboxes->end(),
                                        [](const RemoteMailbox& mailbox) { return mailbox.is_selectable; });
  for (const RemoteMailbox& mailbox : *mailboxes) {
    const bool is_inbox = mailbox.name == "INBOX";
    const auto name = above.empty() ? mailbox.name : is_inbox ? above : above + "/" + mailbox.name;
    if (mailbox.is_subscribed && options.subscribe) {
      if (auto done = account.subscribe(name); !done)
        batch.problem("not subscribed to " + name + ": " + done.error().message);
    }
    if (!mailbox.is_selectable) continue;
    // RFC 6154 §2: these may show what other mailboxes have.
    const bool is_view = mailbox.use == SpecialUse::flagged || mailbox.use == SpecialUse::important ||
                         (mailbox.use == SpecialUse::all && selectable > 1);
    if (is_view) {
      batch.problem(name + " was left out: it shows messages of other mailboxes");
      continue;
    }
    auto done = import.mailbox(mailbox, name);
    if (batch.is_stopped()) break;
    if (done) continue;
    if (done.error().code == Errc::invalid_argument) {  // a name that can't be one here, an answer without sense
      batch.problem(name + " was left out: " + done.error().message);
      continue;
    }
    batch.stop(done.error());
    break;
  }
  if (!batch.is_stopped()) client.log_out();
  return std::move(batch).finish();
}

}  // namespace postfach::migrate
