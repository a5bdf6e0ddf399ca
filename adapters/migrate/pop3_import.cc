#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "channel.h"
#include "protocol/line_framer.h"
#include "store/import_batch.h"
#include "store/mbox_format.h"
#include "store/uidl_format.h"

namespace postfach::migrate {
namespace {

constexpr std::size_t kMostLine = 4096;            // of an answer
constexpr std::size_t kMostHeader = 256 * 1024;    // that is looked through for a date
constexpr std::size_t kMostMessages = 10'000'000;  // in a maildrop
constexpr std::size_t kLookedUp = 500;             // messages at once

// The text of a multi-line answer without the dots before dots and without its end (RFC 1939 §3). Cut anywhere.
class Unstuffer {
 public:
  // Appends to out; returns how many octets were taken: fewer than all at the end, which is_over() tells.
  std::size_t take(std::string_view octets, std::string& out) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
      const char c = octets[i];
      switch (state_) {
        case State::start:
          if (c == '.') {
            state_ = State::dot;
            continue;
          }
          break;
        case State::dot:
          if (c == '\r') {
            state_ = State::dot_cr;
            continue;
          }
          if (c == '\n') {
            state_ = State::over;
            return i + 1;
          }
          break;
        case State::dot_cr:
          if (c == '\n') {
            state_ = State::over;
            return i + 1;
          }
          out += '\r';
          break;
        case State::text:
        case State::over:
          break;
      }
      out += c;
      state_ = c == '\n' ? State::start : State::text;
    }
    return octets.size();
  }
  bool is_over() const noexcept { return state_ == State::over; }

 private:
  enum class State : std::uint8_t { start, dot, dot_cr, text, over };
  State state_ = State::start;
};

class Pop3Client {
 public:
  explicit Pop3Client(Channel& channel) : channel_(channel) {}

  Result<void> begin(const Server& server);
  // The text behind "+OK". Errors: refused (what "-ERR" means), unavailable.
  Result<std::string> command(std::string_view text, Errc refused = Errc::invalid_argument);
  // The lines of a multi-line answer, after command().
  Result<void> lines(const std::function<void(std::string_view)>& use);
  // The octets of one.
  Result<void> octets(const std::function<void(std::string_view)>& use);

 private:
  Result<void> fill();
  Result<std::string> line();
  Result<void> log_in(const Server& server);

  Channel& channel_;
  std::string_view pending_;
};

Result<void> Pop3Client::fill() {
  auto octets = channel_.read();
  if (!octets) return octets.error();
  pending_ = *octets;
  return {};
}

Result<std::string> Pop3Client::line() {
  protocol::LineFramer framer(kMostLine);
  for (;;) {
    const auto piece = framer.next(pending_);
    pending_.remove_prefix(piece.taken);
    if (piece.status == protocol::LineFramer::Status::line) return std::string(piece.line);
    if (piece.status == protocol::LineFramer::Status::too_long) {
      return Error{Errc::invalid_argument, "a line of the server is too long"};
    }
    if (auto filled = fill(); !filled) return filled.error();
  }
}

Result<std::string> Pop3Client::command(std::string_view text, Errc refused) {
  if (!text.empty()) {
    if (auto written = channel_.write(std::string(text) + "\r\n"); !written) return written.error();
  }
  auto answer = line();
  if (!answer) return answer;
  if (answer->starts_with("+OK")) return std::string(base::trim(std::string_view(*answer).substr(3)));
  return Error{refused, "the server says " + answer->substr(0, 500)};
}

Result<void> Pop3Client::octets(const std::function<void(std::string_view)>& use) {
  Unstuffer unstuffer;
  std::string text;
  for (;;) {
    text.clear();
    pending_.remove_prefix(unstuffer.take(pending_, text));
    if (!text.empty()) use(text);
    if (unstuffer.is_over()) return {};
    if (auto filled = fill(); !filled) return filled;
  }
}

Result<void> Pop3Client::lines(const std::function<void(std::string_view)>& use) {
  for (;;) {
    auto next = line();
    if (!next) return next.error();
    if (*next == ".") return {};
    use(next->starts_with('.') ? std::string_view(*next).substr(1) : std::string_view(*next));
  }
}

Result<void> Pop3Client::begin(const Server& server) {
  const auto has_line_end = [](const std::string& text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos;
  };
  if (has_line_end(server.user) || has_line_end(server.password) || has_line_end(server.token)) {
    return Error{Errc::invalid_argument, "a name or password has a line end"};
  }
  if (auto greeting = command("", Errc::unavailable); !greeting) return greeting.error();
  if (server.security == Security::starttls) {
    if (auto answer = command("STLS", Errc::unavailable); !answer) return answer.error();
    if (!pending_.empty()) return Error{Errc::unavailable, "octets came behind the answer to STLS"};
    if (auto started = channel_.start_tls(); !started) return started;
  }
  return log_in(server);
}

// RFC 1939 §7 USER and PASS, which every server has; XOAUTH2 as RFC 5034 §4 sends it.
Result<void> Pop3Client::log_in(const Server& server) {
  if (server.token.empty()) {
    if (auto answer = command("USER " + server.user, Errc::auth_failed); !answer) return answer.error();
    auto answer = command("PASS " + server.password, Errc::auth_failed);
    return answer ? Result<void>() : Result<void>(answer.error());
  }
  // A token does not fit into a line of 255 octets: it follows the question.
  if (auto written = channel_.write("AUTH XOAUTH2\r\n"); !written) return written;
  auto question = line();
  if (!question) return question.error();
  if (!question->starts_with('+') || question->starts_with("+OK")) {
    return Error{Errc::auth_failed, "the server says " + question->substr(0, 500)};
  }
  if (auto written = channel_.write(sasl_response(server) + "\r\n"); !written) return written;
  auto answer = line();
  if (answer && answer->starts_with("+ ")) {  // why it failed, in base64
    if (auto written = channel_.write("\r\n"); !written) return written;
    answer = line();
  }
  if (!answer) return answer.error();
  if (answer->starts_with("+OK")) return {};
  return Error{Errc::auth_failed, "the server says " + answer->substr(0, 500)};
}

struct MaildropEntry {
  std::uint32_t number = 0;
  std::string uidl;
};

Result<std::vector<MaildropEntry>> list_maildrop(Pop3Client& client) {
  std::vector<MaildropEntry> list;
  if (auto answer = client.command("UIDL"); !answer) return answer.error();
  auto read = client.lines([&](std::string_view line) {
    const auto space = line.find(' ');
    const auto number = base::parse_number(line.substr(0, space), UINT32_MAX);
    if (!number || space == std::string_view::npos || list.size() >= kMostMessages) return;
    list.push_back({static_cast<std::uint32_t>(*number), std::string(base::trim(line.substr(space)))});
  });
  if (!read) return read.error();
  return list;
}

class MaildropImport {
 public:
  MaildropImport(Pop3Client& client, store::ImportBatch& batch) : client_(client), batch_(batch) {}

  Result<void> some(const MaildropEntry* begin, const MaildropEntry* end);

 private:
  Result<void> message(const MaildropEntry& listed, std::string key);

  Pop3Client& client_;
  store::ImportBatch& batch_;
};

Result<void> MaildropImport::some(const MaildropEntry* begin, const MaildropEntry* end) {
  std::vector<std::string> keys;
  for (const auto* each = begin; each != end; ++each) keys.push_back(each->uidl);
  auto present = batch_.intake().present(keys);
  if (!present) return present.error();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if ((*present)[i]) {
      if (!batch_.skip_present(0)) return {};
    } else {
      if (auto done = message(begin[i], std::move(keys[i])); !done) return done;
      if (batch_.is_stopped()) return {};
    }
  }
  return {};
}

Result<void> MaildropImport::message(const MaildropEntry& listed, std::string key) {
  auto answer = client_.command("RETR " + std::to_string(listed.number));
  if (!answer && answer.error().code != Errc::invalid_argument) return answer.error();
  const auto left_out = [&](const std::string& why) {
    batch_.problem("the message " + listed.uidl.substr(0, 70) + " was left out: " + why);
    return Result<void>();
  };
  if (!answer) return left_out(answer.error().message);
  auto spool = batch_.spool();
  std::string header;
  Result<void> written;
  auto read = client_.octets([&](std::string_view octets) {
    header.append(octets.substr(0, kMostHeader - std::min(header.size(), kMostHeader)));
    if (written) written = spool.write(octets);
  });
  if (!read) return read;
  if (!written) return written.error().code == Errc::limit ? left_out(written.error().message) : written;
  if (const auto end = header.find("\r\n\r\n"); end != std::string::npos) header.resize(end + 2);
  const auto octets = spool.size();
  batch_.add(
      {.message = {.content = std::move(spool), .internal_date = store::arrival_date(header), .uidl = listed.uidl},
       .key = std::move(key)},
      octets);
  return {};
}

}  // namespace

Result<ImportReport> import_pop3(const Account& account, Channel& channel, const Server& server,
                                 const ImportOptions& options) {
  Pop3Client client(channel);
  if (auto begun = client.begin(server); !begun) return begun.error();
  auto list = list_maildrop(client);
  if (!list) return list.error();
  store::ImportBatch batch(account, options, 0, list->size());
  auto entered =
      batch.enter({.mailbox = options.mailbox,
                   .source = options.source.empty() ? "pop3://" + server.user + "@" + server.host : options.source});
  if (!entered) return entered.error();
  MaildropImport import(client, batch);
  for (std::size_t at = 0; at < list->size() && !batch.is_stopped(); at += kLookedUp) {
    auto done = import.some(list->data() + at, list->data() + std::min(at + kLookedUp, list->size()));
    if (!done) batch.stop(done.error());
  }
  if (!batch.is_stopped()) (void)client.command("QUIT");
  return std::move(batch).finish();
}

}  // namespace postfach::migrate
