#include "cases.h"

#include <algorithm>
#include <array>

namespace load {
namespace {

constexpr std::string_view kAll = "FETCH 1:* (FLAGS UID INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)";

constexpr std::array kCases = {
    Case{"lmtp-1", "message", "deliveries over LMTP, one connection", run_lmtp, 1},
    Case{"lmtp-8", "message", "the same over 8, to 8 accounts", run_lmtp, 8},
    Case{"append-1", "message", "APPEND with LITERAL+, 20 on their way at a time", run_append_pipelined},
    Case{"append-multi", "message", "APPEND of 50 messages in one command (RFC 3502)", run_append_multiple},
    Case{"append-16", "message", "APPEND one after the other, 16 connections to 16 accounts", run_append_many, 16},
    Case{"append-16-shared", "message", "the same to one mailbox", run_append_many, 16, "shared"},
    Case{"login-full", "session", "TCP, TLS, LOGIN, SELECT, LOGOUT", run_login},
    Case{"login-resumed", "session", "the same with a TLS session that is resumed", run_login, 1, "resumed"},
    Case{"fetch-all-first", "message", "the first FETCH 1:* with ENVELOPE BODYSTRUCTURE after delivery",
         run_fetch_first, 1, kAll},
    Case{"fetch-all", "message", "the same, later, each in a new session", run_fetch_new_session, 1, kAll},
    Case{"fetch-flags", "message", "FETCH 1:* (UID FLAGS)", run_fetch, 1, "FETCH 1:* (UID FLAGS)"},
    Case{"fetch-body", "message", "FETCH 1:* BODY.PEEK[]", run_fetch, 1, "FETCH 1:* BODY.PEEK[]"},
    Case{"search-subject", "search", "SEARCH SUBJECT", run_search, 1, "SUBJECT"},
    Case{"search-from", "search", "SEARCH FROM, once the server did what it does to prepare", run_search_indexed, 1,
         "FROM"},
    Case{"search-header", "search", "SEARCH HEADER List-Id, in the same way", run_search_indexed, 1, "HEADER List-Id"},
    Case{"search-text", "search", "SEARCH TEXT of two letters, which no index answers", run_search, 1, "TEXT"},
    Case{"search-body", "search", "SEARCH BODY of the same", run_search, 1, "BODY"},
    Case{"search-text-indexed", "search", "SEARCH TEXT of a word, once the server did what it does to prepare",
         run_search_indexed, 1, "TEXT"},
    Case{"search-body-indexed", "search", "SEARCH BODY of a word, in the same way", run_search_indexed, 1, "BODY"},
    Case{"store-bulk", "command", "STORE 1:* +FLAGS.SILENT and -FLAGS.SILENT in turn", run_store_bulk, 1, ".SILENT"},
    Case{"store-bulk-answered", "command", "STORE 1:* +FLAGS and -FLAGS in turn, with an answer for each message",
         run_store_bulk, 1, ""},
    Case{"store-single", "command", "STORE of one message, one after the other", run_store_single, 1},
    Case{"store-pipelined", "command", "the same, 50 on their way at a time", run_store_single, 50},
    Case{"pop3-retr", "message", "STAT, UIDL, RETR of 1,000 messages, one after the other", run_pop3_retr, 1},
    Case{"pop3-retr-pipelined", "message", "the same, 20 on their way at a time", run_pop3_retr, 20},
    Case{"pop3-login", "session", "TCP, TLS, USER, PASS, STAT, QUIT", run_pop3_login},
    Case{"idle-100", "connection", "memory of 100 connections in IDLE", run_idle, 100},
    Case{"idle-500", "connection", "memory of 500", run_idle, 500},
    Case{"idle-5000", "connection", "memory of 5,000", run_idle, 5'000},
    Case{"notify-append", "message", "from OK of APPEND to EXISTS at an idling session, 20 a second",
         run_notify_append},
    Case{"notify-lmtp", "message", "from 250 of LMTP to EXISTS at an idling session, 20 a second", run_notify_lmtp},
    Case{"select-100k-first", "command", "one SELECT of 100,000 messages; start the server anew before",
         run_select_first, 100'000},
    Case{"select-100k", "command", "SELECT of them, each in a new session", run_select, 100'000},
    Case{"select-1m-first", "command", "one SELECT of 1,000,000 messages; start the server anew before",
         run_select_first, 1'000'000},
    Case{"select-1m", "command", "SELECT of them, each in a new session", run_select, 1'000'000},
    Case{"growth-1k", "message", "deliveries to, and FETCH of 1,000 messages of, a mailbox of 1,000", run_growth, 0,
         "1k"},
    Case{"growth-10k", "message", "the same for 10,000", run_growth, 1, "10k"},
    Case{"growth-100k", "message", "the same for 100,000", run_growth, 2, "100k"},
    Case{"growth-1m", "message", "the same for 1,000,000", run_growth, 3, "1m"},
};

}  // namespace

std::span<const Case> all_cases() { return kCases; }

const Case* find_case(std::string_view name) {
  const auto* const found =
      std::find_if(kCases.begin(), kCases.end(), [name](const Case& each) { return each.name == name; });
  return found == kCases.end() ? nullptr : found;
}

}  // namespace load
