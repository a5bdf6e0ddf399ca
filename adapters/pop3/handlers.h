// What each command does. A handler appends its reply, or the first line of it and leaves the others in
// Context::rest.
#pragma once

#include <string>
#include <string_view>

#include "command.h"
#include "context.h"

namespace postfach::pop3 {

// Bad commands in a row end the session: what talks like that is no mail client.
enum class Outcome : unsigned char { good, bad, none };  // none: it is not over

// Checks the state and runs the command.
Outcome handle(Context& context, const Command& command, std::string& out);

// Goes on with Context::login, which is due; writes a challenge, the answer, or nothing yet.
Outcome step_login(Context& context, std::string& out);

// AUTHORIZATION (authorization.cc)
Outcome handle_user(Context& context, const Command& command, std::string& out);
Outcome handle_pass(Context& context, const Command& command, std::string& out);
Outcome handle_auth(Context& context, const Command& command, std::string& out);
Outcome handle_apop(Context& context, const Command& command, std::string& out);
Outcome handle_utf8(Context& context, const Command& command, std::string& out);
Outcome handle_stls(Context& context, const Command& command, std::string& out);

// TRANSACTION (transaction.cc)
Outcome handle_stat(Context& context, const Command& command, std::string& out);
Outcome handle_list(Context& context, const Command& command, std::string& out);
Outcome handle_uidl(Context& context, const Command& command, std::string& out);
Outcome handle_retr(Context& context, const Command& command, std::string& out);
Outcome handle_top(Context& context, const Command& command, std::string& out);
Outcome handle_dele(Context& context, const Command& command, std::string& out);
Outcome handle_noop(Context& context, const Command& command, std::string& out);
Outcome handle_rset(Context& context, const Command& command, std::string& out);

// Both (handlers.cc; LANG: language.cc)
Outcome handle_lang(Context& context, const Command& command, std::string& out);
Outcome handle_capa(Context& context, const Command& command, std::string& out);
Outcome handle_quit(Context& context, const Command& command, std::string& out);

}  // namespace postfach::pop3
