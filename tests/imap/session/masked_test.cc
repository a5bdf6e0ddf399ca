// What belongs to a capability that the host has switched off is neither understood nor sent (state/capability.h).
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

namespace {

std::vector<std::string> words(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> list;
  for (std::string word; in >> word;) list.push_back(word);
  return list;
}

// off: capabilities, with spaces between them.
WorldOptions world(std::string_view off = {}) {
  WorldOptions options;
  options.prepare = with_messages(3);
  options.session.capabilities.on = {"COMPRESS=DEFLATE", "UIDONLY"};
  options.session.capabilities.off = words(off);
  return options;
}

struct Refused {
  std::string_view capabilities;  // each of which has it
  std::string_view command;
};

constexpr Refused kRefused[] = {
    {"IMAP4rev2 QUOTA", "STATUS INBOX (DELETED)"},
    {"QUOTA", "STATUS INBOX (DELETED-STORAGE)"},
    {"QUOTA", "GETQUOTA \"\""},
    {"QUOTA", "GETQUOTAROOT INBOX"},
    {"QUOTA", "SETQUOTA \"\" ()"},
    {"ID", "ID NIL"},
    {"ENABLE", "ENABLE IMAP4rev2"},
    {"IDLE", "IDLE"},
    {"NAMESPACE", "NAMESPACE"},
    {"UIDPLUS", "UID EXPUNGE 1"},
    {"UNSELECT", "UNSELECT"},
    {"MOVE", "MOVE 1 Trash"},
    {"MOVE", "UID MOVE 1 Trash"},
    {"SPECIAL-USE", R"(LIST (SPECIAL-USE) "" *)"},
    {"SPECIAL-USE", R"(LIST "" * RETURN (SPECIAL-USE))"},
    {"CREATE-SPECIAL-USE", R"(CREATE new (USE (\Important)))"},
    {"LIST-EXTENDED", R"(LIST (SUBSCRIBED) "" *)"},
    {"LIST-EXTENDED", R"(LIST () "" *)"},
    {"LIST-EXTENDED", R"(LIST "" (a b))"},
    {"LIST-EXTENDED", R"(LIST "" * RETURN ())"},
    {"LIST-EXTENDED", R"(LIST "" * RETURN (SUBSCRIBED))"},
    {"LIST-EXTENDED CHILDREN", R"(LIST "" * RETURN (CHILDREN))"},
    {"LIST-STATUS", R"(LIST "" * RETURN (STATUS (MESSAGES)))"},
    {"STATUS=SIZE", "STATUS INBOX (SIZE)"},
    {"STATUS=SIZE", R"(LIST "" * RETURN (STATUS (MESSAGES SIZE)))"},
    {"XLIST", R"(XLIST "" *)"},
    {"SORT", "SORT (DATE) UTF-8 ALL"},
    {"SORT", "UID SORT (DATE) UTF-8 ALL"},
    {"SORT=DISPLAY", "SORT (DISPLAYFROM) UTF-8 ALL"},
    {"SORT=DISPLAY", "SORT (REVERSE DISPLAYTO) UTF-8 ALL"},
    {"ESORT", "SORT RETURN (COUNT) (DATE) UTF-8 ALL"},
    {"ESORT", "UID SORT RETURN () (DATE) UTF-8 ALL"},
    {"THREAD=ORDEREDSUBJECT", "THREAD ORDEREDSUBJECT UTF-8 ALL"},
    {"THREAD=REFERENCES", "UID THREAD REFERENCES UTF-8 ALL"},
    {"ESEARCH", "SEARCH RETURN () ALL"},
    {"ESEARCH", "UID SEARCH RETURN (MIN) ALL"},
    {"ESEARCH", "SEARCH RETURN (SAVE COUNT) ALL"},
    {"ESEARCH", "SEARCH RETURN (UPDATE MAX) ALL"},
    {"SEARCHRES", "SEARCH RETURN (SAVE) ALL"},
    {"SEARCHRES", "SEARCH $"},
    {"SEARCHRES", "SEARCH NOT UID $"},
    {"SEARCHRES", "FETCH $ UID"},
    {"SEARCHRES", "UID FETCH $ UID"},
    {"SEARCHRES", "STORE $ +FLAGS (x)"},
    {"SEARCHRES", "COPY $ Trash"},
    {"SEARCHRES", "UID EXPUNGE $"},
    {"SEARCHRES", "SORT (DATE) UTF-8 $"},
    {"WITHIN", "SEARCH OLDER 1"},
    {"WITHIN", "SORT (DATE) UTF-8 YOUNGER 5"},
    {"PARTIAL", "UID FETCH 1:* UID (PARTIAL -1:-2)"},
    {"PARTIAL", "SEARCH RETURN (PARTIAL -1:-2) ALL"},
    {"PARTIAL CONTEXT=SEARCH", "SEARCH RETURN (PARTIAL 1:2) ALL"},
    {"CONTEXT=SEARCH", "SEARCH RETURN (CONTEXT) ALL"},
    {"CONTEXT=SEARCH", "SEARCH RETURN (UPDATE) ALL"},
    {"CONTEXT=SEARCH", "CANCELUPDATE \"x\""},
    {"SEARCH=FUZZY", "SEARCH FUZZY SUBJECT x"},
    {"SEARCH=FUZZY", "SEARCH RETURN (RELEVANCY) FUZZY SUBJECT x"},
    {"SEARCH=FUZZY", "SORT (RELEVANCY) UTF-8 FUZZY SUBJECT x"},
    {"I18NLEVEL=2", "COMPARATOR"},
    {"OBJECTID", "STATUS INBOX (MAILBOXID)"},
    {"OBJECTID", R"(LIST "" * RETURN (STATUS (MAILBOXID)))"},
    {"OBJECTID", "FETCH 1 EMAILID"},
    {"OBJECTID", "FETCH 1 (UID THREADID)"},
    {"OBJECTID", "SEARCH EMAILID M1"},
    {"OBJECTID", "SORT (DATE) UTF-8 NOT THREADID T1"},
    {"CONDSTORE QRESYNC", "SELECT INBOX (CONDSTORE)"},
    {"CONDSTORE QRESYNC", "STATUS INBOX (HIGHESTMODSEQ)"},
    {"CONDSTORE QRESYNC", "FETCH 1 MODSEQ"},
    {"CONDSTORE QRESYNC", "FETCH 1 FLAGS (CHANGEDSINCE 1)"},
    {"CONDSTORE QRESYNC", "STORE 1 (UNCHANGEDSINCE 99) FLAGS ()"},
    {"CONDSTORE QRESYNC", "SEARCH MODSEQ 1"},
    // Nobody can enable QRESYNC without ENABLE.
    {"CONDSTORE ENABLE", "FETCH 1 MODSEQ"},
    {"BINARY IMAP4rev2", "FETCH 1 BINARY[1]"},
    {"BINARY IMAP4rev2", "FETCH 1 BINARY.SIZE[1]"},
    {"BINARY", "APPEND INBOX ~{1+}\r\nx"},
    {"PREVIEW", "FETCH 1 PREVIEW"},
    {"PREVIEW", "FETCH 1 (PREVIEW (LAZY))"},
    {"SAVEDATE", "FETCH 1 SAVEDATE"},
    {"SAVEDATE", "SEARCH SAVEDSINCE 1-Jan-2020"},
    {"SAVEDATE", "SEARCH OR SEEN SAVEDATESUPPORTED"},
    {"MULTIAPPEND", "APPEND INBOX {1+}\r\nx {1+}\r\ny"},
    {"CATENATE", "APPEND INBOX CATENATE (TEXT {1+}\r\nx)"},
    {"REPLACE", "REPLACE 1 INBOX {1+}\r\nx"},
    {"REPLACE", "UID REPLACE 1 INBOX {1+}\r\nx"},
    {"APPENDLIMIT", "STATUS INBOX (APPENDLIMIT)"},
    {"UNAUTHENTICATE", "UNAUTHENTICATE"},
    {"COMPRESS=DEFLATE", "COMPRESS DEFLATE"},
};

struct Unsent {
  std::string_view capabilities;
  std::string_view command;
  std::string_view text;  // of the answer
};

constexpr Unsent kUnsent[] = {
    {"CONDSTORE QRESYNC", "SELECT INBOX", "HIGHESTMODSEQ"},
    {"CONDSTORE QRESYNC IMAP4rev2", "SELECT INBOX", "CLOSED"},
    {"CONDSTORE QRESYNC", "ENABLE CONDSTORE", "CONDSTORE"},
    {"QRESYNC", "ENABLE QRESYNC", "QRESYNC"},
    {"IMAP4rev2", "ENABLE IMAP4rev2", "IMAP4rev2"},
    {"UTF8=ACCEPT", "ENABLE UTF8=ACCEPT", "UTF8=ACCEPT"},
    {"UIDONLY", "ENABLE UIDONLY", "UIDONLY"},
    {"OBJECTID", "EXAMINE INBOX", "MAILBOXID"},
    {"OBJECTID", "CREATE new", "MAILBOXID"},
    {"UIDPLUS", "APPEND INBOX {1+}\r\nx", "APPENDUID"},
    {"UIDPLUS", "COPY 1 Trash", "COPYUID"},
    {"UIDPLUS", "UID MOVE 1 Trash", "COPYUID"},
    {"UIDPLUS", "REPLACE 1 INBOX {1+}\r\nx", "APPENDUID"},
    {"SPECIAL-USE", R"(LIST "" *)", "\\Sent"},
    {"SPECIAL-USE", R"(LSUB "" *)", "\\Sent"},
    {"CHILDREN", R"(LIST "" *)", "Children"},
    {"CHILDREN", R"(XLIST "" *)", "Children"},
};

// UTF8=ACCEPT is enabled before a mailbox is selected.
std::string answer(std::string_view off, std::string_view command) {
  const WorldOptions options = world(off);
  const Store store = make_store(options);
  Client client(store, options);
  if (command.starts_with("ENABLE")) {
    client.send("l LOGIN alice secret\r\n");
  } else {
    client.log_in_and_select();
  }
  return client.send("x " + std::string(command) + "\r\n");
}

}  // namespace

TEST_CASE("what belongs to a capability that is switched off is refused") {
  for (const Refused& row : kRefused) {
    CAPTURE(row.capabilities, row.command);
    CHECK(answer(row.capabilities, row.command).starts_with("x BAD "));
    CHECK(answer({}, row.command).find("x BAD ") == std::string::npos);
  }
}

TEST_CASE("what belongs to a capability that is switched off is not sent") {
  for (const Unsent& row : kUnsent) {
    CAPTURE(row.capabilities, row.command);
    const std::string without = answer(row.capabilities, row.command);
    CHECK(without.find(row.text) == std::string::npos);
    CHECK(without.find("x BAD ") == std::string::npos);
    CHECK(answer({}, row.command).find(row.text) != std::string::npos);
  }
  // The attributes of XLIST are its own.
  CHECK(answer("SPECIAL-USE", R"(XLIST "" *)").find("\\Sent") != std::string::npos);
}

TEST_CASE("every capability is in one of the tables") {
  const WorldOptions options = world();
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  // These have nothing to be refused; INPROGRESS has a test of its own. A literal that was sent is read in any case.
  std::set<std::string> known = {"*", "CAPABILITY", "IMAP4rev1", "LITERAL+", "INPROGRESS"};
  for (const Refused& row : kRefused) {
    for (const std::string& name : words(row.capabilities)) known.insert(name);
  }
  for (const Unsent& row : kUnsent) {
    for (const std::string& name : words(row.capabilities)) known.insert(name);
  }
  const std::string told = client.send("c CAPABILITY\r\n");
  for (std::string name : words(told.substr(0, told.find("\r\n")))) {
    if (name.starts_with("APPENDLIMIT=")) name = "APPENDLIMIT";
    if (name.starts_with("QUOTA=")) name = "QUOTA";
    CAPTURE(name);
    CHECK(known.count(name) == 1);
  }
}

TEST_CASE("what IMAP4rev2 has is there once it is enabled") {
  const WorldOptions options = world("ESEARCH SEARCHRES LIST-EXTENDED LIST-STATUS STATUS=SIZE UIDPLUS CHILDREN BINARY");
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.send("e ENABLE IMAP4rev2\r\n");
  for (const char* command : {"STATUS INBOX (SIZE DELETED)", "SEARCH RETURN (SAVE MIN) ALL", "FETCH $ UID",
                              "FETCH 1 BINARY.SIZE[1]", "LIST (SUBSCRIBED) \"\" * RETURN (STATUS (SIZE))"}) {
    CAPTURE(command);
    CHECK(client.send("x " + std::string(command) + "\r\n").find("x OK ") != std::string::npos);
  }
  CHECK(client.send("x LIST \"\" *\r\n").find("Children") != std::string::npos);
  CHECK(client.send("x COPY 1 Trash\r\n").find("COPYUID") != std::string::npos);
}

TEST_CASE("before the login: STARTTLS, SASL-IR and mechanisms") {
  const auto say = [](std::string_view off, bool tls, std::string_view command) {
    WorldOptions options = world(off);
    options.peer.can_start_tls = true;
    if (!tls) options.peer.tls.reset();
    const Store store = make_store(options);
    Client client(store, options);
    client.send("");
    return client.send("x " + std::string(command) + "\r\n");
  };
  CHECK(say("STARTTLS", false, "STARTTLS").find("x BAD ") != std::string::npos);
  CHECK(say({}, false, "STARTTLS").find("x OK ") != std::string::npos);
  constexpr std::string_view kPlain = "AUTHENTICATE PLAIN AGFsaWNlAHNlY3JldA==";
  CHECK(say("SASL-IR", true, kPlain).find("x BAD ") != std::string::npos);
  CHECK(say({}, true, kPlain).find("x OK ") != std::string::npos);
  CHECK(say("SASL-IR", true, "AUTHENTICATE PLAIN").find("+ ") != std::string::npos);
  for (const char* name : {"PLAIN", "LOGIN", "SCRAM-SHA-256"}) {
    const std::string command = "AUTHENTICATE " + std::string(name);
    CHECK(say("AUTH=" + std::string(name), true, command).find("x NO [CANNOT] ") != std::string::npos);
    CHECK(say({}, true, command).find("+ ") != std::string::npos);
  }
}
