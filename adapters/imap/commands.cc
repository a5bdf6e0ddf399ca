#include "commands.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "imap/command/enable.h"
#include "imap/command/head.h"
#include "imap/handlers/handlers.h"
#include "imap/state/capability.h"

namespace postfach::imap {
namespace {

template <auto parse, auto handle>
Outcome with(Context& context, Scanner& in, std::string& out) {
  auto arguments = parse(in);
  if (!arguments) return bad(in.error());
  return handle(context, *std::move(arguments), out);
}

template <auto handle>
Outcome without(Context& context, Scanner& in, std::string& out) {
  if (!parse_no_arguments(in)) return bad(in.error());
  return handle(context, out);
}

// The rest of the arguments comes in pieces, with literals that are streamed between them.
template <auto parse, auto handle>
Outcome streamed(Context& context, Scanner& in, std::string&) {
  auto arguments = parse(in);
  if (!arguments) return bad(in.error());
  return handle(context, *std::move(arguments), in.rest());
}

constexpr std::uint8_t kStranger = static_cast<std::uint8_t>(State::not_authenticated);
constexpr std::uint8_t kSelected = static_cast<std::uint8_t>(State::selected);
constexpr std::uint8_t kUser = static_cast<std::uint8_t>(State::authenticated) | kSelected;
constexpr std::uint8_t kAny = kStranger | kUser;

// Sorted by name.
constexpr std::array kCommands = {
    Command{"APPEND", kUser, Sync::full, streamed<parse_append, handle_append>},
    Command{"AUTHENTICATE", kStranger, Sync::none, with<parse_authenticate, handle_authenticate>},
    Command{"CANCELUPDATE", kSelected, Sync::keep_numbers, with<parse_cancel_update, handle_cancel_update>,
            "CONTEXT=SEARCH"},
    Command{"CAPABILITY", kAny, Sync::full, without<handle_capability>},
    Command{"CHECK", kSelected, Sync::poll, without<handle_noop>},
    Command{"CLOSE", kSelected, Sync::none, without<handle_close>},
    Command{"COMPARATOR", kUser, Sync::full, with<parse_comparator, handle_comparator>, "I18NLEVEL=2"},
    Command{"COMPRESS", kUser, Sync::full, with<parse_compress, handle_compress>, "COMPRESS=DEFLATE"},
    Command{"COPY", kSelected, Sync::keep_numbers, with<parse_copy, handle_copy>},
    Command{"CREATE", kUser, Sync::full, with<parse_create, handle_create>},
    Command{"DELETE", kUser, Sync::full, with<parse_mailbox, handle_delete>},
    Command{"ENABLE", kUser, Sync::full, with<parse_enable, handle_enable>, "ENABLE"},
    Command{"EXAMINE", kUser, Sync::none, with<parse_select, handle_examine>},
    Command{"EXPUNGE", kSelected, Sync::poll, without<handle_expunge>},
    Command{"FETCH", kSelected, Sync::keep_numbers, with<parse_fetch, handle_fetch>},
    Command{"GETQUOTA", kUser, Sync::full, with<parse_get_quota, handle_get_quota>, "QUOTA"},
    Command{"GETQUOTAROOT", kUser, Sync::full, with<parse_get_quota_root, handle_get_quota_root>, "QUOTA"},
    Command{"ID", kAny, Sync::full, with<parse_id, handle_id>, "ID"},
    Command{"IDLE", kUser, Sync::full, without<handle_idle>, "IDLE"},
    Command{"LIST", kUser, Sync::full, with<parse_list, handle_list>},
    Command{"LOGIN", kStranger, Sync::none, with<parse_login, handle_login>},
    Command{"LOGOUT", kAny, Sync::none, without<handle_logout>},
    Command{"LSUB", kUser, Sync::full, with<parse_lsub, handle_lsub>},
    Command{"MOVE", kSelected, Sync::poll, with<parse_copy, handle_move>, "MOVE"},
    Command{"NAMESPACE", kUser, Sync::full, without<handle_namespace>, "NAMESPACE"},
    Command{"NOOP", kAny, Sync::poll, without<handle_noop>},
    Command{"RENAME", kUser, Sync::full, with<parse_rename, handle_rename>},
    Command{"REPLACE", kSelected, Sync::poll, streamed<parse_replace, handle_replace>, "REPLACE"},
    Command{"SEARCH", kSelected, Sync::keep_numbers, with<parse_search, handle_search>},
    Command{"SELECT", kUser, Sync::none, with<parse_select, handle_select>},
    Command{"SETQUOTA", kUser, Sync::full, with<parse_set_quota, handle_set_quota>, "QUOTA"},
    Command{"SORT", kSelected, Sync::keep_numbers, with<parse_sort, handle_sort>, "SORT"},
    Command{"STARTTLS", kAny, Sync::none, without<handle_starttls>, "STARTTLS"},
    Command{"STATUS", kUser, Sync::full, with<parse_status, handle_status>},
    Command{"STORE", kSelected, Sync::keep_numbers, with<parse_store, handle_store>},
    Command{"SUBSCRIBE", kUser, Sync::full, with<parse_mailbox, handle_subscribe>},
    Command{"THREAD", kSelected, Sync::keep_numbers, with<parse_thread, handle_thread>},
    Command{"UID COPY", kSelected, Sync::full, with<parse_copy, handle_uid_copy>},
    Command{"UID EXPUNGE", kSelected, Sync::poll, with<parse_uid_expunge, handle_uid_expunge>, "UIDPLUS"},
    Command{"UID FETCH", kSelected, Sync::full, with<parse_fetch, handle_uid_fetch>},
    Command{"UID MOVE", kSelected, Sync::poll, with<parse_copy, handle_uid_move>, "MOVE"},
    Command{"UID REPLACE", kSelected, Sync::poll, streamed<parse_replace, handle_uid_replace>, "REPLACE"},
    Command{"UID SEARCH", kSelected, Sync::full, with<parse_search, handle_uid_search>},
    Command{"UID SORT", kSelected, Sync::full, with<parse_sort, handle_uid_sort>, "SORT"},
    Command{"UID STORE", kSelected, Sync::full, with<parse_store, handle_uid_store>},
    Command{"UID THREAD", kSelected, Sync::full, with<parse_thread, handle_uid_thread>},
    Command{"UNAUTHENTICATE", kUser, Sync::none, without<handle_unauthenticate>, "UNAUTHENTICATE"},
    Command{"UNSELECT", kSelected, Sync::none, without<handle_unselect>, "UNSELECT"},
    Command{"UNSUBSCRIBE", kUser, Sync::full, with<parse_mailbox, handle_unsubscribe>},
    Command{"XLIST", kUser, Sync::full, with<parse_lsub, handle_xlist>, "XLIST"},
};
static_assert(std::ranges::is_sorted(kCommands, {}, &Command::name));

const Command* find_row(std::string_view name) noexcept {
  const auto* at = std::ranges::lower_bound(kCommands, name, {}, &Command::name);
  return at == kCommands.end() || at->name != name ? nullptr : at;
}

}  // namespace

const Command* find_command(std::string_view name, const Context& context) {
  const Command* at = find_row(name);
  if (at == nullptr) return nullptr;
  return at->capability.empty() || offers(context, at->capability) ? at : nullptr;
}

// EXPUNGE has a UID form that means something else.
bool uses_numbers(const Command& command) noexcept {
  constexpr std::string_view kUid = "UID ";
  if (command.name == "EXPUNGE" || command.name.starts_with(kUid)) return false;
  return std::ranges::any_of(kCommands, [&](const Command& other) {
    return other.name.starts_with(kUid) && other.name.substr(kUid.size()) == command.name;
  });
}

std::string_view wrong_state(const Command& command, State state) noexcept {
  if (state == State::not_authenticated) return "Log in first";
  return command.states == kStranger ? "Logged in already" : "No mailbox is selected";
}

}  // namespace postfach::imap
