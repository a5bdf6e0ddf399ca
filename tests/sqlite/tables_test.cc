#include <catch2/catch.hpp>

#include "scratch.h"
#include "sqlite/account_row.h"
#include "sqlite/bodies.h"
#include "sqlite/database.h"
#include "sqlite/directory.h"
#include "sqlite/expunge_log.h"
#include "sqlite/keywords.h"
#include "sqlite/messages.h"
#include "sqlite/uidls.h"

using namespace postfach;
using namespace postfach::sqlite;

namespace {

struct MailDatabase {
  Scratch scratch;
  std::unique_ptr<Connection> db = Connection::open(scratch.file("mail.db"), {.create = true}).value();
  MailboxRow inbox;

  MailDatabase() {
    migrate(*db, kMailSchema).value();
    inbox.name = "INBOX";
    inbox.uid_validity = 1;
    insert_mailbox(*db, inbox).value();
  }
  void add(Uid uid, KeywordMask keywords = 0) {
    insert_message(*db, inbox.id, {.uid = uid, .id = MessageId{uid}, .keywords = keywords, .size = 1, .body_id = 1})
        .value();
  }
};

}  // namespace

TEST_CASE("an expunge log that grows too long is cut at its old end and says so") {
  MailDatabase mail;
  for (Uid uid = 1; uid <= 50; ++uid) {
    log_expunge(*mail.db, mail.inbox, 100 + uid, UidSet::of(2 * uid, 2 * uid), 40).value();
  }
  CHECK(mail.inbox.log_ranges <= 40);
  CHECK(mail.inbox.log_ranges >= 30);
  CHECK(mail.inbox.log_floor > 101);
  // Everything above the floor is complete.
  const ModSeq floor = mail.inbox.log_floor;
  CHECK(expunged_since(*mail.db, mail.inbox.id, floor).value().count() == 150 - floor);
  CHECK(mail.db->value("SELECT count(*) FROM expunged").value() == static_cast<std::int64_t>(mail.inbox.log_ranges));

  // One expunge with more ranges than the log may have.
  UidSet scattered;
  for (Uid uid = 1000; uid < 1200; uid += 2) scattered.add(uid);
  log_expunge(*mail.db, mail.inbox, 200, scattered, 40).value();
  CHECK(mail.inbox.log_floor == 200);
  CHECK(mail.inbox.log_ranges == 0);
}

TEST_CASE("keywords: the 65th takes the bit of one that no message has, or none") {
  MailDatabase mail;
  KeywordNames names;
  std::vector<std::string> wanted;
  for (int i = 0; i < 64; ++i) wanted.push_back("k" + std::to_string(i));
  CHECK(make_keywords(*mail.db, mail.inbox.id, names, wanted).value() == ~KeywordMask{0});
  CHECK(make_keywords(*mail.db, mail.inbox.id, names, {"K7"}).value() == KeywordMask{1} << 7);

  mail.add(1, ~KeywordMask{0} & ~(KeywordMask{1} << 9));
  CHECK(make_keywords(*mail.db, mail.inbox.id, names, {"new"}).value() == KeywordMask{1} << 9);
  CHECK(load_keywords(*mail.db, mail.inbox.id).value()[9] == "new");
  mail.add(2, KeywordMask{1} << 9);
  CHECK(make_keywords(*mail.db, mail.inbox.id, names, {"another"}).error().code == Errc::limit);
}

TEST_CASE("references: the last one takes the body and its octets with it, and none can be dropped twice") {
  MailDatabase mail;
  Connection& db = *mail.db;
  insert_body(db, {.id = 5, .size = 3, .envelope = "()", .body_structure = "()", .octets = "abc"}).value();
  add_reference(db, 5).value();
  std::vector<std::string> files;
  drop_reference(db, 5, files).value();
  std::string out;
  read_content(db, 5, 1, 2, out).value();
  CHECK(out == "bc");
  drop_reference(db, 5, files).value();
  CHECK(find_body(db, 5).error().code == Errc::corrupt);
  CHECK(db.value("SELECT count(*) FROM content").value() == 0);
  CHECK(files.empty());
  CHECK(add_reference(db, 5).error().code == Errc::corrupt);
}

TEST_CASE("counters can't become negative") {
  MailDatabase mail;
  AccountRow row = load_account(*mail.db).value();
  row.bytes -= 1;
  CHECK_FALSE(save_account(*mail.db, row));
  CHECK(load_account(*mail.db).value().bytes == 0);
}

TEST_CASE("UIDLs: by epoch, and never one that is in use") {
  MailDatabase mail;
  Connection& db = *mail.db;
  insert_epoch(db, 1, "aaaa").value();
  insert_epoch(db, 100, "bbbb").value();
  mail.add(31);
  auto uidls = Uidls::load(db).value();
  CHECK(uidls.of(MessageId{31}).value() == "aaaa1f");
  CHECK(uidls.of(MessageId{99}).value() == "aaaa63");
  CHECK(uidls.of(MessageId{100}).value() == "bbbb64");
  CHECK(insert_uidl(db, MessageId{40}, "aaaa1f").error().code == Errc::already_exists);
  insert_uidl(db, MessageId{40}, "aaaa1e").value();
  CHECK(insert_uidl(db, MessageId{41}, "aaaa1e").error().code == Errc::already_exists);
  CHECK(Uidls::load(db).value().of(MessageId{40}).value() == "aaaa1e");
}

TEST_CASE("panels can read the views") {
  MailDatabase mail;
  insert_body(*mail.db, {.id = 1, .size = 1, .envelope = "(env)", .body_structure = "()", .octets = "a"}).value();
  mail.add(1);
  CHECK(mail.db->value("SELECT count(*) FROM message_overview WHERE mailbox = 'INBOX' AND NOT seen").value() == 1);
  CHECK(mail.db->value("SELECT messages FROM mailbox_overview").value() == 0);
  CHECK(mail.db->value("SELECT messages FROM usage_overview").value() == 0);
}

TEST_CASE("directory: a name leads to one account, whatever it is used for") {
  const Scratch scratch;
  auto db = Connection::open(scratch.file("directory.db"), {.create = true}).value();
  migrate(*db, kDirectorySchema).value();
  const AccountId a = insert_account(*db, "A@x", "", {}, 0).value();
  const AccountId b = insert_account(*db, "b@x", "", {}, 0).value();
  CHECK(insert_account(*db, "a@X", "", {}, 0).error().code == Errc::already_exists);
  insert_identity(*db, a, "web1", IdentityKind::login).value();
  CHECK(insert_identity(*db, b, "WEB1", IdentityKind::address).error().code == Errc::already_exists);
  CHECK(insert_identity(*db, a, "web1", IdentityKind::login).error().code == Errc::already_exists);
  insert_identity(*db, a, "web1", IdentityKind::address).value();
  delete_identity(*db, a, "Web1", IdentityKind::login).value();
  CHECK(find_account(*db, "web1", IdentityKind::login).error().code == Errc::not_found);
  CHECK(find_account(*db, "web1", IdentityKind::address).value().id == a);
  CHECK(delete_identity(*db, a, "a@x", IdentityKind::login).error().code == Errc::not_found);
  delete_account(*db, a).value();
  insert_identity(*db, b, "web1", IdentityKind::address).value();
  CHECK(find_account(*db, "a@x", IdentityKind::any).error().code == Errc::not_found);
  CHECK(insert_account(*db, "c@x", "", {}, 0).value() > b);
}
