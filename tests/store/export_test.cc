// Maildirs and mbox files that other servers wrote, and those that are written here.
#include "postfach/export.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "fixture.h"
#include "postfach/import.h"
#include "store/uidl_format.h"

using namespace postfach;
namespace fs = std::filesystem;

namespace {

struct Files : Fixture {
  Files() {
    char name[] = "/tmp/postfach-export-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~Files() { fs::remove_all(folder); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  std::string write(const std::string& name, std::string_view octets) const {
    const auto path = folder / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary).write(octets.data(), static_cast<std::streamsize>(octets.size()));
    return path;
  }
  std::string read(const std::string& name) const {
    std::ifstream in(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::vector<Uid> uids(const std::string& mailbox = "INBOX") const {
    return account.mailbox(mailbox).value().uids().value();
  }
  std::vector<std::string> keywords(Uid uid) const {
    const auto mailbox = account.mailbox("INBOX").value();
    const auto names = mailbox.keywords().value();
    std::vector<std::string> out;
    mailbox
        .fetch(UidSet::of(uid, uid), Field::none,
               [&](const MessageView& view) {
                 for (std::size_t bit = 0; bit < names.size(); ++bit) {
                   if ((view.keywords >> bit & 1U) != 0) out.push_back(names[bit]);
                 }
                 return true;
               })
        .value();
    std::sort(out.begin(), out.end());
    return out;
  }

  fs::path folder;
};

}  // namespace

TEST_CASE_METHOD(Files, "Dovecot's UID list, UIDLs and subscriptions are kept, sizes in names are no truth") {
  write("md/cur/100.a,S=99999,W=88888:2,S", "Subject: a\n\n");
  write("md/cur/101.b:2,", "Subject: b\n\n");
  write("md/new/102.c", "Subject: c\n\n");
  write("md/.Sub/cur/103.d:2,", "Subject: d\n\n");
  write("md/.Sub/new/.keep", "");
  write("md/dovecot-uidlist",
        "3 V1700000000 N50 G0123\n7 Pold-uidl W12 :101.b\n5 :100.a,S=99999,W=88888\n9 Pother :101.b\n");
  write("md/subscriptions", "V\t2\n\nSub\tBelow\nEntw&APw-rfe\n");
  const ImportOptions options{.uidl_format = "%08Xu%08Xv"};
  const auto report = import_maildir(account, folder / "md", options).value();
  CHECK(report.messages == 4);
  CHECK(report.problem_count == 0);
  CHECK(uids() == std::vector<Uid>{5, 9, 50});
  const auto mailbox = account.mailbox("INBOX").value();
  CHECK(mailbox.status().value().uid_validity == 1'700'000'000);
  CHECK(uidl_of(mailbox, 5) == "000000056553f100");
  CHECK(uidl_of(mailbox, 9) == "other");
  CHECK(octets_of(mailbox, 5) == "Subject: a\r\n\r\n");
  const auto names = account.subscriptions().value();
  CHECK(std::count(names.begin(), names.end(), "Sub/Below") == 1);
  CHECK(std::count(names.begin(), names.end(), "Entw\xC3\xBCrfe") == 1);

  // Again, after a flag has changed and a message has come.
  fs::rename(folder / "md/new/102.c", folder / "md/cur/102.c:2,S");
  write("md/new/104.e", "Subject: e\n\n");
  const auto again = import_maildir(account, folder / "md", options).value();
  CHECK(again.messages == 1);
  CHECK(again.present == 4);
  CHECK(uids() == std::vector<Uid>{5, 9, 50, 51});
}

TEST_CASE_METHOD(Files, "Courier's UIDs, UIDLs, keywords and subscriptions are kept") {
  for (const char* const name : {"100.a", "101.b", "102.c", "103.d"})
    write(std::string("md/cur/") + name + ":2,", "Subject: x\n\n");
  write("md/new/.keep", "");
  write("md/courierimapuiddb", "1 1600000000 30\n11 100.a\n12 101.b\n20 102.c\n");
  write("md/courierpop3dsizelist", "/2 3 1500000000\n100.a 17 1:1500000000\n101.b 17 2:0\n102.c:2,S 17 0:0\n");
  write("md/courierimapkeywords/:list", "work\nhome\n\n100.a:0 1\n101.b:7\n");
  write("md/courierimapkeywords/.1.102.c", "late\n");
  write("md/courierimapsubscribed", "INBOX\nINBOX.Sent.2020\n");
  const auto report = import_maildir(account, folder / "md").value();
  CHECK(report.messages == 4);
  CHECK(uids() == std::vector<Uid>{11, 12, 20, 30});
  const auto mailbox = account.mailbox("INBOX").value();
  CHECK(mailbox.status().value().uid_validity == 1'600'000'000);
  CHECK(uidl_of(mailbox, 11) == "UID1-1500000000");
  CHECK(uidl_of(mailbox, 12) == "UID2");
  CHECK(uidl_of(mailbox, 20) == "102.c");
  CHECK(keywords(11) == std::vector<std::string>{"home", "work"});
  CHECK(keywords(12).empty());
  CHECK(keywords(20) == std::vector<std::string>{"late"});
  const auto names = account.subscriptions().value();
  CHECK(std::count(names.begin(), names.end(), "Sent/2020") == 1);
}

TEST_CASE_METHOD(Files, "Two messages with one UIDL: one gets a new one, and that is said") {
  write("md/cur/1:2,", "a\n");
  write("md/cur/2:2,", "b\n");
  write("md/new/.keep", "");
  write("md/dovecot-uidlist", "3 V17 N3\n1 Psame :1\n2 Psame :2\n");
  const auto report = import_maildir(account, folder / "md").value();
  CHECK(report.messages == 2);
  REQUIRE(report.problem_count == 1);
  CHECK(report.problems[0].find("same") != std::string::npos);
}

TEST_CASE_METHOD(Files, "UIDs of an mbox come from X-UID, and its messages are known again wherever they stand") {
  const std::string from = "From a@b Sat Jan  3 01:05:34 1996\n";
  const std::string one =
      from + "X-IMAPbase: 1700000000 40 work\nX-UID: 5\nX-UIDL: abc\nStatus: RO\nSubject: 1\n\nx\n\n";
  const std::string two = from + "X-UID: 30\nSubject: 2\n\nx\n\n";
  auto report = import_mbox(account, write("mbox", one + two + from + "Subject: 3\n\nx\n")).value();
  CHECK(report.messages == 3);
  CHECK(uids() == std::vector<Uid>{5, 30, 41});
  const auto mailbox = account.mailbox("INBOX").value();
  CHECK(mailbox.status().value().uid_validity == 1'700'000'000);
  CHECK(uidl_of(mailbox, 5) == "abc");

  // One gone, one read, one more, and one twice.
  const std::string read = from + "X-IMAPbase: 1700000000 42 work\nX-UID: 30\nStatus: RO\nSubject: 2\n\nx\n\n";
  const std::string more = from + "X-UID: 42\nSubject: 4\n\nx\n\n";
  report = import_mbox(account, write("elsewhere", read + more + more)).value();
  CHECK(report.messages == 2);
  CHECK(report.present == 1);
  CHECK(import_mbox(account, folder / "elsewhere").value().messages == 0);
}

TEST_CASE_METHOD(Files, "The message that only holds X-IMAP is no message") {
  const std::string from = "From MAILER-DAEMON Sat Jan  3 01:05:34 1996\n";
  const auto path = write("mbox", from +
                                      "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\n"
                                      "X-IMAP: 1600000000 0000000009\nStatus: RO\n\nThis text\n\n" +
                                      from + "X-UID: 9\nSubject: real\n\nx\n");
  CHECK(import_mbox(account, path).value().messages == 1);
  CHECK(uids() == std::vector<Uid>{9});
  CHECK(account.mailbox("INBOX").value().status().value().uid_validity == 1'600'000'000);
}

TEST_CASE_METHOD(Files, "A Maildir that was written comes back the same into another account") {
  auto spool = account.spool().value();
  spool.write(message_text("large", 300'000)).value();
  NewMessage message{
      std::move(spool), Flag::seen | Flag::flagged, {"work", "$Forwarded"}, DateTime{1'000'000'000, 0}, "my-uidl"};
  inbox.append(std::move(message)).value();
  inbox.append("Subject: lone\n\nLF\n", Flag::draft).value();
  account.create_mailbox("Entw\xC3\xBCrfe/v1.0").value().append("Subject: x\r\n\r\nx").value();
  const auto report = export_maildir(account, folder / "out").value();
  CHECK(report.messages == 3);
  REQUIRE(report.problem_count == 1);  // a dot is a level there
  CHECK(fs::exists(folder / "out/.Entw&APw-rfe.v1_0/cur"));
  CHECK(read("out/dovecot-keywords") == "0 work\n1 $Forwarded\n");

  const auto bob = store.create_account("bob@example.org").value();
  CHECK(import_maildir(bob, folder / "out").value().messages == 3);
  const auto copy = bob.mailbox("INBOX").value();
  CHECK(copy.status().value().uid_validity == inbox.status().value().uid_validity);
  CHECK(copy.status().value().uid_next == 3);
  CHECK(octets_of(copy, 1) == message_text("large", 300'000));
  CHECK(uidl_of(copy, 1) == "my-uidl");
  CHECK(uidl_of(copy, 2) == uidl_of(inbox, 2));
  CHECK(flags_of(copy, 1) == (Flag::seen | Flag::flagged));
  CHECK(flags_of(copy, 2) == Flags(Flag::draft));
  copy.fetch(UidSet::of(1, 1), Field::none,
             [&](const MessageView& view) {
               CHECK(view.internal_date == DateTime{1'000'000'000, 0});
               CHECK(view.keywords != 0);
               return true;
             })
      .value();
  CHECK(octets_of(bob.mailbox("Entw\xC3\xBCrfe/v1_0").value(), 1) == "Subject: x\r\n\r\nx");
}

TEST_CASE_METHOD(Files, "A second export into a Maildir writes what is missing, and nothing else") {
  const auto tree = [&] {
    std::map<std::string, std::pair<std::string, fs::file_time_type>> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder / "out")) {
      if (!entry.is_regular_file()) continue;
      const auto name = fs::relative(entry.path(), folder).string();
      files[name] = {read(name), fs::last_write_time(entry.path())};
    }
    return files;
  };
  const auto names_in = [&](const char* where) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / where)) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  };
  inbox.append("Subject: 1\r\n\r\nx\r\n").value();
  inbox.append("Subject: 2\r\n\r\nx\r\n", Flag::seen).value();
  inbox.store(UidSet::of(1, 2), {.keywords = {"work"}}).value();
  const auto sub = account.create_mailbox("Sub").value();
  sub.append("Subject: 3\r\n\r\nx\r\n").value();
  CHECK(export_maildir(account, folder / "out").value().messages == 3);
  const auto first = tree();
  auto again = export_maildir(account, folder / "out").value();
  CHECK(again.messages == 0);
  CHECK(again.octets == 0);
  CHECK(again.present == 3);
  const auto second = tree();
  CHECK(first.size() == second.size());
  for (const auto& [name, file] : first) {
    INFO(name);
    CHECK(second.at(name).first == file.first);
    if (name.find("/cur/") != std::string::npos) CHECK(second.at(name).second == file.second);
  }

  // Flags, new mail, and what is gone: its file stays under its UID.
  const auto uidl = uidl_of(inbox, 2);
  inbox.remove(UidSet::of(2, 2)).value();
  inbox.store(UidSet::of(1, 1), {.flags = Flag::flagged, .keywords = {"late"}}).value();
  inbox.append("Subject: 4\r\n\r\nx\r\n").value();
  again = export_maildir(account, folder / "out").value();
  CHECK(again.messages == 1);
  CHECK(again.present == 2);
  const auto files = names_in("out/cur");
  REQUIRE(files.size() == 3);
  CHECK(std::count_if(files.begin(), files.end(), [](const std::string& name) { return name.ends_with(":2,Fab"); }) ==
        1);
  CHECK(std::count_if(files.begin(), files.end(), [](const std::string& name) { return name.ends_with(":2,Sa"); }) ==
        1);
  CHECK(read("out/dovecot-keywords") == "0 work\n1 late\n");
  const auto list = read("out/dovecot-uidlist");
  CHECK(list.find("\n2 P" + uidl + " :") != std::string::npos);
  CHECK(list.substr(0, list.find('\n'))
            .ends_with(
                first.at("out/dovecot-uidlist").first.substr(first.at("out/dovecot-uidlist").first.find(" G"), 34)));
  const auto bob = store.create_account("bob@example.org").value();
  CHECK(import_maildir(bob, folder / "out").value().messages == 4);
  CHECK(bob.mailbox("INBOX").value().uids().value() == std::vector<Uid>{1, 2, 3});

  // One that broke off: no list, no keywords, half a file, some messages missing.
  for (const char* const lost : {"out/dovecot-uidlist", "out/dovecot-keywords", "out/subscriptions"}) {
    fs::remove(folder / lost);
  }
  fs::remove(folder / "out/cur" / files[0]);
  write("out/tmp/3.postfach", "Subject: ha");
  again = export_maildir(account, folder / "out").value();
  CHECK(again.messages == 1);
  CHECK(names_in("out/cur").size() == 3);
  CHECK(names_in("out/tmp").empty());
  CHECK(read("out/dovecot-uidlist").find("\n3 P") != std::string::npos);
}

TEST_CASE_METHOD(Files, "An export that was stopped goes on where it was") {
  for (int i = 0; i < 30; ++i) inbox.append(message_text(std::to_string(i))).value();
  const auto stopped = export_maildir(
      account, folder / "out", {.progress = [](const ExportProgress& progress) { return progress.messages < 12; }});
  CHECK(stopped.error().code == Errc::not_permitted);
  const auto rest = export_maildir(account, folder / "out").value();
  CHECK(rest.messages == 18);
  CHECK(rest.present == 12);
  const auto bob = store.create_account("bob@example.org").value();
  CHECK(import_maildir(bob, folder / "out").value().messages == 30);
}

TEST_CASE_METHOD(Files, "An export does not touch what others wrote") {
  inbox.append("Subject: 1\r\n\r\nx\r\n").value();
  const auto refused = [&](const Account& who) {
    const auto done = export_maildir(who, folder / "out");
    return !done && done.error().code == Errc::already_exists;
  };
  write("out/notes.txt", "mine");
  CHECK(refused(account));
  fs::remove_all(folder / "out");
  for (const char* const name : {"out/cur/100.a:2,", "out/new/100.b", "out/tmp/100.c"}) {
    for (const char* const part : {"cur", "new", "tmp"}) fs::create_directories(folder / "out" / part);
    write(name, "Subject: theirs\n\n");
    CHECK(refused(account));
    CHECK(read(name) == "Subject: theirs\n\n");
    fs::remove_all(folder / "out");
  }
  // Another account, whose UIDs and perhaps UIDVALIDITY are the same.
  export_maildir(account, folder / "out").value();
  const auto before = read("out/dovecot-uidlist");
  const auto bob = store.create_account("bob@example.org").value();
  bob.mailbox("INBOX").value().append("Subject: bob\r\n\r\n").value();
  CHECK(refused(bob));
  CHECK(read("out/dovecot-uidlist") == before);
  // A mailbox that was made anew.
  account.create_mailbox("Sub").value().append("x").value();
  export_maildir(account, folder / "out").value();
  account.remove_mailbox("Sub").value();
  account.create_mailbox("Sub").value().append("y").value();
  CHECK(refused(account));
}

TEST_CASE_METHOD(Files, "Folders in folders, as Dovecot's LAYOUT=fs has them") {
  const auto maildir = [&](const std::string& path, const std::string& subject) {
    write(path + "/cur/100." + subject + ":2,S", "Subject: " + subject + "\n\n");
    fs::create_directories(folder / path / "new");
    fs::create_directories(folder / path / "tmp");
  };
  maildir("md", "inbox");
  maildir("md/Work/v1.0", "work");
  maildir("md/Entw&APw-rfe", "draft");
  maildir("md/Only/Deep", "deep");
  maildir("md/INBOX/Sub", "sub");
  write("md/Work/v1.0/dovecot-uidlist", "3 V1700000000 N50 G0123\n7 Pkept :100.work\n");
  write("md/subscriptions", "V\t2\n\nWork\tv1.0\nEntw&APw-rfe\n");
  fs::create_directory_symlink(folder / "md", folder / "md/Only/Circle");
  const auto report = import_maildir(account, folder / "md").value();
  CHECK(report.messages == 5);
  REQUIRE(report.problem_count == 1);
  CHECK(report.problems[0].find("Circle") != std::string::npos);
  const auto work = account.mailbox("Work/v1.0").value();
  CHECK(work.status().value().uid_validity == 1'700'000'000);
  CHECK(uids("Work/v1.0") == std::vector<Uid>{7});
  CHECK(uidl_of(work, 7) == "kept");
  CHECK(flags_of(work, 7) == Flags(Flag::seen));
  for (const char* const name : {"INBOX", "Entw\xC3\xBCrfe", "Only/Deep", "INBOX/Sub"}) CHECK(uids(name).size() == 1);
  const auto subscribed = account.subscriptions().value();
  for (const char* const name : {"Work/v1.0", "Entw\xC3\xBCrfe"}) {
    CHECK(std::count(subscribed.begin(), subscribed.end(), name) == 1);
  }
  CHECK(import_maildir(account, folder / "md").value().present == 5);

  // INBOX as a folder beside the others; below another mailbox.
  maildir("fs/INBOX", "a");
  maildir("fs/Work", "b");
  write("fs/subscriptions", "Work\nWork/2026\n");
  CHECK(import_maildir(account, folder / "fs", {.mailbox = "Old"}).error().code == Errc::invalid_argument);
  CHECK(import_maildir(account, folder / "fs", {.mailbox = "Old", .layout = MaildirLayout::fs}).value().messages == 2);
  CHECK(uids("Old").size() == 1);
  CHECK(uids("Old/Work").size() == 1);
  const auto more = account.subscriptions().value();
  CHECK(std::count(more.begin(), more.end(), "Old/Work/2026") == 1);

  // Folders of Maildir++ decide, unless the caller does.
  maildir("both", "a");
  maildir("both/.Dot.Sub", "b");
  maildir("both/Plain", "c");
  CHECK(import_maildir(account, folder / "both", {.mailbox = "PP"}).value().messages == 2);
  CHECK(uids("PP/Dot/Sub").size() == 1);
  ImportOptions options{.mailbox = "FS", .source = "other", .layout = MaildirLayout::fs};
  CHECK(import_maildir(account, folder / "both", options).value().messages == 3);
  CHECK(uids("FS/Plain").size() == 1);
  CHECK(uids("FS/.Dot.Sub").size() == 1);
  options = {.layout = MaildirLayout::maildir_pp};
  CHECK(import_maildir(account, folder / "fs", options).error().code == Errc::invalid_argument);
  fs::create_directories(folder / "empty");
  CHECK(import_maildir(account, folder / "empty").error().code == Errc::invalid_argument);
}

TEST_CASE_METHOD(Files, "An mbox is quoted, and says flags, UIDs and keywords in fields") {
  auto spool = account.spool().value();
  spool
      .write(
          "Return-Path: <me@x>\r\nStatus: O\r\nX-UID: 9\r\n folded\r\nSubject: x\r\n\r\nFrom me\r\n>From "
          "you\r\nFromage\r\n")
      .value();
  inbox.append(NewMessage{std::move(spool), Flag::seen | Flag::answered, {"work"}, DateTime{820'631'134, 60}, "u"})
      .value();
  inbox.append("Subject: y\r\n\r\nno end").value();
  const auto validity = std::to_string(inbox.status().value().uid_validity);
  CHECK(export_mbox(account, folder / "one.mbox", {.mailbox = "INBOX"}).value().messages == 2);
  const auto text = read("one.mbox");
  CHECK(text.substr(0, text.find("\n\nFrom MAILER")) ==
        "From me@x Wed Jan  3 01:05:34 1996\nX-IMAPbase: " + std::string(10 - validity.size(), '0') + validity +
            " 0000000002 work\nX-UID: 1\nX-UIDL: u\nStatus: RO\nX-Status: A\nX-Keywords: work\n"
            "Return-Path: <me@x>\nSubject: x\n\n>From me\n>>From you\nFromage");
  CHECK(text.ends_with("Subject: y\n\nno end\n\n"));
  CHECK(export_mbox(account, folder / "one.mbox", {.mailbox = "INBOX"}).error().code == Errc::already_exists);

  export_mbox(account, folder / "all").value();
  CHECK(fs::exists(folder / "all/INBOX.mbox"));
  CHECK(fs::exists(folder / "all/Sent.mbox"));
  const auto bob = store.create_account("bob@example.org").value();
  CHECK(import_mbox(bob, folder / "all/INBOX.mbox").value().messages == 2);
  const auto copy = bob.mailbox("INBOX").value();
  CHECK(copy.status().value().uid_validity == inbox.status().value().uid_validity);
  CHECK(flags_of(copy, 1) == (Flag::seen | Flag::answered));
  CHECK(uidl_of(copy, 1) == "u");
  CHECK(octets_of(copy, 1).ends_with("\r\n\r\nFrom me\r\n>From you\r\nFromage\r\n"));
}

TEST_CASE("UIDLs are made as servers make them") {
  CHECK(store::make_uidl("%08Xu%08Xv", 13, 1'700'000'000, "") == "0000000d6553f100");
  CHECK(store::make_uidl("UID%u-%v", 13, 17, "") == "UID13-17");
  CHECK(store::make_uidl("%v.%u", 13, 17, "") == "17.13");
  CHECK(store::make_uidl("%f", 0, 0, "100.a") == "100.a");
  CHECK(store::make_uidl("%u%%", 7, 0, "") == "7%");
  CHECK(store::make_uidl("%u.%v", 7, 0, "").empty());
  CHECK(store::make_uidl("%f", 0, 0, "two words").empty());
  for (const char* const bad : {"%", "%q", "%08", "%99u", "%v", "same"}) CHECK_FALSE(store::check_uidl_format(bad));
}
