#include "pop3_client.h"

#include <fmt/format.h>

#include <charconv>

#include "failure.h"

namespace load {

awaitable<void> Pop3Client::open(asio::ip::tcp::endpoint endpoint, Handshake handshake) {
  co_await connection_.connect(endpoint);
  co_await connection_.start_tls(handshake);
  co_await answer();
}

awaitable<std::string_view> Pop3Client::answer() {
  const auto line = co_await input_.line();
  if (!line.starts_with("+OK")) throw Failure("the server answers: " + std::string(line));
  co_return line;
}

awaitable<std::string_view> Pop3Client::command(std::string_view text) {
  co_await connection_.write(text);
  co_return co_await answer();
}

awaitable<void> Pop3Client::log_in(const std::string& user, const std::string& password) {
  co_await command("USER " + user + "\r\n");
  co_await command("PASS " + password + "\r\n");
}

awaitable<std::uint32_t> Pop3Client::stat() {
  const auto line = co_await command("STAT\r\n");
  std::uint32_t count = 0;
  std::from_chars(line.data() + 4, line.data() + line.size(), count);
  co_return count;
}

awaitable<std::uint32_t> Pop3Client::uidl() {
  co_await command("UIDL\r\n");
  for (std::uint32_t count = 0;; ++count) {
    const auto line = co_await input_.line();
    if (line == ".") co_return count;
  }
}

awaitable<void> Pop3Client::send_retr(std::uint32_t number) {
  char text[32];
  const auto end = fmt::format_to(text, "RETR {}\r\n", number);
  co_await connection_.write({text, static_cast<std::size_t>(end - text)});
}

awaitable<void> Pop3Client::retrieved(std::size_t size) {
  co_await answer();
  co_await input_.skip(size);
  const auto end = co_await input_.line();
  if (end != ".") throw Failure("RETR gave another message than the one that was stored");
}

awaitable<void> Pop3Client::quit() {
  co_await command("QUIT\r\n");
  connection_.close();
}

}  // namespace load
