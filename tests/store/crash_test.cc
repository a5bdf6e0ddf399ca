// A process that is killed at any moment: what it had acknowledged is there, and nothing is there twice.
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <thread>

#include "fixture.h"

using namespace postfach;

namespace {

constexpr std::size_t kSmall = 300;
constexpr std::size_t kLarge = 90'000;

std::string text_of(unsigned number) {
  return message_text("number " + std::to_string(number), number % 4 == 0 ? kLarge : kSmall);
}

unsigned number_of(std::string_view text) {
  return static_cast<unsigned>(std::stoul(std::string(text.substr(text.find("number ") + 7, 10))));
}

// One octet for what happened, four for the message; written after the store has acknowledged.
struct Note {
  char what = 0;  // a: appended, c: copied, m: moved, f: flagged, d: about to be deleted, e: deleted
  unsigned number = 0;
};

void tell(int pipe, char what, unsigned number) {
  const Note note{what, number};
  if (::write(pipe, &note, sizeof note) != static_cast<ssize_t>(sizeof note)) ::_exit(3);
}

// Three messages, and then flags of each, in a transaction each time.
void together(const Account& account, unsigned first, int pipe) {
  const Mailbox inbox = account.mailbox("INBOX").value();
  std::vector<AppendRequest> requests;
  for (unsigned number = first; number < first + 3; ++number) {
    Spool spool = account.spool().value();
    spool.write(text_of(number)).value();
    requests.push_back({.target = inbox, .message = {.content = std::move(spool)}});
  }
  const auto appended = account.append(std::move(requests));
  std::vector<Mailbox::FlagRequest> flags;
  for (unsigned i = 0; i < 3; ++i) {
    if (!appended[i]) ::_exit(7);
    tell(pipe, 'a', first + i);
    flags.push_back({UidSet::of(appended[i]->uids[0], appended[i]->uids[0]), {.flags = Flag::flagged}});
  }
  const auto stored = inbox.store(flags);
  for (unsigned i = 0; i < 3; ++i) {
    if (!stored[i]) ::_exit(8);
    tell(pipe, 'f', first + i);
  }
}

// Works until it is killed.
[[noreturn]] void work(const std::string& path, unsigned seed, unsigned first, int pipe) {
  auto store = Store::open({.path = path, .password_cost = 1});
  if (!store) ::_exit(4);
  const Account account = store->account("bob").value();
  const Mailbox inbox = account.mailbox("INBOX").value();
  const Mailbox other = account.mailbox("Archive").value();
  std::mt19937 random(seed);
  for (unsigned number = first;; ++number) {
    if (number % 5 == 0) {
      together(account, number, pipe);
      number += 2;
      continue;
    }
    const auto appended = inbox.append(text_of(number));
    if (!appended) ::_exit(5);
    tell(pipe, 'a', number);
    const UidSet uid = UidSet::of(appended->uids[0], appended->uids[0]);
    bool done = true;
    switch (random() % 5) {
      case 0:
        done = inbox.copy(uid, other).has_value();
        tell(pipe, 'c', number);
        break;
      case 1:
        done = inbox.move(uid, other).has_value();
        tell(pipe, 'm', number);
        break;
      case 2:
        done = inbox.store(uid, {.flags = Flag::flagged}).has_value();
        tell(pipe, 'f', number);
        break;
      case 3:
        tell(pipe, 'd', number);
        done = inbox.remove(uid).has_value();
        tell(pipe, 'e', number);
        break;
      default:
        break;
    }
    if (!done) ::_exit(6);
  }
}

struct Found {
  int inbox = 0;
  int other = 0;
  bool flagged = false;
};

std::map<unsigned, Found> look(const Account& account) {
  std::map<unsigned, Found> found;
  for (const char* name : {"INBOX", "Archive"}) {
    const Mailbox mailbox = account.mailbox(name).value();
    const std::vector<Uid> uids = mailbox.uids().value();
    for (const Uid uid : uids) {
      const std::string text = octets_of(mailbox, uid);
      const unsigned number = number_of(text);
      if (text != text_of(number)) FAIL("message " << number << " is not as it was sent");
      Found& entry = found[number];
      ++(name[0] == 'I' ? entry.inbox : entry.other);
      entry.flagged = entry.flagged || flags_of(mailbox, uid).has(Flag::flagged);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("kill -9 at random moments") {
  Fixture scratch;
  const std::string path = scratch.store.options().path + "/s";
  Store::open({.path = path, .password_cost = 1}).value().create_account("bob").value();
  std::map<unsigned, std::string> notes;
  Uid last_uid_next = 1;
  ModSeq last_modseq = 1;
  // More of them on a machine so busy that next to nothing was done.
  for (unsigned round = 0; round < 40 || (notes.size() <= 100 && round < 400); ++round) {
    const unsigned seed = 1000 + round;
    CAPTURE(seed);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      ::close(ends[0]);
      work(path, seed, round * 100'000 + 1, ends[1]);
    }
    ::close(ends[1]);
    std::thread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20 + std::mt19937(seed)() % 250));
      ::kill(child, SIGKILL);
    });
    Note note;
    while (::read(ends[0], &note, sizeof note) == static_cast<ssize_t>(sizeof note)) notes[note.number] += note.what;
    ::close(ends[0]);
    killer.join();
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFSIGNALED(status));  // or else it met an error

    const Store store = Store::open({.path = path, .password_cost = 1}).value();
    const Account account = store.account("bob").value();
    const auto inbox = account.mailbox("INBOX").value().status().value();
    CHECK(inbox.uid_next >= last_uid_next);
    CHECK(inbox.highest_modseq >= last_modseq);
    last_uid_next = inbox.uid_next;
    last_modseq = inbox.highest_modseq;
    CHECK(account.check().value().problems.empty());

    const auto found = look(account);
    std::size_t large = 0;
    for (const auto& [number, entry] : found) {
      if (number % 4 == 0) ++large;
      CHECK(entry.inbox <= 1);
      CHECK(entry.other <= 1);
    }
    for (const auto& [number, what] : notes) {
      CAPTURE(number, what);
      const auto place = found.find(number);
      const Found entry = place == found.end() ? Found{} : place->second;
      if (what == "ade") {
        CHECK(entry.inbox + entry.other == 0);
      } else if (what == "ad") {
        CHECK(entry.inbox <= 1);
      } else {
        CHECK(entry.inbox + entry.other >= 1);
        if (what == "ac") CHECK((entry.inbox == 1 && entry.other == 1));
        if (what == "am") CHECK((entry.inbox == 0 && entry.other == 1));
        if (what == "af") CHECK(entry.flagged);
      }
    }
    // No file is left over, and none is missing.
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& file : std::filesystem::directory_iterator(path + "/accounts/01/1/large")) {
      ++files;
    }
    CHECK(files == large);
  }
  CHECK(notes.size() > 100);
}
