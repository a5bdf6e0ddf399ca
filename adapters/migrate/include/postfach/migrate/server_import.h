// Takes in the mail of an account on another server, over IMAP or POP3.
//
//     postfach::migrate::import_imap(account, {.host = "imap.old.example", .user = "alice", .password = "secret"});
//
// What identified a message stays with it (postfach/migrate.h): over IMAP UIDs and UIDVALIDITY where the mailbox is new or
// empty here, flags, keywords, internal and save dates, subscriptions and special uses; over POP3 the UIDLs. Run again,
// an import adds what is missing, and nothing twice; over IMAP it asks for new messages alone, and takes over flags that
// changed there meanwhile if the server has CONDSTORE (RFC 7162). Nothing is changed on the server.
//
// Memory is bounded, whatever the size of a message or mailbox and whatever the server sends: messages stream into Spools.
// The functions block for the network and the disk; one thread per call, any number of calls at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "postfach/account.h"
#include "postfach/import.h"
#include "postfach/result.h"

namespace postfach::migrate {

enum class Security : std::uint8_t {
  tls,       // from the first octet: ports 993 and 995
  starttls,  // the server has to have STARTTLS or STLS: ports 143 and 110
  none,      // the password goes over the network in clear
};

struct Server {
  std::string host = {};
  std::uint16_t port = 0;  // 0: as Security says
  Security security = Security::tls;
  std::string user = {};
  std::string password = {};
  // An OAuth 2.0 access token, instead of a password: AUTHENTICATE XOAUTH2.
  std::string token = {};

  // Whether the certificate has to be good for the host.
  bool verify_certificate = true;
  std::string ca_file = {};  // the authorities, in PEM; empty: those of the system
  // SHA-256 of the certificate in hex: this one, whoever signed it.
  std::string fingerprint = {};
  std::chrono::seconds timeout{120};  // for each wait
};

// All mailboxes of the account there; into those of the same names, or below ImportOptions::mailbox if that is not INBOX.
// Mailboxes that only show messages of others (\Flagged, \Important) are left out, so is \All if there are others.
// ImportOptions::source is the account there by default; uidl_format is for its INBOX.
// Errors: auth_failed (login, certificate), unavailable (network), invalid_argument (no such host, uidl_format, an answer
// that makes no sense). What came before an error is stored; then ImportReport::stopped_by has it.
Result<ImportReport> import_imap(const Account& account, const Server& server, const ImportOptions& options = {});

// The maildrop there, into ImportOptions::mailbox. The internal date is that of the first Received field, else Date. The
// server has to have UIDL. Errors: as import_imap.
Result<ImportReport> import_pop3(const Account& account, const Server& server, const ImportOptions& options = {});

}  // namespace postfach::migrate
