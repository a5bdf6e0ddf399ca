// Threads of stored messages: Mailbox::thread, and the identifiers of RFC 8474.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include <unistd.h>

#include "fixture.h"
#include "sqlite/connection.h"
#include "sqlite/migrations.h"
#include "thread_model.h"

using namespace postfach;

namespace {

std::string mail(const std::string& id, const std::string& references = {}, const std::string& subject = "x",
                 std::size_t size = 0, const std::string& domain = "x") {
  std::string text = id.empty() ? "" : "Message-ID: <" + id + "@" + domain + ">\r\n";
  if (!references.empty()) {
    text += "References:";
    for (const char c : references) text += " <" + std::string(1, c) + "@" + domain + ">";
    text += "\r\n";
  }
  return text + message_text(subject, size);
}

Uid add(const Mailbox& mailbox, const std::string& octets) { return mailbox.append(octets).value().uids[0]; }

struct Ids {
  std::string email, thread;
};

std::map<Uid, Ids> ids_of(const Mailbox& mailbox) {
  std::map<Uid, Ids> ids;
  mailbox
      .fetch(UidSet::all(), Field::email_id | Field::thread_id,
             [&](const MessageView& view) {
               ids[view.uid] = {std::string(view.email_id), std::string(view.thread_id)};
               return true;
             })
      .value();
  return ids;
}

// Messages by thread: "1,2 3".
std::string groups(const Mailbox& mailbox) {
  std::vector<std::pair<std::string, std::string>> threads;
  for (const auto& [uid, ids] : ids_of(mailbox)) {
    const std::string& id = ids.thread;
    auto found = std::find_if(threads.begin(), threads.end(), [&id](const auto& each) { return each.first == id; });
    if (found == threads.end()) {
      threads.emplace_back(id, std::to_string(uid));
    } else {
      found->second += "," + std::to_string(uid);
    }
  }
  std::string text;
  for (const auto& [thread, uids] : threads) text += (text.empty() ? "" : " ") + uids;
  return text;
}

std::string threads(const Mailbox& mailbox, ThreadAlgorithm algorithm, const UidSet& within = UidSet::all(),
                    SearchBudget budget = {}) {
  Threader threader(algorithm);
  for (Uid from = 1; from != 0;) from = mailbox.thread(threader, within, from, budget).value();
  return test::print_threads(threader.finish());
}

std::vector<Uid> found(const Mailbox& mailbox, SearchKey::Kind kind, const std::string& id) {
  SearchKey key;
  key.kind = kind;
  key.text = id;
  return mailbox.search(key, UidSet::all(), 1).value().uids;
}

std::unique_ptr<sqlite::Connection> open_database(const std::string& path) {
  return sqlite::Connection::open(path, {}).value();
}

// Takes a database back to where it was before the migration that makes threads.
void forget_threads(sqlite::Connection& db) {
  db.execute(
        "DROP INDEX body_thread; DROP TABLE thread_ref; DROP TABLE thread_backlog;"
        "ALTER TABLE body DROP COLUMN thread_refs; ALTER TABLE body DROP COLUMN thread_id;")
      .value();
}

void migrate_threads(sqlite::Connection& db) {
  for (const char* script : sqlite::kMailSchema.migrations) {
    if (std::string_view(script).find("CREATE TABLE thread_backlog") != std::string_view::npos) {
      db.execute(script).value();
    }
  }
}

}  // namespace

TEST_CASE("threads of stored messages, in any steps") {
  Fixture f;
  const auto dated = [](int day, const std::string& text) {
    return "Date: Mon, " + std::to_string(day) + " Jan 2024 00:00:00 +0000\r\n" + text;
  };
  add(f.inbox, dated(1, mail("a", "", "Hello")));
  add(f.inbox, dated(5, mail("b", "a", "Re: Hello")));
  add(f.inbox, dated(3, mail("c", "ab", "Re: Hello")));
  add(f.inbox, dated(2, mail("d", "", "Fwd: [list] HELLO", 100'000)));
  add(f.inbox, dated(9, "In-Reply-To: your mail <c@x>\r\n" + mail("e", "", "Other")));
  add(f.inbox, dated(8, mail("f", "z", "Lost")));
  add(f.inbox, dated(7, mail("g", "z", "Lost too")));
  const std::string all = "(1 (4)(2 3 5))((7)(6))";
  CHECK(threads(f.inbox, ThreadAlgorithm::references) == all);
  for (const std::uint32_t step : {1U, 2U, 3U, 5U}) {
    CHECK(threads(f.inbox, ThreadAlgorithm::references, UidSet::all(), {step, 1'000'000}) == all);
    CHECK(threads(f.inbox, ThreadAlgorithm::references, UidSet::all(), {1000, step}) == all);
  }
  CHECK(threads(f.inbox, ThreadAlgorithm::references, UidSet::of(2, 5)) == "((4)(2 3 5))");
  CHECK(threads(f.inbox, ThreadAlgorithm::ordered_subject) == "(1 (4)(3)(2))(7)(6)(5)");
  CHECK(threads(f.inbox, ThreadAlgorithm::references, UidSet()).empty());
}

TEST_CASE("EMAILID is that of the content, THREADID that of the first related message") {
  Fixture f;
  const Mailbox archive = f.account.mailbox("Archive").value();
  add(f.inbox, mail("a"));
  add(f.inbox, mail("b", "a"));
  add(f.inbox, mail("c", "ab"));
  add(f.inbox, mail(""));
  add(f.inbox, mail(""));
  CHECK(groups(f.inbox) == "1,2,3 4 5");
  const auto before = ids_of(f.inbox);
  std::set<std::string> all;
  for (const auto& [uid, ids] : before) {
    CHECK(ids.email.starts_with("M"));
    CHECK(ids.thread.starts_with("T"));
    CHECK(ids.email.size() <= 32);
    CHECK(ids.email.substr(1).find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(all.insert(ids.email).second);
  }
  // Copies and what was moved.
  f.inbox.copy(UidSet::of(1, 2), archive).value();
  f.inbox.move(UidSet::of(3, 4), archive).value();
  f.inbox.copy(UidSet::of(5, 5), f.inbox).value();
  const auto there = ids_of(archive);
  for (const Uid uid : {1U, 2U, 3U, 4U}) {
    CHECK(there.at(uid).email == before.at(uid).email);
    CHECK(there.at(uid).thread == before.at(uid).thread);
  }
  CHECK(ids_of(f.inbox).at(6).email == before.at(5).email);
  CHECK(ids_of(f.inbox).at(6).thread == before.at(5).thread);
  // A reply in another mailbox.
  add(f.account.mailbox("Sent").value(), mail("d", "c"));
  CHECK(ids_of(f.account.mailbox("Sent").value()).at(1).thread == before.at(1).thread);
  CHECK(f.problems().empty());
}

TEST_CASE("a thread is one in whatever order it arrives") {
  // A tree of replies, each with all of its references, or only with its parent.
  struct Reply {
    char id;
    std::string references;
  };
  const std::vector<Reply> full = {{'a', ""}, {'b', "a"}, {'c', "ab"}, {'d', "ab"}, {'e', "abd"}};
  std::vector<std::size_t> order = {0, 1, 2, 3, 4};
  Fixture f;
  int round = 0;
  do {
    const std::string domain = std::to_string(++round);
    std::set<std::string> told;
    for (const std::size_t i : order) {
      add(f.inbox, mail(std::string(1, full[i].id), full[i].references, "x", 0, domain));
      for (const auto& [uid, ids] : ids_of(f.inbox)) told.insert(ids.thread);
    }
    CHECK(told.size() == 1);
    f.inbox.remove(UidSet::all()).value();
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(f.problems().empty());
}

TEST_CASE("a thread that was told is kept, also when a message joins two of them") {
  Fixture f;
  add(f.inbox, mail("a"));
  add(f.inbox, mail("b"));
  const auto before = ids_of(f.inbox);
  CHECK(groups(f.inbox) == "1 2");
  add(f.inbox, mail("c", "ab"));  // the nearest decides
  add(f.inbox, mail("d", "c"));
  add(f.inbox, mail("a"));  // the same message once more
  CHECK(groups(f.inbox) == "1,5 2,3,4");
  CHECK(ids_of(f.inbox).at(1).thread == before.at(1).thread);
  CHECK(ids_of(f.inbox).at(2).thread == before.at(2).thread);
  CHECK(f.problems().empty());
}

TEST_CASE("a reply finds the thread whose first messages are gone") {
  Fixture f;
  add(f.inbox, mail("a"));
  add(f.inbox, mail("b", "a"));
  const std::string thread = ids_of(f.inbox).at(2).thread;
  f.inbox.remove(UidSet::of(1, 1)).value();
  for (int i = 0; i < 50; ++i) {
    const Uid uid = add(f.inbox, mail(""));
    f.inbox.remove(UidSet::of(uid, uid)).value();
  }
  const Uid uid = add(f.inbox, mail("c", "a"));
  CHECK(ids_of(f.inbox).at(uid).thread == thread);
  CHECK(f.problems().empty());
}

TEST_CASE("what threads leave behind does not grow for ever") {
  Fixture f;
  add(f.inbox, mail("a"));
  const auto rows = [&] {
    return open_database(f.account_directory() + "/mail.db")->value("SELECT count(*) FROM thread_ref").value().value();
  };
  std::int64_t most = 0;
  for (int i = 0; i < 600; ++i) {
    const Uid uid = add(f.inbox, "Message-ID: <" + std::to_string(i) + "@y>\r\nReferences: <r" + std::to_string(i) +
                                     "@y>\r\n\r\nx\r\n");
    f.inbox.remove(UidSet::of(uid, uid)).value();
    most = std::max(most, rows());
  }
  CHECK(most < 100);
  const Uid reply = add(f.inbox, mail("b", "a"));
  CHECK(ids_of(f.inbox).at(reply).thread == ids_of(f.inbox).at(1).thread);
  CHECK(f.problems().empty());
}

TEST_CASE("search by identifier") {
  Fixture f;
  using Kind = SearchKey::Kind;
  for (const char* references : {"", "a", "", "ab"}) {
    static char id = 'a';
    add(f.inbox, mail(std::string(1, id++), references));
  }
  const auto ids = ids_of(f.inbox);
  f.inbox.copy(UidSet::of(2, 2), f.inbox).value();
  CHECK(found(f.inbox, Kind::email_id, ids.at(2).email) == std::vector<Uid>{2, 5});
  CHECK(found(f.inbox, Kind::thread_id, ids.at(1).thread) == std::vector<Uid>{1, 2, 4, 5});
  CHECK(found(f.inbox, Kind::thread_id, ids.at(3).thread) == std::vector<Uid>{3});
  // Exactly: neither another kind, nor case, nor another way to write the number.
  CHECK(found(f.inbox, Kind::thread_id, ids.at(1).email).empty());
  CHECK(found(f.inbox, Kind::email_id, ids.at(1).thread).empty());
  std::string upper = ids.at(2).email;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  if (upper != ids.at(2).email) CHECK(found(f.inbox, Kind::email_id, upper).empty());
  const std::string& email = ids.at(2).email;
  CHECK(found(f.inbox, Kind::email_id, email.substr(0, 13) + "0" + email.substr(13)).empty());
  CHECK(found(f.inbox, Kind::email_id, email + "0").empty());
  for (const char* none : {"", "M", "T", "M-1", "Mzz", "x"}) CHECK(found(f.inbox, Kind::email_id, none).empty());

  SearchKey either;
  either.kind = Kind::any_of;
  for (const Uid uid : {3U, 4U}) {
    SearchKey key;
    key.kind = Kind::email_id;
    key.text = ids.at(uid).email;
    either.keys.push_back(key);
  }
  CHECK(f.inbox.search(either, UidSet::all(), 1).value().uids == std::vector<Uid>{3, 4});
}

TEST_CASE("names given after a restore are not those of before") {
  Fixture f;
  add(f.inbox, mail("a"));
  const auto before = ids_of(f.inbox);
  {
    const auto db = open_database(f.account_directory() + "/mail.db");
    db->execute("INSERT INTO epoch SELECT next_message_id, 'feedfacef00d' FROM account").value();
  }
  add(f.inbox, mail("b"));
  add(f.inbox, mail("c", "a"));
  const auto after = ids_of(f.inbox);
  CHECK(after.at(1).email == before.at(1).email);
  CHECK(after.at(2).email.starts_with("Mfeedfacef00d"));
  CHECK(after.at(2).thread.starts_with("Tfeedfacef00d"));
  CHECK(after.at(3).thread == before.at(1).thread);
  CHECK(found(f.inbox, SearchKey::Kind::email_id, after.at(2).email) == std::vector<Uid>{2});
  CHECK(found(f.inbox, SearchKey::Kind::email_id, before.at(1).email.substr(0, 13) + after.at(2).email.substr(13))
            .empty());
}

TEST_CASE("mail of an older version is threaded at once, and gets its identifiers step by step") {
  const std::string root = std::filesystem::temp_directory_path() / ("threads-" + std::to_string(::getpid()));
  std::filesystem::remove_all(root);
  const StoreOptions options{.path = root, .password_cost = 1};
  std::string database;
  std::map<Uid, Ids> before;
  std::string tree;
  {
    const Store store = Store::open(options).value();
    const Account account = store.create_account("alice").value();
    const Mailbox inbox = account.mailbox("INBOX").value();
    add(inbox, mail("a", "", "S"));
    add(inbox, mail("b", "a", "Re: S", 100'000));  // a file
    add(inbox, mail("", "", "T"));
    for (int i = 0; i < 450; ++i) add(inbox, mail("", i % 2 == 0 ? "a" : "", "Re: S"));
    inbox.copy(UidSet::of(2, 2), account.mailbox("Archive").value()).value();
    inbox.remove(UidSet::of(10, 10)).value();
    before = ids_of(inbox);
    tree = threads(inbox, ThreadAlgorithm::references);
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (entry.path().filename() == "mail.db") database = entry.path();
    }
  }
  {
    const auto db = open_database(database);
    forget_threads(*db);
    migrate_threads(*db);
  }
  {
    const Store store = Store::open(options).value();
    const Account account = store.account("alice").value();
    const Mailbox inbox = account.mailbox("INBOX").value();
    CHECK(account.check().value().problems.empty());
    CHECK(threads(inbox, ThreadAlgorithm::references) == tree);
    CHECK(ids_of(inbox).at(1).thread.empty());
    CHECK(ids_of(inbox).at(1).email == before.at(1).email);
    // New mail waits for what it may be a reply to.
    const Uid reply = add(inbox, mail("c", "b", "Re: S"));
    CHECK(ids_of(inbox).at(reply).thread.empty());
    CHECK(account.check().value().problems.empty());
    int steps = 1;
    while (account.assign_threads().value()) ++steps;
    CHECK(steps > 2);
    CHECK_FALSE(account.assign_threads().value());
    CHECK(account.check().value().problems.empty());
    const auto after = ids_of(inbox);
    for (const auto& [uid, ids] : before) {
      CHECK(after.at(uid).email == ids.email);
      CHECK(after.at(uid).thread == ids.thread);
    }
    CHECK(after.at(reply).thread == before.at(1).thread);
    const auto archived = ids_of(account.mailbox("Archive").value());
    CHECK(archived.at(1).thread == after.at(2).thread);
    inbox.remove(UidSet::of(reply, reply)).value();
    CHECK(threads(inbox, ThreadAlgorithm::references) == tree);
    CHECK(account.check().value().problems.empty());
  }
  {
    const auto db = open_database(database);
    CHECK(db->value("SELECT count(*) FROM thread_backlog").value() == 0);
  }
  std::filesystem::remove_all(root);
}

TEST_CASE("check finds what is wrong with threads") {
  for (const char* damage :
       {"UPDATE body SET thread_id = NULL WHERE id = 1", "UPDATE body SET thread_refs = NULL WHERE id = 1",
        "UPDATE body SET thread_refs = x'00' WHERE id = 1", "UPDATE body SET thread_id = 99 WHERE id = 1",
        "UPDATE body SET thread_id = 2 WHERE id = 1", "DELETE FROM thread_ref",
        "UPDATE thread_ref SET thread_id = 7"}) {
    INFO(damage);
    Fixture f;
    add(f.inbox, mail("a"));
    add(f.inbox, mail("b"));
    CHECK(f.problems().empty());
    open_database(f.account_directory() + "/mail.db")->execute(damage).value();
    CHECK_FALSE(f.problems().empty());
  }
}
