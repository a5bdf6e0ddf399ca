// SPECIAL-USE and CREATE-SPECIAL-USE (RFC 6154), \Important (RFC 8457), and XLIST.
#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

WorldOptions special() {
  WorldOptions options;
  options.store.default_mailboxes = {
      {"SentMail", SpecialUse::sent}, {"MyDrafts", SpecialUse::drafts}, {"Trash", SpecialUse::trash}};
  options.prepare = [](const Account& account) {
    account.create_mailbox("Projects/One").value();
    account.create_mailbox("ToDo").value();
  };
  return options;
}

}  // namespace

TEST_CASE("SPECIAL-USE: the examples of RFC 6154") {
  check_logged_in(R"(
    C: t1 LIST "" "%"
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasChildren) "/" Projects
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren) "/" ToDo
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: t1 OK List completed
    C: t2 LIST "" "%" RETURN (SPECIAL-USE)
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasChildren) "/" Projects
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren) "/" ToDo
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: t2 OK List completed
    C: t3 LIST (SPECIAL-USE) "" "*"
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S: t3 OK List completed
    C: t4 CREATE Everything (USE (\All))
    S: t4 NO [USEATTR] \All is not supported
    C: t5 CREATE MySpecial (USE (\Archive \Junk))
    S: t5 NO [USEATTR] A mailbox has one special use at most
    C: t6 LIST "" (Everything MySpecial)
    S: t6 OK List completed
  )",
                  special());
}

TEST_CASE("SPECIAL-USE with SUBSCRIBED and RECURSIVEMATCH") {
  check_logged_in(R"(
    C: a CREATE Projects/Spam (USE (\Junk))
    S~ a OK [MAILBOXID (F*)] Create completed
    C: b LIST (SPECIAL-USE RECURSIVEMATCH) "" %
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasChildren) "/" Projects ("CHILDINFO" ("SPECIAL-USE"))
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S~ b OK *
    C: c UNSUBSCRIBE Trash
    S~ c OK *
    C: d LIST (SPECIAL-USE SUBSCRIBED) "" *
    S: * LIST (\HasNoChildren \Subscribed \Drafts) "/" MyDrafts
    S: * LIST (\HasNoChildren \Subscribed \Sent) "/" SentMail
    S~ d OK *
    C: e SUBSCRIBE Projects/Spam
    S~ e OK *
    C: f LIST (SPECIAL-USE SUBSCRIBED RECURSIVEMATCH) "" P%
    S: * LIST (\HasChildren) "/" Projects ("CHILDINFO" ("SUBSCRIBED" "SPECIAL-USE"))
    S~ f OK *
  )",
                  special());
}

TEST_CASE("CREATE-SPECIAL-USE: one mailbox for each use") {
  check_logged_in(R"(
    C: a CREATE Spam (USE (\Junk))
    S~ a OK [MAILBOXID (F*)] Create completed
    C: b LIST "" Spam
    S: * LIST (\HasNoChildren \Junk) "/" Spam
    S~ b OK *
    C: c CREATE More (USE (\sent))
    S: c NO [USEATTR] Another mailbox has this special use already
    C: d CREATE More (USE (\Inbox))
    S: d NO [USEATTR] Unknown special use
    C: e CREATE More (USE (\Flagged))
    S: e NO [USEATTR] \Flagged is not supported
    C: f LIST "" More
    S~ f OK *
    C: g CREATE More (USE ())
    S~ g OK [MAILBOXID (F*)] Create completed
    C: h CREATE SentMail (USE (\Archive))
    S: h NO [ALREADYEXISTS] The name is taken
    C: i CREATE x (USE \Sent)
    S~ i BAD *
    C: j CREATE x (NOPE)
    S~ j BAD *
    # The use goes with a mailbox that is deleted, and stays with one that is renamed.
    C: k DELETE SentMail
    S~ k OK *
    C: l CREATE "Sent Items" (USE (\Sent))
    S~ l OK [MAILBOXID (F*)] Create completed
    C: m RENAME "Sent Items" Gone/Sent
    S~ m OK *
    C: n LIST (SPECIAL-USE) "" *Sent*
    S: * LIST (\HasNoChildren \Sent) "/" Gone/Sent
    S~ n OK *
  )",
                  special());
}

TEST_CASE("\\Important: the examples of RFC 8457") {
  check_logged_in(R"(
    C: t1 CREATE "Important Messages" (USE (\Important))
    S~ t1 OK [MAILBOXID (F*)] Create completed
    C: t2 LIST "" "Imp*"
    S: * LIST (\HasNoChildren \Important) "/" "Important Messages"
    S: t2 OK List completed
    C: t3 CREATE "Important Too" (USE (\Important))
    S: t3 NO [USEATTR] Another mailbox has this special use already
  )",
                  special());
}

TEST_CASE("CREATE-SPECIAL-USE can be switched off") {
  WorldOptions options = special();
  options.session.capabilities.off = {"CREATE-SPECIAL-USE"};
  check_logged_in(R"(
    C: a CREATE Spam (USE (\Junk))
    S: a BAD USE is not supported
    C: b CREATE Spam
    S~ b OK *
  )",
                  options);
}

TEST_CASE("XLIST, as Gmail has it: Outlook 2013 and Thunderbird look there") {
  WorldOptions options = special();
  options.prepare = [](const Account& account) {
    account.create_mailbox("All Mail", SpecialUse::all).value();
    account.create_mailbox("Starred", SpecialUse::flagged).value();
    account.create_mailbox("Bulk", SpecialUse::junk).value();
    account.create_mailbox("Important", SpecialUse::important).value();
    account.create_mailbox("Work/Deep").value();
    account.remove_mailbox("Work").value();
  };
  check_logged_in(R"(
    C: a XLIST "" *
    S: * XLIST (\HasNoChildren \Inbox) "/" INBOX
    S: * XLIST (\HasNoChildren \AllMail) "/" "All Mail"
    S: * XLIST (\HasNoChildren \Spam) "/" Bulk
    S: * XLIST (\HasNoChildren \Important) "/" Important
    S: * XLIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * XLIST (\HasNoChildren \Sent) "/" SentMail
    S: * XLIST (\HasNoChildren \Starred) "/" Starred
    S: * XLIST (\HasNoChildren \Trash) "/" Trash
    S: * XLIST (\Noselect \HasChildren) "/" Work
    S: * XLIST (\HasNoChildren) "/" Work/Deep
    S: a OK Xlist completed
    C: b XLIST "" "%/%"
    S: * XLIST (\HasNoChildren) "/" Work/Deep
    S: b OK Xlist completed
    C: c XLIST "" ""
    S: * XLIST (\Noselect) "/" ""
    S: c OK Xlist completed
    C: d XLIST "" Inbox
    S: * XLIST (\HasNoChildren \Inbox) "/" Inbox
    S: d OK Xlist completed
    C: e XLIST "" * RETURN (CHILDREN)
    S~ e BAD *
  )",
                  options);
}

TEST_CASE("quirk: macOS Mail makes \"Sent Messages\" unless plain LIST tells the special uses, Outlook reads LSUB") {
  check_logged_in(R"(
    C: a LIST "" *
    S: * LIST (\HasNoChildren) "/" INBOX
    S: * LIST (\HasNoChildren \Drafts) "/" MyDrafts
    S: * LIST (\HasChildren) "/" Projects
    S: * LIST (\HasNoChildren) "/" Projects/One
    S: * LIST (\HasNoChildren \Sent) "/" SentMail
    S: * LIST (\HasNoChildren) "/" ToDo
    S: * LIST (\HasNoChildren \Trash) "/" Trash
    S~ a OK *
    C: b LSUB "" *
    S: * LSUB () "/" INBOX
    S: * LSUB (\Drafts) "/" MyDrafts
    S: * LSUB (\Sent) "/" SentMail
    S: * LSUB (\Trash) "/" Trash
    S~ b OK *
  )",
                  special());
}
