#include "lmtp_client.h"

#include "failure.h"

namespace load {

awaitable<void> LmtpClient::open(asio::ip::tcp::endpoint endpoint) {
  co_await connection_.connect(endpoint);
  co_await expect("220");
  co_await connection_.write("LHLO localhost\r\n");
  co_await expect("250");
}

awaitable<void> LmtpClient::expect(std::string_view code) {
  for (;;) {
    const auto line = co_await input_.line();
    if (!line.starts_with(code)) throw Failure("the server answers: " + std::string(line));
    if (line.size() == code.size() || line[code.size()] != '-') co_return;
  }
}

awaitable<void> LmtpClient::deliver(std::string_view recipient, std::string_view message) {
  request_ = "MAIL FROM:<sender@example.com>\r\nRCPT TO:<";
  request_ += recipient;
  request_ += ">\r\nDATA\r\n";
  co_await connection_.write(request_);
  co_await expect("250");
  co_await expect("250");
  co_await expect("354");
  request_ = message;
  request_ += ".\r\n";
  co_await connection_.write(request_);
  co_await expect("250");
}

awaitable<void> LmtpClient::quit() {
  co_await connection_.write("QUIT\r\n");
  co_await expect("221");
  connection_.close();
}

}  // namespace load
