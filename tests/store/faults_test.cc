// Each operation of the disk fails in its turn, until the whole function passes without a fault. What failed has changed
// nothing, what succeeded is there, others notice nothing, and everything works again when the disk does.
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "fault/disk.h"
#include "fault/world.h"
#include "sanitized.h"

using namespace postfach;
using namespace postfach::fault;

namespace {

struct Mode {
  const char* name;
  unsigned actions;
  Failure failure;
  bool is_lasting;
};

constexpr Mode kModes[] = {
    {"one change fails", action::kAllChanges, Failure::io, false},
    {"all changes fail from one on", action::kAllChanges, Failure::io, true},
    {"the disk is full", action::kNeedsRoom, Failure::full, true},
    {"one write is torn", action::kWrite, Failure::half_written, false},
    {"one read or mapping fails", action::kRead | action::kSharedMemory, Failure::io, false},
};

struct Scene {
  Scene() { open(); }
  void open() {
    store.reset();
    store =
        Store::open({.path = scratch.path, .default_mailboxes = {{"Archive", SpecialUse::archive}}, .password_cost = 1})
            .value();
  }
  Account account() const { return store->account("alice").value(); }
  Mailbox inbox() const { return account().mailbox("INBOX").value(); }
  Mailbox archive() const { return account().mailbox("Archive").value(); }
  Uid deliver(unsigned number) const { return inbox().append(message_of(number)).value().uids[0]; }

  Scratch scratch;
  std::optional<Store> store;
  unsigned round = 0;
};

struct Step {
  const char* name;
  std::function<void(Scene&)> prepare;
  std::function<Result<void>(Scene&)> run;  // in a prepared scene; changes what describe() tells
  bool touches_all = false;                 // not only Alice's account
  bool closes_store = false;                // before it runs
};

template <class T>
Result<void> outcome(const Result<T>& result) {
  return result ? Result<void>() : Result<void>(result.error());
}

// Of changes that were made together: a fault is the outcome of all.
template <class T>
Result<void> shared_outcome(const std::vector<Result<T>>& results) {
  for (const Result<T>& result : results) {
    if (result.has_value() != results.front().has_value()) return Error{Errc::internal, "some succeed, some fail"};
  }
  return outcome(results.front());
}

const UidSet kAll = UidSet::all();

std::string round_name(const Scene& scene) { return "n" + std::to_string(scene.round); }

const Step kSteps[] = {
    {"append", [](Scene&) {}, [](Scene& s) { return outcome(s.inbox().append(message_of(1))); }},
    {"append a large message", [](Scene&) {}, [](Scene& s) { return outcome(s.inbox().append(message_of(9))); }},
    {"append several", [](Scene&) {},
     [](Scene& s) -> Result<void> {
       std::vector<NewMessage> messages;
       for (const unsigned number : {2U, 9U, 4U, 18U}) {
         auto spool = s.account().spool();
         if (!spool) return spool.error();
         if (auto written = spool->write(message_of(number)); !written) return written;
         messages.push_back({std::move(*spool), {}, {}, {}, {}});
       }
       return outcome(s.inbox().append(std::move(messages)));
     }},
    {"deliver to a new mailbox", [](Scene& s) { (void)s.account().create_mailbox(round_name(s)); },
     [](Scene& s) { return outcome(s.account().deliver(message_of(3), {.mailbox = round_name(s)})); }},
    {"store flags", [](Scene& s) { s.deliver(1); },
     [](Scene& s) {
       return outcome(s.inbox().store(kAll, {.flags = Flag::answered, .keywords = {round_name(s).substr(0, 1)}}));
     }},
    {"store flags several times", [](Scene& s) { s.deliver(1); },
     [](Scene& s) {
       const std::vector<Mailbox::FlagRequest> requests = {
           {kAll, {.flags = Flag::answered}}, {kAll, {.keywords = {round_name(s).substr(0, 1)}}}, {kAll, {}}};
       return shared_outcome(s.inbox().store(requests));
     }},
    {"append several times", [](Scene&) {},
     [](Scene& s) -> Result<void> {
       std::vector<AppendRequest> requests;
       for (const unsigned number : {2U, 4U, 1U}) {  // in memory: a file has faults of its own
         auto spool = s.account().spool();
         if (!spool) return spool.error();
         if (auto written = spool->write(message_of(number)); !written) return written;
         requests.push_back({number == 4 ? s.archive() : s.inbox(), {std::move(*spool), {}, {}, {}, {}}});
       }
       return shared_outcome(s.account().append(std::move(requests)));
     }},
    {"copy", [](Scene& s) { s.deliver(9); }, [](Scene& s) { return outcome(s.inbox().copy(kAll, s.archive())); }},
    {"move", [](Scene& s) { s.deliver(9); }, [](Scene& s) { return outcome(s.inbox().move(kAll, s.archive())); }},
    {"replace", [](Scene& s) { s.deliver(18); },
     [](Scene& s) -> Result<void> {
       auto spool = s.account().spool();
       if (!spool) return spool.error();
       if (auto written = spool->write(message_of(9)); !written) return written;
       const Uid uid = s.inbox().uids().value().front();
       return outcome(s.inbox().replace(uid, s.archive(), {std::move(*spool), Flag::seen, {"k"}, {}, {}}));
     }},
    {"expunge",
     [](Scene& s) {
       s.deliver(9);
       s.deliver(1);
       s.inbox().store(kAll, {.flags = Flag::deleted}).value();
     },
     [](Scene& s) { return outcome(s.inbox().expunge()); }},
    {"create a mailbox", [](Scene&) {},
     [](Scene& s) { return outcome(s.account().create_mailbox(round_name(s) + "/x")); }},
    {"rename a mailbox", [](Scene& s) { s.account().create_mailbox(round_name(s) + "/x").value(); },
     [](Scene& s) { return s.account().rename_mailbox(round_name(s), "to-" + round_name(s)); }},
    {"rename INBOX", [](Scene& s) { s.deliver(9); },
     [](Scene& s) { return s.account().rename_mailbox("INBOX", round_name(s)); }},
    {"remove a mailbox",
     [](Scene& s) {
       s.deliver(9);
       s.inbox().move(kAll, s.account().create_mailbox(round_name(s)).value()).value();
     },
     [](Scene& s) { return s.account().remove_mailbox(round_name(s)); }},
    {"open the store and deliver", [](Scene&) {},
     [](Scene& s) -> Result<void> {
       auto store = Store::open({.path = s.scratch.path, .create = false, .password_cost = 1});
       if (!store) return store.error();
       auto account = store->account("alice");
       if (!account) return account.error();
       return outcome(account->deliver(message_of(5)));
     },
     true, true},
    {"create an account", [](Scene&) {},
     [](Scene& s) { return outcome(s.store->create_account(round_name(s), {.logins = {"l" + round_name(s)}})); }, true},
    {"remove an account",
     [](Scene& s) { s.store->create_account(round_name(s)).value().deliver(message_of(9)).value(); },
     [](Scene& s) { return s.store->remove_account(round_name(s)); }, true},
};

std::string state_of(const Scene& scene, const Step& step) {
  return step.touches_all ? describe(*scene.store) : describe(scene.account());
}

// Functions that find a mailbox first report its error as an exception here, as in any program that uses value().
Result<void> run(Scene& scene, const Step& step) {
  try {
    return step.run(scene);
  } catch (const BadResult& bad) {
    return bad.error();
  }
}

// Returns whether a fault was met.
bool run_once(Scene& scene, const Step& step, const Mode& mode, std::uint64_t at) {
  ++scene.round;
  step.prepare(scene);
  const std::string before = state_of(scene, step);
  if ((mode.actions & action::kRead) != 0) scene.open();  // what was read before needs no read any more
  if (step.closes_store) scene.store.reset();
  Disk& disk = Disk::instance();
  disk.arm({.actions = mode.actions,
            .failure = mode.failure,
            .at = at,
            .is_lasting = mode.is_lasting,
            .below = scene.scratch.path + (step.touches_all ? "" : "/accounts/01/1/")});
  const Result<void> result = run(scene, step);
  if (mode.is_lasting && !step.touches_all) {
    // Reads go on meanwhile, and the other account does not notice.
    CHECK((state_of(scene, step) != before) == result.has_value());
    CHECK(scene.store->account("bob").value().deliver(message_of(1)));
  }
  const bool fired = disk.disarm();
  if (!scene.store) scene.open();

  CAPTURE(result ? "success" : result.error().message);
  if (!fired) CHECK(result);
  if (result) {
    CHECK(state_of(scene, step) != before);
  } else {
    CHECK(to_string(result.error().code) == to_string(Errc::unavailable));
    // A COMMIT whose sync failed may come back when the log is read again by the next process; but whole.
    if (step.closes_store && state_of(scene, step) != before) {
      CHECK(scene.inbox().status().value().messages == 1);
    } else {
      CHECK(state_of(scene, step) == before);
    }
    const std::string failed = state_of(scene, step);
    CHECK(run(scene, step));  // works again
    CHECK(state_of(scene, step) != failed);
  }
  // Not to grow.
  scene.inbox().remove(kAll).value();
  scene.archive().remove(kAll).value();
  return fired;
}

void run_all(const Mode& mode) {
  for (const Step& step : kSteps) {
    Scene scene;
    scene.store->create_account("alice").value();
    scene.store->create_account("bob").value();
    // Where each try makes a database anew, every second operation will do for faults that stay.
    const std::uint64_t stride = (step.touches_all && mode.is_lasting ? 2U : 1U) * test::kStride;
    std::uint64_t at = 1;
    for (;; at += stride) {
      CAPTURE(step.name, mode.name, at);
      REQUIRE(at < 2000);
      if (!run_once(scene, step, mode, at)) break;
    }
    CAPTURE(step.name, mode.name);
    CHECK((at > 1 || (mode.actions & action::kRead) != 0));
    const std::string before = describe(*scene.store);
    scene.open();
    CHECK(describe(*scene.store) == before);
    check_integrity(*scene.store);
  }
}

}  // namespace

TEST_CASE("faults: one change fails") { run_all(kModes[0]); }
TEST_CASE("faults: all changes fail from one on") { run_all(kModes[1]); }
TEST_CASE("faults: the disk is full") { run_all(kModes[2]); }
TEST_CASE("faults: one write is torn") { run_all(kModes[3]); }
TEST_CASE("faults: one read or mapping fails") { run_all(kModes[4]); }

TEST_CASE("faults: writers that share a commit share its failure") {
  for (const std::uint64_t at : {2U, 3U, 5U, 7U, 9U, 11U}) {
    CAPTURE(at);
    Scene scene;
    const Mailbox inbox = scene.store->create_account("alice").value().mailbox("INBOX").value();
    Disk::instance().arm({.actions = action::kAllChanges, .at = at, .below = scene.scratch.path + "/accounts/01/1/"});
    std::mutex mutex;
    std::multiset<std::string> acknowledged;
    std::vector<std::thread> threads;
    for (unsigned thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (unsigned number = thread * 10 + 1; number <= thread * 10 + 6; ++number) {
          if (!inbox.append(message_of(number))) continue;
          const std::lock_guard lock(mutex);
          acknowledged.insert(message_of(number));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(Disk::instance().disarm());
    CHECK(acknowledged.size() < 24);
    std::multiset<std::string> found;
    const std::vector<Uid> uids = inbox.uids().value();
    for (const Uid uid : uids) {
      std::string octets;
      inbox.open(uid).value().read(0, SIZE_MAX, octets).value();
      found.insert(octets);
    }
    CHECK((found == acknowledged));
    scene.open();
    check_integrity(*scene.store);
  }
}
