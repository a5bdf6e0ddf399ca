#include "imap_client.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"

namespace postfach::migrate {
namespace {

Error refused(const ImapResponse& answer, Errc code) {
  return {code, "the server says " + answer.name + " " + answer.text.substr(0, 500)};
}

bool is_quotable(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

Result<ImapResponse> ImapClient::next(const ImapHandlers& handlers) {
  for (;;) {
    auto step = reader_.next(pending_);
    if (!step) return step.error();
    pending_.remove_prefix(step->taken);
    if (step->event == ImapReader::Event::message && handlers.message) handlers.message(step->octets, step->is_first);
    if (step->event == ImapReader::Event::response) return reader_.response();
    if (step->event != ImapReader::Event::more) continue;
    auto octets = channel_.read();
    if (!octets) return octets.error();
    pending_ = *octets;
  }
}

Result<ImapResponse> ImapClient::command(std::string_view text, const ImapHandlers& handlers) {
  const std::string tag = "p" + std::to_string(++last_tag_);
  if (auto written = channel_.write(tag + " " + std::string(text) + "\r\n"); !written) return written.error();
  bool is_continued = false;
  std::string farewell;
  for (;;) {
    auto answer = next(handlers);
    if (!answer) return farewell.empty() ? answer.error() : Error{Errc::unavailable, "the server says BYE " + farewell};
    if (answer->tag == tag) {
      if (!answer->is_status()) return Error{Errc::invalid_argument, "the server's answer makes no sense"};
      return answer;
    }
    if (answer->tag == "+") {
      // A second question is that of a failed XOAUTH2: an empty answer ends it.
      const std::string line = std::exchange(is_continued, true) ? "" : handlers.continuation;
      if (auto written = channel_.write(line + "\r\n"); !written) return written.error();
      continue;
    }
    if (answer->name == "BYE") farewell = answer->text.substr(0, 500) + " ";
    if (answer->name == "CAPABILITY") {
      capabilities_.clear();
      for (const auto& value : answer->values) capabilities_.insert(base::to_upper(value.text));
    }
    if (handlers.untagged) handlers.untagged(*answer);
  }
}

Result<ImapResponse> ImapClient::require(std::string_view text, const ImapHandlers& handlers) {
  auto answer = command(text, handlers);
  if (answer && answer->name != "OK") return refused(*answer, Errc::invalid_argument);
  return answer;
}

void ImapClient::take_capabilities(std::string_view words) {
  capabilities_.clear();
  while (!words.empty()) {
    const auto word = words.substr(0, words.find(' '));
    capabilities_.insert(base::to_upper(word));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
}

Result<void> ImapClient::ask_capabilities() {
  auto answer = require("CAPABILITY");
  return answer ? Result<void>() : Result<void>(answer.error());
}

Result<void> ImapClient::begin(const Server& server) {
  if (!is_quotable(server.user) || !is_quotable(server.password) || !is_quotable(server.token)) {
    return Error{Errc::invalid_argument, "a name or password has a line end"};
  }
  auto greeting = next({});
  if (!greeting) return greeting.error();
  if (greeting->name != "OK" && greeting->name != "PREAUTH") return refused(*greeting, Errc::unavailable);
  const bool is_in = greeting->name == "PREAUTH";
  if (server.security == Security::starttls) {
    if (is_in) return Error{Errc::unavailable, "the server does not want STARTTLS any more"};
    auto answer = command("STARTTLS");
    if (!answer) return answer.error();
    if (answer->name != "OK") return refused(*answer, Errc::unavailable);
    // What came in clear behind the answer is not the server's word (RFC 9051 §11.3).
    if (!pending_.empty()) return Error{Errc::unavailable, "octets came behind the answer to STARTTLS"};
    if (auto started = channel_.start_tls(); !started) return started;
  }
  if (auto asked = ask_capabilities(); !asked) return asked;
  return is_in ? Result<void>() : log_in(server);
}

Result<void> ImapClient::log_in(const Server& server) {
  const std::string mechanism = sasl_mechanism(server);
  const bool has_mechanism = can("AUTH=" + mechanism);
  if (!server.token.empty() && !has_mechanism) return Error{Errc::auth_failed, "the server does not know XOAUTH2"};
  if (!has_mechanism && can("LOGINDISABLED"))
    return Error{Errc::auth_failed, "the server permits no login by password"};
  ImapHandlers handlers;
  std::string text = "LOGIN " + quoted(server.user) + " " + quoted(server.password);
  if (has_mechanism) {
    text = "AUTHENTICATE " + mechanism;
    if (can("SASL-IR")) {
      text += " " + sasl_response(server);
    } else {
      handlers.continuation = sasl_response(server);
    }
  }
  auto answer = command(text, handlers);
  if (!answer) return answer.error();
  if (answer->name != "OK") return refused(*answer, Errc::auth_failed);
  // Many have more capabilities for those who are logged in.
  if (const auto words = answer->code("CAPABILITY"); !words.empty()) {
    take_capabilities(words);
    return {};
  }
  return ask_capabilities();
}

}  // namespace postfach::migrate
