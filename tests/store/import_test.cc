#include "postfach/import.h"

#include <sys/stat.h>
#include <sys/time.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "postfach/store.h"

using namespace postfach;

namespace {

struct Imported {
  std::string octets;
  Flags flags;
  std::vector<std::string> keywords;
  DateTime date;
};

// A temporary store with one account, and a folder for the files to import.
class Fixture {
 public:
  Fixture() {
    char name[] = "/tmp/postfach-import-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~Fixture() { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, std::string_view octets) const {
    const auto path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(octets.data(), static_cast<std::streamsize>(octets.size()));
    return path;
  }
  std::string folder() const { return folder_; }

  std::vector<Imported> messages(const std::string& name = "INBOX") const {
    std::vector<Imported> out;
    auto mailbox = account.mailbox(name).value();
    const auto names = mailbox.keywords().value();
    mailbox
        .fetch(UidSet::all(), Field::none,
               [&](const MessageView& view) {
                 Imported message{{}, view.flags, {}, view.internal_date};
                 for (std::size_t bit = 0; bit < names.size(); ++bit) {
                   if ((view.keywords >> bit & 1U) != 0) message.keywords.push_back(names[bit]);
                 }
                 std::sort(message.keywords.begin(), message.keywords.end());
                 out.push_back(std::move(message));
                 return true;
               })
        .value();
    const auto uids = mailbox.uids().value();
    for (std::size_t i = 0; i < out.size(); ++i) {
      const auto body = mailbox.open(uids[i]).value();
      body.read(0, body.size(), out[i].octets).value();
    }
    return out;
  }

  std::vector<std::string> import(std::string_view mbox, const ImportOptions& options = {}) const {
    import_mbox(account, write("mbox", mbox), options).value();
    std::vector<std::string> out;
    for (auto& message : messages(options.mailbox)) out.push_back(std::move(message.octets));
    return out;
  }

  Store store = Store::open_temporary({.max_message_size = 1024 * 1024, .password_cost = 1}).value();
  Account account = store.create_account("alice@example.org").value();

 private:
  std::filesystem::path folder_;
};

using Messages = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(Fixture, "An mbox becomes messages with CRLF, without the empty lines between them") {
  const auto path = write("mbox",
                          "From a@b Sat Jan  3 01:05:34 1996\n"
                          "Subject: one\nStatus: RO\nX-Keywords: work $Label1\n\nfirst\n\nstill first\n\n"
                          "From a@b Sun Jan  4 01:05:34 1996\n"
                          "Subject: two\nX-Status: F\n\nsecond\n\n\n\n");
  const auto report = import_mbox(account, path).value();
  CHECK(report.messages == 2);
  CHECK(report.problem_count == 0);
  CHECK_FALSE(report.stopped_by.has_value());
  const auto found = messages();
  REQUIRE(found.size() == 2);
  CHECK(found[0].octets ==
        "Subject: one\r\nStatus: RO\r\nX-Keywords: work $Label1\r\n\r\nfirst\r\n\r\nstill first\r\n");
  CHECK(found[0].flags == Flags(Flag::seen));
  CHECK(found[0].keywords == std::vector<std::string>{"$Label1", "work"});
  CHECK(found[0].date == DateTime{820631134, 0});
  CHECK(found[1].octets == "Subject: two\r\nX-Status: F\r\n\r\nsecond\r\n\r\n\r\n");
  CHECK(found[1].flags == Flags(Flag::flagged));
  CHECK(report.octets == found[0].octets.size() + found[1].octets.size());
}

TEST_CASE_METHOD(Fixture, "A file that has CRLF already is taken as it is") {
  CHECK(import("From a@b Sat Jan  3 01:05:34 1996\r\nSubject: x\r\n\r\nlone\nLF\r\n\r\n") ==
        Messages{"Subject: x\r\n\r\nlone\nLF\r\n"});
}

TEST_CASE_METHOD(Fixture, "Text that begins with From does not split a message") {
  CHECK(import("From a@b Sat Jan  3 01:05:34 1996\nSubject: x\n\nHe wrote:\n\nFrom Russia with love\n\n>From home\n"
               ">>From far\nno empty line before\nFrom a@b Sat Jan  3 01:05:34 1996\nend\n") ==
        Messages{"Subject: x\r\n\r\nHe wrote:\r\n\r\nFrom Russia with love\r\n\r\nFrom home\r\n>From far\r\n"
                 "no empty line before\r\nFrom a@b Sat Jan  3 01:05:34 1996\r\nend\r\n"});
}

TEST_CASE_METHOD(Fixture, "Without an empty line before it, a From line counts if a header follows") {
  CHECK(import("From -\nSubject: a\n\none\nFrom -\nSubject: b\n\ntwo\n") ==
        Messages{"Subject: a\r\n\r\none\r\n", "Subject: b\r\n\r\ntwo\r\n"});
  CHECK(import("From -\nSubject: a\n\none\nFrom -\nnow on: more\n", {.mailbox = "Text"}) ==
        Messages{"Subject: a\r\n\r\none\r\nFrom -\r\nnow on: more\r\n"});
}

TEST_CASE_METHOD(Fixture, "mboxo and no quoting at all") {
  const std::string mbox = "From a@b Sat Jan  3 01:05:34 1996\nSubject: x\n\n>From a\n>>From b\n";
  CHECK(import(mbox, {.quoting = MboxQuoting::mboxo}).back() == "Subject: x\r\n\r\nFrom a\r\n>>From b\r\n");
  CHECK(import(mbox, {.quoting = MboxQuoting::none}).back() == "Subject: x\r\n\r\n>From a\r\n>>From b\r\n");
}

TEST_CASE_METHOD(Fixture, "A correct Content-Length protects the body, a wrong one is ignored") {
  const std::string from = "From a@b Sat Jan  3 01:05:34 1996\n";
  const std::string body = "text\n\n" + from + ">From kept\n";  // would be split and unquoted
  CHECK(import(from + "Content-Length: " + std::to_string(body.size()) + "\n\n" + body + "\n" + from +
               "Subject: two\n\nx\n") == Messages{"Content-Length: " + std::to_string(body.size()) +
                                                      "\r\n\r\ntext\r\n\r\nFrom a@b Sat Jan  3 01:05:34 "
                                                      "1996\r\n>From kept\r\n",
                                                  "Subject: two\r\n\r\nx\r\n"});
  CHECK(import(from + "Content-Length: 3\n\ntoo short\n\n" + from + "Content-Length: 99999999999999999999\n\nx\n",
               {.mailbox = "wrong"}) ==
        Messages{"Content-Length: 3\r\n\r\ntoo short\r\n", "Content-Length: 99999999999999999999\r\n\r\nx\r\n"});
}

TEST_CASE_METHOD(Fixture, "A header without a body, undated From lines and a byte order mark") {
  CHECK(import("\xEF\xBB\xBF"
               "From -\nSubject: one\n\nFrom -\nSubject: two\n\nFrom Russia with love\n") ==
        Messages{"Subject: one\r\n\r\n", "Subject: two\r\n\r\nFrom Russia with love\r\n"});
}

TEST_CASE_METHOD(Fixture, "Long lines and messages are the same wherever buffers end") {
  const std::string line(700'000, 'x');
  std::string mbox;
  Messages expected;
  for (int i = 0; i < 3; ++i) {
    mbox += "From a@b Sat Jan  3 01:05:34 1996\nSubject: long\n\n" + line + "\n\n";
    expected.push_back("Subject: long\r\n\r\n" + line + "\r\n");
  }
  CHECK(import(mbox) == expected);
}

TEST_CASE_METHOD(Fixture, "A message over the limit is left out and told, the others come in") {
  const auto path = write("mbox", "From a@b Sat Jan  3 01:05:34 1996\nSubject: big\n\n" + std::string(2'000'000, 'x') +
                                      "\n\nFrom a@b Sat Jan  3 01:05:34 1996\nSubject: small\n\nx\n");
  const auto report = import_mbox(account, path).value();
  CHECK(report.messages == 1);
  CHECK(report.problem_count == 1);
  CHECK(messages().at(0).octets == "Subject: small\r\n\r\nx\r\n");
}

TEST_CASE_METHOD(Fixture, "What is no mbox is refused") {
  CHECK(import_mbox(account, write("text", "Subject: x\n\nbody\n")).error().code == Errc::invalid_argument);
  CHECK(import_mbox(account, folder()).error().code == Errc::invalid_argument);
  CHECK(import_mbox(account, folder() + "/nothing").error().code == Errc::not_found);
  CHECK(import_mbox(account, write("empty", "")).value().messages == 0);
}

TEST_CASE_METHOD(Fixture, "An import over the quota stops, and keeps what it says that it stored") {
  account.set_quota({.messages = 70}).value();
  std::string mbox;
  for (int i = 0; i < 100; ++i) mbox += "From a@b Sat Jan  3 01:05:34 1996\nSubject: x\n\nx\n\n";
  const auto report = import_mbox(account, write("mbox", mbox)).value();
  REQUIRE(report.stopped_by.has_value());
  CHECK(report.stopped_by->code == Errc::over_quota);
  CHECK(report.messages == messages().size());
  CHECK(report.messages > 0);
}

TEST_CASE_METHOD(Fixture, "The caller sees progress and can stop") {
  std::string mbox;
  for (int i = 0; i < 10; ++i) mbox += "From a@b Sat Jan  3 01:05:34 1996\nSubject: x\n\nx\n\n";
  const auto path = write("mbox", mbox);
  ImportProgress last;
  ImportOptions options;
  options.progress = [&](const ImportProgress& progress) {
    last = progress;
    return true;
  };
  CHECK(import_mbox(account, path, options).value().messages == 10);
  CHECK(last.messages == 10);
  CHECK(last.octets == mbox.size());
  CHECK(last.total_octets == mbox.size());

  options.mailbox = "partly";
  options.progress = [](const ImportProgress& progress) { return progress.messages < 3; };
  const auto report = import_mbox(account, path, options).value();
  CHECK(report.messages == 3);
  CHECK(report.stopped_by.has_value());
  CHECK(messages("partly").size() == 3);
}

TEST_CASE_METHOD(Fixture, "A Maildir comes with folders, flags, keywords and dates") {
  const auto first = write("md/cur/100.a.host:2,FS", "Subject: one\n\nfirst\n");
  write("md/cur/101.b.host:2,RTDab", "Subject: two\r\n\r\nbare\nLF\r\n");
  write("md/new/102.c.host", "Subject: three\n\nx");
  write("md/cur/.hidden", "no message");
  write("md/dovecot-keywords", "0 work\n1 $Label2\n");
  write("md/.Entw&APw-rfe.2026/cur/103.d.host:2,S", "Subject: draft\n\n");
  write("md/.Entw&APw-rfe.2026/new/.keep", "");
  write("md/.nothing/x", "no Maildir");
  const timeval times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
  REQUIRE(::utimes(first.c_str(), times) == 0);

  const auto report = import_maildir(account, folder() + "/md").value();
  CHECK(report.messages == 4);
  CHECK(report.problem_count == 0);
  const auto inbox = messages();
  REQUIRE(inbox.size() == 3);
  CHECK(inbox[0].octets == "Subject: one\r\n\r\nfirst\r\n");
  CHECK(inbox[0].flags == (Flag::flagged | Flag::seen));
  CHECK(inbox[0].date == DateTime{1'000'000'000, 0});
  CHECK(inbox[1].octets == "Subject: two\r\n\r\nbare\nLF\r\n");
  CHECK(inbox[1].flags == (Flags(Flag::answered) | Flag::deleted | Flag::draft));
  CHECK(inbox[1].keywords == std::vector<std::string>{"$Label2", "work"});
  CHECK(inbox[2].octets == "Subject: three\r\n\r\nx");
  CHECK(inbox[2].flags.empty());
  CHECK(messages("Entw\xC3\xBCrfe/2026").at(0).flags == Flags(Flag::seen));

  CHECK(import_maildir(account, folder() + "/md", {.mailbox = "Old"}).value().messages == 4);
  CHECK(messages("Old/Entw\xC3\xBCrfe/2026").size() == 1);
  CHECK(import_maildir(account, folder()).error().code == Errc::invalid_argument);
}

TEST_CASE_METHOD(Fixture, "Keywords that IMAP can't have are left out and told") {
  const auto report = import_mbox(account, write("mbox",
                                                 "From a@b Sat Jan  3 01:05:34 1996\n"
                                                 "X-Keywords: good (bad) al\xC3\xB6so\n\nx\n"))
                          .value();
  CHECK(report.messages == 1);
  CHECK(report.problem_count == 2);
  CHECK(messages().at(0).keywords == std::vector<std::string>{"good"});
}

TEST_CASE_METHOD(Fixture, "Local text gets CRLF wherever it is cut") {
  struct Row {
    std::string text, expected;
  };
  const Row rows[] = {
      {"a\nb\n", "a\r\nb\r\n"},       {"a\r\nb\nc", "a\r\nb\nc"}, {"a\nb\r\nc\n", "a\r\nb\r\nc\r\n"},
      {"\nb\n", "\r\nb\r\n"},         {"\r\nb\n", "\r\nb\n"},     {"a\n\nb\r\r\n\n", "a\r\n\r\nb\r\r\n\r\n"},
      {"no line end", "no line end"}, {"a\rb\nc", "a\rb\r\nc"}};
  for (const auto& row : rows) {
    for (std::size_t cut = 0; cut <= row.text.size(); ++cut) {
      INFO(row.text << " cut at " << cut);
      auto spool = account.spool().value();
      LocalText text;
      spool.write(text.convert(std::string_view(row.text).substr(0, cut))).value();
      spool.write(text.convert(std::string_view(row.text).substr(cut))).value();
      account.deliver(std::move(spool), {.mailbox = "cut"}).value();
      CHECK(messages("cut").back().octets == row.expected);
      account.remove_mailbox("cut").value();
    }
  }
}
