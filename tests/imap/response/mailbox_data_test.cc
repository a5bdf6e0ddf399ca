#include "imap/response/mailbox_data.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

#include "imap/response/object_ids.h"
#include "imap/response/server_data.h"

using namespace postfach;
using namespace postfach::imap;

TEST_CASE("LIST and LSUB lines") {
  std::string out;
  append_list(out, {.has_children = true}, "INBOX");
  append_list(out, {.use = SpecialUse::sent}, "Gesendete Objekte");
  append_list(out, {.no_select = true, .has_children = true}, "Entw\u00FCrfe");
  append_list(out, {.non_existent = true, .children_known = false}, "a\"b");
  append_list(out, {}, "\u00FC", true);
  append_list(out, {}, "x\r\n* BYE");
  append_list(out, {.no_inferiors = true, .subscribed = true, .use = SpecialUse::trash}, "deep");
  append_lsub(out, {.non_existent = true, .children_known = false}, "a");
  append_list_root(out, "LIST");
  CHECK(out ==
        "* LIST (\\HasChildren) \"/\" INBOX\r\n"
        "* LIST (\\HasNoChildren \\Sent) \"/\" \"Gesendete Objekte\"\r\n"
        "* LIST (\\Noselect \\HasChildren) \"/\" Entw&APw-rfe\r\n"
        "* LIST (\\NonExistent \\Noselect) \"/\" \"a\\\"b\"\r\n"
        "* LIST (\\HasNoChildren) \"/\" \"\u00FC\"\r\n"
        "* LIST (\\HasNoChildren) \"/\" \"x&AA0ACg-* BYE\"\r\n"
        "* LIST (\\Noinferiors \\HasNoChildren \\Subscribed \\Trash) \"/\" deep\r\n"
        "* LSUB (\\Noselect) \"/\" a\r\n"
        "* LIST (\\Noselect) \"/\" \"\"\r\n");
}

TEST_CASE("extended data items of LIST") {
  std::string out;
  append_list(out, {.has_children = true}, "foo2", false, {.child_is_subscribed = true});
  append_list(out, {}, "a", false, {.child_is_subscribed = true, .child_has_special_use = true});
  append_list(out, {}, "b", false, {.child_has_special_use = true, .old_name = "c"});
  append_list(out, {}, "\u00FC", true, {.old_name = "u\u0308"});
  append_list(out, {}, "\u00FC", false, {.old_name = "\u00E4\")) x"});
  CHECK(out ==
        "* LIST (\\HasChildren) \"/\" foo2 (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n"
        "* LIST (\\HasNoChildren) \"/\" a (\"CHILDINFO\" (\"SUBSCRIBED\" \"SPECIAL-USE\"))\r\n"
        "* LIST (\\HasNoChildren) \"/\" b (\"CHILDINFO\" (\"SPECIAL-USE\") \"OLDNAME\" (c))\r\n"
        "* LIST (\\HasNoChildren) \"/\" \"\u00FC\" (\"OLDNAME\" (\"u\u0308\"))\r\n"
        "* LIST (\\HasNoChildren) \"/\" &APw- (\"OLDNAME\" (\"&AOQ-\\\")) x\"))\r\n");
}

TEST_CASE("XLIST lines") {
  std::string out;
  append_xlist(out, {.has_children = true}, "Inbox");
  append_xlist(out, {.use = SpecialUse::all}, "a");
  append_xlist(out, {.use = SpecialUse::flagged}, "b");
  append_xlist(out, {.use = SpecialUse::junk}, "c");
  append_xlist(out, {.use = SpecialUse::sent}, "\u00FC");
  append_list_root(out, "XLIST");
  CHECK(out ==
        "* XLIST (\\HasChildren \\Inbox) \"/\" Inbox\r\n"
        "* XLIST (\\HasNoChildren \\AllMail) \"/\" a\r\n"
        "* XLIST (\\HasNoChildren \\Starred) \"/\" b\r\n"
        "* XLIST (\\HasNoChildren \\Spam) \"/\" c\r\n"
        "* XLIST (\\HasNoChildren \\Sent) \"/\" &APw-\r\n"
        "* XLIST (\\Noselect) \"/\" \"\"\r\n");
}

TEST_CASE("identifiers of mailboxes") {
  CHECK(code_mailbox_id(MailboxId{1}, 1) == "MAILBOXID (F000000011)");
  CHECK(code_mailbox_id(MailboxId{0x1F}, 0xABCDEF01U) == "MAILBOXID (Fabcdef011f)");
  CHECK(code_mailbox_id(MailboxId{INT64_MAX}, UINT32_MAX) == "MAILBOXID (Fffffffff7fffffffffffffff)");
}

TEST_CASE("STATUS line") {
  const MailboxStatus status{.uid_validity = 9,
                             .uid_next = 44292,
                             .highest_modseq = 7011231777,
                             .messages = 231,
                             .unseen = 3,
                             .deleted = 2,
                             .recent = 1,
                             .bytes = 5'000'000'000};
  std::string out;
  append_status(out, "blurdybloop", {.messages = true, .uid_next = true}, MailboxId{1}, status);
  append_status(out, "b", {.mailbox_id = true}, MailboxId{1}, status);
  append_status(out, "R&D",
                {.messages = true,
                 .recent = true,
                 .uid_next = true,
                 .uid_validity = true,
                 .unseen = true,
                 .deleted = true,
                 .size = true,
                 .highest_modseq = true,
                 .mailbox_id = true},
                MailboxId{16}, status);
  CHECK(out ==
        "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)\r\n"
        "* STATUS b (MAILBOXID (F000000091))\r\n"
        "* STATUS R&-D (MESSAGES 231 RECENT 1 UIDNEXT 44292 UIDVALIDITY 9 UNSEEN 3 DELETED 2 SIZE "
        "5000000000 HIGHESTMODSEQ 7011231777 MAILBOXID (F0000000910))\r\n");
}

TEST_CASE("lines of SELECT, EXPUNGE and SEARCH") {
  std::string out;
  append_flags_line(out, {"$Junk", "", "bad name"});
  append_exists(out, 0);
  append_recent(out, 4294967295U);
  append_expunge(out, 3);
  begin_search(out);
  end_search(out);
  begin_search(out);
  append_search_numbers(out, std::array<std::uint32_t, 2>{2, 84});
  append_search_numbers(out, std::array<std::uint32_t, 1>{882});
  end_search(out);
  CHECK(out ==
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Junk)\r\n"
        "* 0 EXISTS\r\n* 4294967295 RECENT\r\n* 3 EXPUNGE\r\n"
        "* SEARCH\r\n* SEARCH 2 84 882\r\n");
}

TEST_CASE("what the server says about itself") {
  const std::array<std::string, 2> kNames{"IMAP4rev1", "IDLE"};
  std::string out;
  append_capability(out, kNames);
  append_enabled(out, {});
  append_namespace(out);
  append_id(out, {});
  append_id(out, std::array<std::pair<std::string_view, std::string_view>, 2>{{{"name", "postfach"}, {"x", "a\r\nb"}}});
  CHECK(out ==
        "* CAPABILITY IMAP4rev1 IDLE\r\n* ENABLED\r\n* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n* ID NIL\r\n"
        "* ID (\"name\" \"postfach\" \"x\" {4}\r\na\r\nb)\r\n");
  CHECK(code_capability(kNames) == "CAPABILITY IMAP4rev1 IDLE");
}
