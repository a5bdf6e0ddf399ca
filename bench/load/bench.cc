#include "bench.h"

#include <fmt/format.h>

#include <asio/co_spawn.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace load {
namespace {

using asio::ip::tcp;

tcp::endpoint given(const std::optional<tcp::endpoint>& endpoint, const char* option) {
  if (!endpoint) throw Failure(std::string("the case needs ") + option);
  return *endpoint;
}

}  // namespace

tcp::endpoint imap_of(const Bench& bench) { return given(bench.options.imap, "--imap"); }
tcp::endpoint pop3_of(const Bench& bench) { return given(bench.options.pop3, "--pop3"); }
tcp::endpoint lmtp_of(const Bench& bench) { return given(bench.options.lmtp, "--lmtp"); }

awaitable<void> enter(Bench& bench, ImapClient& client, int account, Handshake handshake) {
  co_await client.open(imap_of(bench), handshake);
  co_await client.log_in(bench.options.user(account), bench.options.password);
}

awaitable<void> together(Network& network, std::vector<awaitable<void>> parts) {
  // Shared, because parts that are left behind report to it still.
  struct State {
    explicit State(asio::io_context& io) : over(io, asio::steady_timer::time_point::max()) {}
    asio::steady_timer over;
    std::size_t open = 0;
    std::exception_ptr failure;
  };
  if (parts.empty()) co_return;
  const auto state = std::make_shared<State>(network.io);
  state->open = parts.size();
  for (auto& part : parts) {
    asio::co_spawn(network.io, std::move(part), [state](std::exception_ptr failure) {
      if (failure && !state->failure) state->failure = std::move(failure);
      if (--state->open == 0 || state->failure) state->over.cancel();
    });
  }
  asio::error_code cancelled;
  if (state->open > 0 && !state->failure)
    co_await state->over.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (state->failure) std::rethrow_exception(state->failure);
}

void expect_equal(std::uint64_t found, std::uint64_t expected, const std::string& what) {
  if (found != expected) throw Failure(fmt::format("{} {} instead of {}", found, what, expected));
}

}  // namespace load
