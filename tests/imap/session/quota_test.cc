// QUOTA (RFC 9208): what a user sees of limits.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

WorldOptions limited(const Quota& quota) {
  return {.prepare = [quota](const Account& account) {
    account.set_quota(quota).value();
    with_messages(2)(account);
  }};
}

std::string message(std::size_t octets) {
  std::string text = "Subject: x\r\n\r\n";
  text.append(octets - text.size(), 'x');
  return text;
}

}  // namespace

TEST_CASE("quota: the account's root, in units of 1024 octets") {
  check_logged_in(R"(
    C: 1 GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" (STORAGE 1 512 MESSAGE 2 1000 MAILBOX 6 20)
    S~ 1 OK *
    C: 2 GETQUOTAROOT inbox
    S: * QUOTAROOT inbox ""
    S: * QUOTA "" (STORAGE 1 512 MESSAGE 2 1000 MAILBOX 6 20)
    S~ 2 OK *
    C: 3 GETQUOTA ""
    S: * QUOTA "" (STORAGE 1 512 MESSAGE 2 1000 MAILBOX 6 20)
    S~ 3 OK *
    C: 4 GETQUOTAROOT "not there yet"
    S: * QUOTAROOT "not there yet" ""
    S: * QUOTA "" (STORAGE 1 512 MESSAGE 2 1000 MAILBOX 6 20)
    S~ 4 OK *
    C: 5 GETQUOTA "#user/alice"
    S~ 5 NO [NONEXISTENT] *
    C: 6 GETQUOTA INBOX
    S~ 6 NO [NONEXISTENT] *
    C: 7 SETQUOTA "" (STORAGE 99999999 MESSAGE 7)
    S~ 7 NO [NOPERM] *
    C: 8 SETQUOTA "" ()
    S~ 8 NO [NOPERM] *
    C: 9 SETQUOTA "" (STORAGE)
    S~ 9 BAD *
    C: 10 GETQUOTA
    S~ 10 BAD *
    C: 11 CREATE Another
    S~ 11 OK *
    C: 12 GETQUOTA ""
    S: * QUOTA "" (STORAGE 1 512 MESSAGE 2 1000 MAILBOX 7 20)
    S~ 12 OK *
  )",
                  limited({.bytes = 512 * 1024, .messages = 1000, .mailboxes = 20}));
}

// Thunderbird says that there is no quota information, Nextcloud divides by what is left.
TEST_CASE("Thunderbird, Nextcloud: what has no limit is not in the list, and without a limit there is no root") {
  check_logged_in(R"(
    C: 1 GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX
    S~ 1 OK *
    C: 2 GETQUOTA ""
    S: * QUOTA "" ()
    S~ 2 OK *
  )",
                  {});
  check_logged_in(R"(
    C: 1 GETQUOTAROOT INBOX
    S: * QUOTAROOT INBOX ""
    S: * QUOTA "" (MESSAGE 2 3)
    S~ 1 OK *
  )",
                  limited({.messages = 3}));
}

TEST_CASE("quota: a mailbox with limits of its own has a root of its name") {
  WorldOptions options;
  options.prepare = [](const Account& account) {
    account.set_quota({.messages = 100}).value();
    const Mailbox mailbox = account.create_mailbox("Entwürfe").value();
    mailbox.set_quota({.bytes = 3000, .messages = 5}).value();
    mailbox.append(message(1500)).value();
  };
  check_logged_in(R"(
    C: 1 GETQUOTAROOT Entw&APw-rfe
    S: * QUOTAROOT Entw&APw-rfe "" Entw&APw-rfe
    S: * QUOTA "" (MESSAGE 1 100)
    S: * QUOTA Entw&APw-rfe (STORAGE 2 3 MESSAGE 1 5)
    S~ 1 OK *
    C: 2 GETQUOTA Entw&APw-rfe
    S: * QUOTA Entw&APw-rfe (STORAGE 2 3 MESSAGE 1 5)
    S~ 2 OK *
    C: 3 GETQUOTAROOT Sent
    S: * QUOTAROOT Sent ""
    S: * QUOTA "" (MESSAGE 1 100)
    S~ 3 OK *
    C: 4 SELECT Entw&APw-rfe
    S~ ...
    S~ 4 OK *
    C: 5 COPY 1 Entw&APw-rfe
    S: * 2 EXISTS
    S~ ...
    S~ 5 OK *
    C: 6 COPY 1 Entw&APw-rfe
    S~ 6 NO [OVERQUOTA] *
    C: 7 COPY 1 Sent
    S~ 7 OK *
  )",
                  options);
}

TEST_CASE("quota: what an EXPUNGE would free") {
  check_logged_in(R"(
    C: 1 SELECT INBOX
    S~ ...
    S~ 1 OK *
    C: 2 STORE 1 +FLAGS.SILENT (\Deleted)
    S~ 2 OK *
    C: 3 STATUS INBOX (MESSAGES DELETED DELETED-STORAGE)
    S: * STATUS INBOX (MESSAGES 2 DELETED 1 DELETED-STORAGE 23)
    S~ 3 OK *
    C: 4 LIST "" INBOX RETURN (STATUS (DELETED-STORAGE))
    S~ * LIST *
    S: * STATUS INBOX (DELETED-STORAGE 23)
    S~ 4 OK *
  )",
                  limited({}));
}

TEST_CASE("quota: APPEND, COPY and delivery meet the limit, and go on when it is raised or there is room") {
  check_logged_in(R"(
    C: 1 APPEND INBOX {3+}
    C: abc
    S~ 1 NO [OVERQUOTA] *
    C: 2 APPEND INBOX {3}
    S~ 2 NO [OVERQUOTA] *
    C: 3 SELECT INBOX
    S~ ...
    S~ 3 OK *
    C: 4 COPY 1 Trash
    S~ 4 NO [OVERQUOTA] *
    C: 5 MOVE 1 Trash
    S~ * OK [COPYUID *
    S: * 1 EXPUNGE
    S~ 5 OK *
    C: 6 STORE 1 +FLAGS.SILENT (\Deleted)
    S~ 6 OK *
    C: 7 EXPUNGE
    S: * 1 EXPUNGE
    S~ 7 OK *
    C: 8 APPEND INBOX {3+}
    C: abc
    S~ * 1 EXISTS
    S~ ...
    S~ 8 OK *
    C: 9 GETQUOTA ""
    S: * QUOTA "" (MESSAGE 2 2)
    S~ 9 OK *
  )",
                  limited({.messages = 2}));
}

TEST_CASE("quota: an account's limit on the size of a message is its APPENDLIMIT") {
  check_logged_in(R"(
    C: 1 CAPABILITY
    S~ * CAPABILITY * APPENDLIMIT=100*
    S~ 1 OK *
    C: 2 STATUS INBOX (APPENDLIMIT)
    S: * STATUS INBOX (APPENDLIMIT 100)
    S~ 2 OK *
    C: 3 APPEND INBOX {101}
    S~ 3 NO [TOOBIG] *
    C: 4 APPEND INBOX {3+}
    C: abc
    S~ 4 OK *
  )",
                  limited({.message_size = 100}));
}
