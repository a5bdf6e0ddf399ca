#include <array>
#include <utility>

#include "base/base64.h"
#include "channel.h"
#include "net/client_stream.h"

namespace postfach::migrate {
namespace {

class SocketChannel final : public Channel {
 public:
  SocketChannel(net::ClientStream stream, net::ClientTls tls) : stream_(std::move(stream)), tls_(std::move(tls)) {}

  Result<std::string_view> read() override {
    auto got = stream_.read(buffer_.data(), buffer_.size());
    if (!got) return got.error();
    if (*got == 0) return Error{Errc::unavailable, "the server has closed the connection"};
    return std::string_view(buffer_.data(), *got);
  }
  Result<void> write(std::string_view octets) override { return stream_.write(octets); }
  Result<void> start_tls() override { return stream_.start_tls(tls_); }

 private:
  net::ClientStream stream_;
  net::ClientTls tls_;
  std::array<char, 32 * 1024> buffer_{};
};

}  // namespace

Result<std::unique_ptr<Channel>> connect(const Server& server, std::uint16_t tls_port, std::uint16_t clear_port) {
  const bool is_tls = server.security == Security::tls;
  const std::uint16_t usual = is_tls ? tls_port : clear_port;
  auto stream = net::ClientStream::connect(server.host, server.port != 0 ? server.port : usual, server.timeout);
  if (!stream) return std::move(stream).error();
  auto channel = std::make_unique<SocketChannel>(
      *std::move(stream), net::ClientTls{server.verify_certificate, server.ca_file, server.fingerprint});
  if (is_tls) {
    if (auto started = channel->start_tls(); !started) return started.error();
  }
  return std::unique_ptr<Channel>(std::move(channel));
}

const char* sasl_mechanism(const Server& server) noexcept { return server.token.empty() ? "PLAIN" : "XOAUTH2"; }

std::string sasl_response(const Server& server) {
  std::string text;
  if (server.token.empty()) {
    text.append(1, '\0').append(server.user).append(1, '\0').append(server.password);
  } else {
    text.append("user=").append(server.user).append("\1auth=Bearer ").append(server.token).append("\1\1");
  }
  return base::base64_encode(text);
}

Result<ImportReport> import_imap(const Account& account, const Server& server, const ImportOptions& options) {
  auto channel = connect(server, 993, 143);
  if (!channel) return std::move(channel).error();
  return import_imap(account, **channel, server, options);
}

Result<ImportReport> import_pop3(const Account& account, const Server& server, const ImportOptions& options) {
  auto channel = connect(server, 995, 110);
  if (!channel) return std::move(channel).error();
  return import_pop3(account, **channel, server, options);
}

}  // namespace postfach::migrate
