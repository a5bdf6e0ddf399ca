// The handlers, one file for each command or family. The table (commands.cc) has checked the state and parsed the
// arguments: with State::authenticated or State::selected context.account is set, with State::selected
// context.selected too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "imap/command/append.h"
#include "imap/command/authenticate.h"
#include "imap/command/cancel_update.h"
#include "imap/command/comparator.h"
#include "imap/command/compress.h"
#include "imap/command/copy.h"
#include "imap/command/fetch.h"
#include "imap/command/id.h"
#include "imap/command/list.h"
#include "imap/command/login.h"
#include "imap/command/mailbox.h"
#include "imap/command/quota.h"
#include "imap/command/search.h"
#include "imap/command/select.h"
#include "imap/command/sort.h"
#include "imap/command/status.h"
#include "imap/command/store.h"
#include "imap/command/thread.h"
#include "task.h"

namespace postfach::imap {

// comparator.cc
Outcome handle_comparator(Context& context, const std::vector<std::string>& patterns, std::string& out);

// any.cc: commands of any state.
Outcome handle_capability(Context& context, std::string& out);
Outcome handle_noop(Context& context, std::string& out);
Outcome handle_id(Context& context, const Id& id, std::string& out);
Outcome handle_logout(Context& context, std::string& out);
Outcome handle_namespace(Context& context, std::string& out);

// starttls.cc, compress.cc, login.cc
Outcome handle_starttls(Context& context, std::string& out);
Outcome handle_compress(Context& context, Compress compress, std::string& out);
Outcome handle_login(Context& context, Login login, std::string& out);
Outcome handle_authenticate(Context& context, Authenticate authenticate, std::string& out);
Outcome handle_unauthenticate(Context& context, std::string& out);

// enable.cc; capabilities in capitals
Outcome handle_enable(Context& context, const std::vector<std::string>& capabilities, std::string& out);

// select.cc, close.cc
Outcome handle_select(Context& context, const Select& select, std::string& out);
Outcome handle_examine(Context& context, const Select& select, std::string& out);
Outcome handle_close(Context& context, std::string& out);
Outcome handle_unselect(Context& context, std::string& out);

// mailboxes.cc
Outcome handle_create(Context& context, const Create& create, std::string& out);
Outcome handle_delete(Context& context, const std::string& mailbox, std::string& out);
Outcome handle_rename(Context& context, const Rename& rename, std::string& out);
Outcome handle_subscribe(Context& context, const std::string& mailbox, std::string& out);
Outcome handle_unsubscribe(Context& context, const std::string& mailbox, std::string& out);

// list.cc, status.cc, idle.cc
Outcome handle_list(Context& context, const List& list, std::string& out);
Outcome handle_lsub(Context& context, const List& list, std::string& out);
Outcome handle_xlist(Context& context, const List& list, std::string& out);
Outcome handle_status(Context& context, const Status& status, std::string& out);
// quota.cc
Outcome handle_get_quota(Context& context, const GetQuota& command, std::string& out);
Outcome handle_get_quota_root(Context& context, const GetQuotaRoot& command, std::string& out);
Outcome handle_set_quota(Context& context, const SetQuota& command, std::string& out);
Outcome handle_idle(Context& context, std::string& out);

// append.cc; rest: the text behind the mailbox name, which lives until the task asks for octets.
Outcome handle_append(Context& context, Append arguments, std::string_view rest);
Outcome handle_replace(Context& context, Replace arguments, std::string_view rest);
Outcome handle_uid_replace(Context& context, Replace arguments, std::string_view rest);

// expunge.cc, copy.cc, store.cc, fetch.cc, search.cc, cancel_update.cc
Outcome handle_expunge(Context& context, std::string& out);
Outcome handle_uid_expunge(Context& context, const NumberSet& messages, std::string& out);
Outcome handle_copy(Context& context, const Copy& copy, std::string& out);
Outcome handle_uid_copy(Context& context, const Copy& copy, std::string& out);
Outcome handle_move(Context& context, const Copy& copy, std::string& out);
Outcome handle_uid_move(Context& context, const Copy& copy, std::string& out);
Outcome handle_store(Context& context, StoreFlags store, std::string& out);
Outcome handle_uid_store(Context& context, StoreFlags store, std::string& out);
Outcome handle_fetch(Context& context, Fetch fetch, std::string& out);
Outcome handle_uid_fetch(Context& context, Fetch fetch, std::string& out);
// For every command with search criteria: sequence numbers among them are refused after ENABLE UIDONLY (RFC 9586 §3), and
// otherwise must not change their meaning while the command runs (RFC 7162 §3.2.10.2, RFC 9051 §7.5.1).
std::optional<Answer> check_numbers(Context& context, const SearchTerm& criteria);
Outcome handle_search(Context& context, const Search& search, std::string& out);
Outcome handle_uid_search(Context& context, const Search& search, std::string& out);
// sort.cc, thread.cc
Outcome handle_sort(Context& context, const Sort& sort, std::string& out);
Outcome handle_uid_sort(Context& context, const Sort& sort, std::string& out);
Outcome handle_thread(Context& context, const Thread& thread, std::string& out);
Outcome handle_uid_thread(Context& context, const Thread& thread, std::string& out);
Outcome handle_cancel_update(Context& context, const std::vector<std::string>& tags, std::string& out);

}  // namespace postfach::imap
