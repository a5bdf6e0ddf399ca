// Commands of an IMAP client, one at a time.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "channel.h"
#include "imap_reader.h"

namespace postfach::migrate {

struct ImapHandlers {
  // Each untagged response.
  std::function<void(const ImapResponse&)> untagged = {};
  // Pieces of the literal behind BODY[], before the response that they are in.
  std::function<void(std::string_view, bool is_first)> message = {};
  std::string continuation = {};  // sent when the server asks for it
};

class ImapClient {
 public:
  explicit ImapClient(Channel& channel) : channel_(channel) {}

  // The greeting, STARTTLS, the login. Errors: auth_failed, unavailable, invalid_argument.
  Result<void> begin(const Server& server);

  // Returns the tagged response, OK or not. Errors: unavailable, also after BYE.
  Result<ImapResponse> command(std::string_view text, const ImapHandlers& handlers = {});
  // The same, where anything but OK is an error.
  Result<ImapResponse> require(std::string_view text, const ImapHandlers& handlers = {});

  // In capitals.
  bool can(const std::string& capability) const { return capabilities_.count(capability) > 0; }
  void log_out() { (void)command("LOGOUT"); }

 private:
  Result<ImapResponse> next(const ImapHandlers& handlers);
  Result<void> ask_capabilities();
  void take_capabilities(std::string_view words);
  Result<void> log_in(const Server& server);

  Channel& channel_;
  ImapReader reader_;
  std::string_view pending_;
  std::set<std::string> capabilities_;
  unsigned last_tag_ = 0;
};

// A quoted string (RFC 9051 §9); the caller sees to it that there is no CR, LF or NUL.
std::string quoted(std::string_view text);

}  // namespace postfach::migrate
