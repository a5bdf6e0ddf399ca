// Several changes in one transaction, each with an outcome of its own.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "fixture.h"
#include "postfach/quota_groups.h"
#include "store/store_impl.h"

using namespace postfach;

namespace {

using FlagRequest = Mailbox::FlagRequest;

AppendRequest request_of(const Account& account, const Mailbox& target, const std::string& text) {
  Spool spool = account.spool().value();
  spool.write(text).value();
  return {.target = target, .message = {.content = std::move(spool)}};
}

FlagRequest keyword_request(Uid uid, const std::string& keyword) {
  return {UidSet::of(uid, uid), {.keywords = {keyword}}};
}

std::uint64_t commits(const Fixture& f) {
  return f.store.impl()->open_account(f.account.id()).value()->database->commits();
}

template <class T>
std::string outcomes(const std::vector<Result<T>>& results) {
  std::string text;
  for (const Result<T>& result : results) {
    text += (text.empty() ? "" : " ") + (result ? std::string("ok") : std::string(to_string(result.error().code)));
  }
  return text;
}

}  // namespace

TEST_CASE("STOREs handed in together are one commit, and each has its MODSEQ") {
  Fixture f;
  for (int i = 0; i < 3; ++i) f.inbox.append(message_text("x")).value();
  const ModSeq before = f.inbox.status().value().highest_modseq;
  const std::uint64_t commits_before = commits(f);
  int rings = 0;
  const Subscription watch = f.inbox.watch([&] { ++rings; });
  const std::vector<FlagRequest> requests = {
      {UidSet::of(1, 1), {.flags = Flag::seen, .known_modseq = before, .wants_flags = true}},
      {UidSet::of(1, 2), {.flags = Flag::flagged, .known_modseq = before, .wants_flags = true}},
      {UidSet::of(2, 2), {.flags = Flag::flagged, .known_modseq = before, .wants_flags = true}},
      {UidSet::of(1, 3),
       {.change = FlagChange::remove, .flags = Flag::seen, .known_modseq = before, .wants_flags = true}}};
  const auto stored = f.inbox.store(requests);
  CHECK(commits(f) == commits_before + 1);
  CHECK(rings == 1);
  REQUIRE(outcomes(stored) == "ok ok ok ok");
  CHECK(stored[0]->modseq == before + 1);
  CHECK(stored[1]->modseq == before + 2);
  CHECK(stored[2]->modseq == 0);  // it had it already
  CHECK(stored[3]->modseq == before + 3);
  CHECK(stored[0]->before == before);
  CHECK(stored[1]->before == before + 1);
  CHECK(stored[3]->before == before + 2);
  CHECK(stored[1]->changed_by_others.empty());  // those before it are no others
  // What each left, whatever came after it.
  REQUIRE(stored[0]->messages.size() == 1);
  CHECK(stored[0]->messages[0].flags == Flags(Flag::seen));
  CHECK(stored[0]->messages[0].modseq == before + 1);
  REQUIRE(stored[1]->messages.size() == 2);
  CHECK(stored[1]->messages[0].flags == (Flag::seen | Flag::flagged));
  CHECK(stored[3]->messages.size() == 3);
  CHECK(stored[3]->messages[0].flags == Flags(Flag::flagged));
  CHECK(stored[3]->messages[2].modseq <= before);
  const Changes changes = f.inbox.changes_since(before + 1, 4).value();
  CHECK(changes.modseq == before + 3);
  CHECK(changes.changed == UidSet::of(1, 2));
  CHECK(f.problems().empty());
}

TEST_CASE("a STORE that fails leaves those before and behind it") {
  Fixture f;
  for (int i = 0; i < 2; ++i) f.inbox.append(message_text("x")).value();
  std::vector<std::string> all;
  for (int i = 0; i < 63; ++i) all.push_back("k" + std::to_string(i));
  f.inbox.store(UidSet::of(2, 2), {.keywords = all}).value();
  const ModSeq before = f.inbox.status().value().highest_modseq;
  std::vector<FlagRequest> requests = {{UidSet::of(1, 1), {.flags = Flag::seen}},
                                       // The first of them would find room, the second none: neither is left behind.
                                       {UidSet::of(1, 1), {.flags = Flag::deleted, .keywords = {"new1", "new2"}}},
                                       keyword_request(1, "last"),
                                       keyword_request(1, "not an atom"),
                                       keyword_request(1, "beyond"),
                                       {UidSet::of(1, 1), {.flags = Flag::draft, .unchanged_since = 0}},
                                       {UidSet::of(1, 1), {.flags = Flag::answered, .wants_flags = true}}};
  const auto stored = f.inbox.store(requests);
  REQUIRE(outcomes(stored) == "ok limit ok invalid_argument limit ok ok");
  CHECK(stored[5]->failed == UidSet::of(1, 1));
  CHECK(flags_of(f.inbox, 1) == (Flag::seen | Flag::answered));
  CHECK(f.inbox.status().value().deleted == 0);
  CHECK(f.inbox.status().value().highest_modseq == before + 3);
  const KeywordNames names = f.inbox.keywords().value();
  CHECK(names.at(63) == "last");
  CHECK(*stored[6]->keyword_names == names);
  CHECK(f.problems().empty());
}

TEST_CASE("of STOREs that all fail nothing is committed") {
  Fixture f;
  f.inbox.append(message_text("x")).value();
  std::vector<std::string> all;
  for (int i = 0; i < 64; ++i) all.push_back("k" + std::to_string(i));
  f.inbox.store(UidSet::of(1, 1), {.keywords = all}).value();
  const std::uint64_t commits_before = commits(f);
  CHECK(outcomes(f.inbox.store(std::vector{keyword_request(1, "a"), keyword_request(1, "b")})) == "limit limit");
  CHECK(commits(f) == commits_before);
  f.account.create_mailbox("gone").value();
  const Mailbox gone = f.account.mailbox("gone").value();
  f.account.remove_mailbox("gone").value();
  CHECK(outcomes(gone.store(std::vector{keyword_request(1, "a"), keyword_request(1, "b")})) == "not_found not_found");
  CHECK(f.inbox.store(std::vector<FlagRequest>{}).empty());
}

TEST_CASE("APPENDs handed in together are one commit, and each has its UID and MODSEQ") {
  Fixture f;
  const Mailbox other = f.account.create_mailbox("other").value();
  const ModSeq before = f.inbox.status().value().highest_modseq;
  const std::uint64_t commits_before = commits(f);
  std::vector<AppendRequest> requests;
  requests.push_back(request_of(f.account, f.inbox, message_text("1")));
  requests.push_back(request_of(f.account, other, message_text("2", 90'000)));
  requests.push_back(request_of(f.account, f.inbox, message_text("3")));
  requests[2].message.keywords = {"k"};
  const auto appended = f.account.append(std::move(requests));
  CHECK(commits(f) == commits_before + 1);
  REQUIRE(outcomes(appended) == "ok ok ok");
  CHECK(appended[0]->uids == std::vector<Uid>{1});
  CHECK(appended[1]->uids == std::vector<Uid>{1});
  CHECK(appended[2]->uids == std::vector<Uid>{2});
  CHECK(appended[0]->before == before);
  CHECK(appended[2]->before == appended[0]->modseq);
  CHECK(appended[0]->modseq < appended[1]->modseq);
  CHECK(appended[1]->modseq < appended[2]->modseq);
  CHECK(f.inbox.status().value().highest_modseq == appended[2]->modseq);
  CHECK(octets_of(f.inbox, 2) == message_text("3"));
  CHECK(octets_of(other, 1) == message_text("2", 90'000));
  CHECK(f.large_files() == 1);
  CHECK(f.account.usage().value().messages == 3);
  CHECK(f.problems().empty());
}

TEST_CASE("an APPEND that fails leaves those before and behind it, and no file") {
  Fixture f;
  Fixture elsewhere;
  const Mailbox gone = f.account.create_mailbox("gone").value();
  std::vector<AppendRequest> requests;
  requests.push_back(request_of(f.account, f.inbox, message_text("1")));
  requests.push_back(request_of(f.account, gone, message_text("2", 90'000)));
  requests.push_back(request_of(f.account, f.inbox, message_text("3", 90'000)));  // over the quota
  requests.push_back(request_of(f.account, f.inbox, message_text("4")));
  requests[3].message.keywords = {"a", "b"};
  requests.push_back(request_of(f.account, elsewhere.inbox, message_text("5")));
  requests.push_back(request_of(f.account, f.inbox, message_text("6")));
  f.account.remove_mailbox("gone").value();
  f.account.set_quota({.bytes = 80'000}).value();
  std::vector<std::string> all;
  for (int i = 0; i < 63; ++i) all.push_back("k" + std::to_string(i));
  f.inbox.append({.content = std::move(request_of(f.account, f.inbox, "x").message.content), .keywords = all}).value();
  const auto appended = f.account.append(std::move(requests));
  REQUIRE(outcomes(appended) == "ok not_found over_quota limit invalid_argument ok");
  CHECK(appended[5]->uids == std::vector<Uid>{3});
  CHECK(octets_of(f.inbox, 2) == message_text("1"));
  CHECK(octets_of(f.inbox, 3) == message_text("6"));
  CHECK(f.inbox.keywords().value().size() == 63);
  CHECK(f.large_files() == 0);
  CHECK(f.account.usage().value().messages == 3);
  CHECK(f.problems().empty());
}

TEST_CASE("APPENDs that are too much for a group together: those that fit are stored") {
  Fixture f;
  const QuotaGroups groups{f.store};
  groups.set("example.org", {.quota = Quota{.messages = 2}}).value();
  std::vector<AppendRequest> requests;
  for (int i = 1; i <= 4; ++i)
    requests.push_back(request_of(f.account, f.inbox, message_text("x", i == 1 ? 90'000U : 0U)));
  const auto appended = f.account.append(std::move(requests));
  CHECK(outcomes(appended) == "ok ok over_quota over_quota");
  CHECK(f.account.usage().value().messages == 2);
  CHECK(groups.find("example.org").value().usage.messages == 2);
  CHECK(f.large_files() == 1);
  CHECK(f.problems().empty());
}
