// The full-text index: it changes nothing but how long a search takes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "fixture.h"
#include "search_message.h"
#include "sqlite/connection.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

std::vector<Uid> search(const Mailbox& mailbox, const SearchKey& key, SearchBudget budget = {}) {
  std::vector<Uid> uids;
  Uid from = 1;
  do {
    const SearchPage page = mailbox.search(key, UidSet::all(), from, budget).value();
    uids.insert(uids.end(), page.uids.begin(), page.uids.end());
    from = page.next;
  } while (from != 0);
  return uids;
}

SearchKey text(Kind kind, std::string what) {
  SearchKey key;
  key.kind = kind;
  key.text = std::move(what);
  return key;
}

void index_all(const Account& account, IndexBudget budget = {}) {
  while (!account.update_search_index(budget).value().complete) {
  }
}

// A message whose octets are a file: when that is gone, whoever looks into the message gets an error.
Uid append_large(Fixture& f, const std::string& word) {
  const std::string octets = message_text("large", 100'000) + word + "\r\n";
  return f.inbox.append(octets).value().uids.front();
}
void remove_large_files(const Fixture& f) {
  for (const auto& entry : std::filesystem::directory_iterator(f.account_directory() + "/large")) {
    std::filesystem::remove(entry.path());
  }
}

TEST_CASE("the index rules out messages without looking into them") {
  Fixture f;
  append_large(f, "giraffe");
  const Uid small = f.inbox
                        .append(
                            "Subject: x\r\n\r\nA Zebra and a \xC3\x9C"
                            "ber-Elefant.\r\n")
                        .value()
                        .uids.front();
  index_all(f.account);
  remove_large_files(f);
  CHECK(search(f.inbox, text(Kind::body, "zebra")) == std::vector<Uid>{small});
  CHECK(search(f.inbox, text(Kind::text,
                             "\xC3\xBC"
                             "ber-e")) == std::vector<Uid>{small});
  CHECK(search(f.inbox, text(Kind::text, "neither of them")).empty());
  // It is asked where the index can't tell.
  CHECK(f.inbox.search(text(Kind::body, "giraffe"), UidSet::all(), 1).error().code == Errc::corrupt);
  CHECK(f.inbox.search(text(Kind::body, "zq"), UidSet::all(), 1).error().code == Errc::corrupt);
}

TEST_CASE("a search asks the index once, whatever comes and goes meanwhile") {
  Fixture f({.open_accounts = 1});
  const Account other = f.store.create_account("bob").value();
  const SearchKey key = text(Kind::body, "findable");
  std::vector<Uid> expected;
  Uid large = 0;
  for (int i = 0; i < 40; ++i) {
    expected.push_back(f.inbox.append("Subject: x\r\n\r\nfindable\r\n").value().uids.front());
    if (i % 10 == 5) large = append_large(f, "giraffe");
  }
  index_all(f.account);
  Searcher searcher(key);
  CHECK(searcher.key().text == "findable");
  SearchPage page = f.inbox.search(searcher, UidSet::all(), 1, {.matches = 1}).value();
  REQUIRE(page.uids == std::vector<Uid>{expected[0]});

  // The index goes, and whoever looks into a large message gets an error.
  remove_large_files(f);
  other.mailboxes().value();  // closes alice's files
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::remove(f.account_directory() + "/search.db" + suffix);
  REQUIRE_FALSE(f.inbox.search(key, UidSet::all(), large));

  f.inbox.append("Subject: x\r\n\r\nsomething else\r\n").value();
  expected.push_back(f.inbox.append("Subject: x\r\n\r\nfindable too\r\n").value().uids.front());
  const UidSet copied = UidSet::of(expected[4], expected[8]);  // with a large one
  const UidSet copies = f.inbox.copy(copied, f.inbox).value().destination;
  for (const UidRange& range : copies.ranges()) {
    for (Uid uid = range.first; uid <= range.last; ++uid) {
      if (uid != range.first + 2) expected.push_back(uid);
    }
  }
  f.inbox.remove(UidSet::of(expected[10], expected[10])).value();
  expected.erase(expected.begin() + 10);
  std::vector<Uid> found = page.uids;
  while (page.next != 0) {
    page = f.inbox.search(searcher, UidSet::all(), page.next, {.matches = 7}).value();
    found.insert(found.end(), page.uids.begin(), page.uids.end());
  }
  CHECK(found == expected);
}

TEST_CASE("so few messages are looked into without the index") {
  Fixture f;
  append_large(f, "giraffe");
  index_all(f.account);
  const SearchKey key = text(Kind::body, "elephant");
  CHECK(f.inbox.search(key, UidSet::of(1, 1), 1).value().uids.empty());
  remove_large_files(f);
  CHECK(f.inbox.search(key, UidSet::of(1, 1), 1).error().code == Errc::corrupt);
  CHECK(f.inbox.search(key, UidSet::of(1, 1000), 1).value().uids.empty());
}

TEST_CASE("messages that the index does not know yet are found") {
  Fixture f;
  f.inbox.append(message_text("one")).value();
  index_all(f.account);
  const Uid late = f.inbox.append("Subject: late\r\n\r\nlatecomer\r\n").value().uids.front();
  CHECK(search(f.inbox, text(Kind::body, "latecomer")) == std::vector<Uid>{late});
  index_all(f.account);
  CHECK(search(f.inbox, text(Kind::body, "latecomer")) == std::vector<Uid>{late});
  CHECK(search(f.inbox, text(Kind::text, "subject: la")) == std::vector<Uid>{late});
  CHECK(search(f.inbox, text(Kind::body, "subject: la")).empty());
}

TEST_CASE("copies share the index, and a message moves with it") {
  Fixture f;
  const Uid uid = f.inbox.append("Subject: x\r\n\r\nfindable\r\n").value().uids.front();
  index_all(f.account);
  const Mailbox trash = f.account.mailbox("Trash").value();
  f.inbox.copy(UidSet::of(uid, uid), trash).value();
  f.inbox.move(UidSet::of(uid, uid), trash).value();
  CHECK(search(f.inbox, text(Kind::body, "findable")).empty());
  CHECK(search(trash, text(Kind::body, "findable")).size() == 2);
}

TEST_CASE("searching much text makes an index") {
  Fixture f;
  for (int i = 0; i < 5; ++i) append_large(f, "number" + std::to_string(i));
  CHECK_FALSE(f.store.update_search_indexes());
  CHECK(search(f.inbox, text(Kind::body, "number3")) == std::vector<Uid>{4});
  while (f.store.update_search_indexes()) {
  }
  remove_large_files(f);
  CHECK(search(f.inbox, text(Kind::body, "number9")).empty());
}

TEST_CASE("a host can do without an index") {
  Fixture f({.full_text_index = false});
  for (int i = 0; i < 5; ++i) append_large(f, "number" + std::to_string(i));
  search(f.inbox, text(Kind::body, "number3"));
  CHECK_FALSE(f.store.update_search_indexes());
  CHECK_FALSE(std::filesystem::exists(f.account_directory() + "/search.db"));
}

TEST_CASE("a damaged index is made anew") {
  Fixture f({.open_accounts = 1});
  const Account other = f.store.create_account("bob").value();
  for (int i = 0; i < 50; ++i) f.inbox.append("Subject: x\r\n\r\nword" + std::to_string(i) + "\r\n").value();
  index_all(f.account);
  other.mailboxes().value();  // closes alice's files
  const std::string path = f.account_directory() + "/search.db";
  const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
  REQUIRE(size > 8192);
  for (const bool header : {false, true}) {
    {
      std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(header ? 0 : 4096);
      const std::string garbage(static_cast<std::size_t>(size - 4096), '\x5A');
      file.write(garbage.data(), static_cast<std::streamsize>(garbage.size()));
    }
    CHECK(search(f.inbox, text(Kind::body, "word17")) == std::vector<Uid>{18});
    for (int i = 0; i < 5 && !f.account.update_search_index().has_value(); ++i) {
    }
    index_all(f.account);
    CHECK(search(f.inbox, text(Kind::body, "word18")) == std::vector<Uid>{19});
    other.mailboxes().value();
  }
}

TEST_CASE("the index of another database is thrown away") {
  const auto root =
      std::filesystem::temp_directory_path() / ("postfach-index-" + std::to_string(std::random_device{}()));
  const StoreOptions options{.path = root.string(), .password_cost = 1};
  std::filesystem::path database;
  {
    const Store store = Store::open(options).value();
    const Account account = store.create_account("alice").value();
    database = root / "accounts" / "01" / "1" / "mail.db";
    account.deliver("Subject: x\r\n\r\nfirst\r\n").value();
  }
  REQUIRE(std::filesystem::exists(database));
  std::filesystem::copy(database, root / "saved");
  {
    const Store store = Store::open(options).value();
    const Account account = store.account("alice").value();
    for (int i = 0; i < 3; ++i) account.deliver("Subject: x\r\n\r\nsecond\r\n").value();
    index_all(account);
  }
  // An old copy of the database comes back, and other messages get the identifiers that the index knows.
  std::filesystem::copy(root / "saved", database, std::filesystem::copy_options::overwrite_existing);
  {
    const Store store = Store::open(options).value();
    const Account account = store.account("alice").value();
    const Mailbox inbox = account.mailbox("INBOX").value();
    account.deliver("Subject: x\r\n\r\nthird\r\n").value();
    CHECK(search(inbox, text(Kind::body, "third")) == std::vector<Uid>{2});
    index_all(account);
    CHECK(search(inbox, text(Kind::body, "third")) == std::vector<Uid>{2});
  }
  std::filesystem::remove_all(root);
}

TEST_CASE("an index made before all lines of a header were text is made anew") {
  Fixture f({.open_accounts = 1});
  const Account other = f.store.create_account("bob").value();
  f.inbox.append("Subject: x\r\nno zebra is a field\r\n\r\n").value();
  index_all(f.account);
  other.mailboxes().value();  // closes alice's files
  {
    auto index = sqlite::Connection::open(f.account_directory() + "/search.db", {}).value();
    index->execute("INSERT INTO gram (gram) VALUES ('delete-all'); PRAGMA user_version = 1;").value();
  }
  CHECK(search(f.inbox, text(Kind::text, "zebra")) == std::vector<Uid>{1});
  index_all(f.account);
  CHECK(search(f.inbox, text(Kind::text, "zebra")) == std::vector<Uid>{1});
  CHECK(search(f.inbox, text(Kind::text, "giraffe")).empty());
}

TEST_CASE("a message with more runs than any text has is always looked into") {
  Fixture f;
  std::mt19937 random(7);
  std::string body;
  for (int i = 0; i < 800'000; ++i) {
    body += static_cast<char>('!' + random() % 90);
    if (i % 70 == 69) body += "\r\n";
  }
  f.inbox.append("Subject: noise\r\n\r\n" + body + "needle at the end\r\n").value();
  f.inbox.append("Subject: x\r\n\r\nhay\r\n").value();
  index_all(f.account);
  CHECK(search(f.inbox, text(Kind::body, "needle at")) == std::vector<Uid>{1});
}

TEST_CASE("an index of mostly expunged messages is made anew") {
  Fixture f;
  std::vector<NewMessage> messages;
  for (int i = 0; i < 1200; ++i) {
    Spool spool = f.account.spool().value();
    spool.write("Subject: x\r\n\r\ngoing\r\n").value();
    messages.push_back(NewMessage{std::move(spool)});
  }
  f.inbox.append(std::move(messages)).value();
  index_all(f.account);
  f.inbox.remove(UidSet::all()).value();
  const Uid last = f.inbox.append("Subject: x\r\n\r\nstaying\r\n").value().uids.front();
  index_all(f.account);
  CHECK(f.account.update_search_index().value().complete);
  CHECK(search(f.inbox, text(Kind::body, "staying")) == std::vector<Uid>{last});
  CHECK(search(f.inbox, text(Kind::body, "going")).empty());
}

// Random messages and needles; what is found is the same with an index, with half of one, and without.
TEST_CASE("a search finds the same with an index and without") {
  const std::uint32_t seed = GENERATE(1U, 2U, 3U, 4U);
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> words = {"alpha",
                                          "beta",
                                          "gamma",
                                          "Delta",
                                          "\xC3\xA4pfel",
                                          "Stra\xC3\x9F"
                                          "e",
                                          "\xE6\x97\xA5\xE6\x9C\xAC",
                                          "e\xCC\x81t\xC3\xA9",
                                          "foo bar",
                                          "x"};
  const auto word = [&] { return words[random() % words.size()]; };
  Fixture indexed;
  Fixture plain({.full_text_index = false});
  const auto append = [&] {
    std::string octets = "Subject: " + word() + "\r\n " + word() + "\r\nFrom: " + word() + " <a@b>\r\n";
    octets += "Content-Type: text/plain; charset=utf-8\r\n\r\n";
    for (auto n = random() % 6; n > 0; --n) octets += word() + (random() % 3 == 0 ? "\r\n" : " ");
    if (random() % 10 == 0) octets += std::string(70'000, 'y') + word();
    indexed.inbox.append(octets).value();
    plain.inbox.append(octets).value();
  };
  for (int round = 0; round < 12; ++round) {
    for (auto n = random() % 8; n > 0; --n) append();
    if (random() % 3 == 0) {
      const UidSet gone = UidSet::of(1 + static_cast<Uid>(random() % 20), 1 + static_cast<Uid>(random() % 20));
      indexed.inbox.remove(gone).value();
      plain.inbox.remove(gone).value();
    }
    if (random() % 2 == 0) {
      indexed.account.update_search_index({.messages = 1 + static_cast<std::uint32_t>(random() % 5)}).value();
    }
    for (int i = 0; i < 10; ++i) {
      std::string needle = word();
      if (random() % 2 == 0) needle += ' ' + word();
      if (random() % 3 == 0) needle = needle.substr(0, 1 + random() % needle.size());
      SearchKey key = text(random() % 2 == 0 ? Kind::body : Kind::text, needle);
      if (random() % 4 == 0) {
        SearchKey group;
        group.kind = random() % 2 == 0 ? Kind::none_of : Kind::any_of;
        group.keys = {key, text(Kind::body, word())};
        key = group;
      }
      const SearchBudget budget{.messages = 1 + static_cast<std::uint32_t>(random() % 30)};
      CAPTURE(round, i, needle);
      CHECK(search(indexed.inbox, key, budget) == search(plain.inbox, key));
    }
  }
}

}  // namespace
}  // namespace postfach
