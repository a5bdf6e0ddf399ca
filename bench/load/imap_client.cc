#include "imap_client.h"

#include "failure.h"

namespace load {

awaitable<void> ImapClient::open(asio::ip::tcp::endpoint endpoint, Handshake handshake) {
  co_await connection_.connect(endpoint);
  co_await connection_.start_tls(handshake);
  const auto greeting = co_await input_.line();
  if (!greeting.starts_with("* OK")) throw Failure("the greeting is: " + std::string(greeting));
}

awaitable<void> ImapClient::log_in(const std::string& user, const std::string& password) {
  co_await command("LOGIN \"" + user + "\" \"" + password + '"');
}

awaitable<void> ImapClient::log_out() {
  co_await command("LOGOUT");
  connection_.close();
}

awaitable<const Answer*> ImapClient::command(std::string_view text) {
  request_ = kTag;
  request_ += text;
  request_ += "\r\n";
  co_await connection_.write(request_);
  co_return co_await answer();
}

awaitable<const Answer*> ImapClient::answer() { return next(AnswerScanner::Until::tagged); }

awaitable<const Answer*> ImapClient::next(AnswerScanner::Until until) {
  scanner_.reset();
  for (;;) {
    input_.consume(scanner_.scan(input_.unread(), until));
    if (scanner_.done()) break;
    co_await input_.fill();
  }
  const Answer& found = scanner_.answer();
  if (!found.is_ok() && (until == AnswerScanner::Until::tagged || !found.text.empty())) {
    throw Failure("the server answers: " + found.text + (request_.size() < 200 ? " to " + request_ : std::string()));
  }
  co_return &found;
}

awaitable<void> ImapClient::idle() {
  const auto* const started = co_await command("IDLE");
  if (!started->is_continuation) throw Failure("IDLE does not begin: " + started->text);
}

awaitable<void> ImapClient::done() {
  co_await connection_.write("DONE\r\n");
  co_await answer();
}

awaitable<std::uint32_t> ImapClient::exists() {
  const auto* const found = co_await next(AnswerScanner::Until::exists);
  co_return found->exists;
}

}  // namespace load
