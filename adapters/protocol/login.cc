#include "protocol/login.h"

#include <utility>

#include "auth/md5.h"
#include "auth/scram.h"
#include "base/ascii.h"
#include "base/random.h"
#include "base/saslprep.h"
#include "protocol/secret.h"

namespace postfach::protocol {
namespace {

// Who guesses sees these, and nobody else.
bool is_wrong(Errc code) noexcept {
  return code == Errc::auth_failed || code == Errc::not_found || code == Errc::invalid_argument;
}

}  // namespace

Login::Login(const LoginRules& rules, LoginDelay& delay, std::string remote, Ring ring)
    : rules_(rules), delay_(delay), remote_(std::move(remote)), ring_(std::move(ring)) {}

Login::~Login() {
  forget_secrets();
  if (response_) wipe(*response_);
}

void Login::forget_secrets() noexcept { wipe(credentials_); }

// Copied and wiped: moving a short string leaves its octets behind.
void Login::begin(Credentials& credentials) {
  credentials_ = credentials;
  credentials_.remote = remote_;
  wipe(credentials);
  name_ = credentials_.login;
  state_ = State::remember;
}

bool Login::begin(std::string_view mechanism, const MechanismSet& offered, const std::optional<TlsInfo>& tls,
                  std::optional<std::string_view> initial_response) {
  const auto known = find_mechanism(mechanism);
  if (!known || !offered.contains(*known)) return false;
  ScramBinding binding{.plus_offered = offered.contains(Mechanism::scram_sha_256_plus),
                       .exporter = tls ? tls->exporter : std::string()};
  sasl_.emplace(*known, rules_.tokens, std::move(binding));
  if (initial_response) response_ = std::string(*initial_response);
  return true;
}

void Login::begin_apop(std::string_view name, std::string_view digest, std::string_view timestamp,
                       const ApopLookup& lookup) {
  apop_.emplace(Apop{lookup, base::to_lower(digest), std::string(timestamp)});
  credentials_.login = std::string(name);
  credentials_.mechanism = "APOP";
  credentials_.remote = remote_;
  name_ = credentials_.login;
  state_ = State::remember;
}

void Login::respond(std::string_view line) {
  response_ = std::string(line);
  state_ = State::exchange;
}

Login::Step Login::step(Clock::time_point now) {
  for (;;) {
    const State before = state_;
    switch (state_) {
      case State::exchange: {
        const bool is_first = !std::exchange(started_, true);
        const auto step = is_first ? sasl_->start(response_) : sasl_->respond(*response_);
        if (response_) wipe(*response_);
        response_.reset();
        take_exchange(step, now);
        break;
      }
      case State::line:
        return Step::challenge;
      case State::remember:
        remember(now);
        break;
      case State::pause:
        if (now < *deadline_) return Step::wait;
        resume(now);
        break;
      case State::check:
        check(now);
        break;
      case State::host:
        if (auto answer = host_answer_->take()) take(*std::move(answer), now);
        break;
      case State::secret:
        if (auto found = host_secret_->take()) compare(*std::move(found), now);
        break;
      case State::lookup:
        if (auto found = host_keys_->take()) provide(*std::move(found), now);
        break;
      case State::held_back:
        if (deadline_ && !delay_.release(now)) return Step::wait;
        state_ = State::over;
        deadline_.reset();
        break;
      case State::over:
        return outcome_;
    }
    if (state_ == before) return Step::wait;
  }
}

void Login::take_exchange(SaslExchange::Step step, Clock::time_point now) {
  switch (step) {
    case SaslExchange::Step::challenge:
      state_ = State::line;
      return;
    case SaslExchange::Step::credentials:
      begin(sasl_->credentials());
      return;
    case SaslExchange::Step::lookup:
      credentials_ = sasl_->credentials();
      credentials_.remote = remote_;
      name_ = credentials_.login;
      return pause(now);
    case SaslExchange::Step::proven:
      is_proven_ = true;
      return look_up(now);
    case SaslExchange::Step::aborted:
      // Who was told that the token is wrong has had an attempt.
      if (is_token_refused_) return fail_with(Step::aborted, now);
      return end(Step::aborted);
    case SaslExchange::Step::bad_encoding:
      return end(Step::bad_encoding);
    case SaslExchange::Step::rejected:
      return refuse({Errc::auth_failed, std::string(sasl_->problem())}, now);
  }
}

// RFC 4616 §2: the store's accounts have no proxies.
bool Login::is_other_identity() const {
  return !credentials_.authorize_as.empty() && credentials_.authorize_as != credentials_.login;
}

void Login::remember(Clock::time_point now) {
  if (apop_) return pause(now);
  if (uses_store() && credentials_.token.empty()) {
    auto known = store::recall(rules_.store, credentials_.login, credentials_.password, now);
    if (known) return take(*std::move(known), now);
  }
  // Nobody guesses a token; and one that has expired is sent by every client now and then.
  if (!credentials_.token.empty()) return ask_host();
  pause(now);
}

void Login::pause(Clock::time_point now) {
  const auto wait = store::logins_of(rules_.store).failures.wait(remote_, credentials_.login, now);
  deadline_ = now + wait;
  state_ = State::pause;
}

void Login::resume(Clock::time_point now) {
  deadline_.reset();
  if (apop_) {
    host_secret_.emplace(ring_);
    state_ = State::secret;
    apop_->lookup(credentials_, host_secret_->reply());
    return;
  }
  if (sasl_ && credentials_.password.empty()) return look_up(now);
  if (!uses_store()) return ask_host();
  place_.emplace(store::logins_of(rules_.store).gate, store::login_address_key(remote_), ring_);
  state_ = State::check;
}

void Login::check(Clock::time_point now) {
  const auto pass = place_->ask(now);
  if (!pass) {
    if (place_->is_turned_away()) return refuse({Errc::unavailable, "too many logins at once"}, now);
    deadline_ = now + store::PasswordGate::kLookAgain;
    return;
  }
  deadline_.reset();
  auto answer = store::check(rules_.store, credentials_.login, credentials_.password, now);
  take(std::move(answer), now);
}

void Login::ask_host() {
  host_answer_.emplace(ring_);
  state_ = State::host;
  rules_.authenticator(credentials_, host_answer_->reply());
}

void Login::look_up(Clock::time_point now) {
  state_ = State::lookup;
  if (!rules_.scram_lookup) return provide(rules_.store.scram_login(credentials_.login), now);
  host_keys_.emplace(ring_);
  rules_.scram_lookup(credentials_, host_keys_->reply());
}

// A name that does not exist costs a digest as well.
void Login::compare(Result<ApopLogin> found, Clock::time_point now) {
  if (!found && !is_wrong(found.error().code)) return refuse(std::move(found).error(), now);
  std::string octets = apop_->timestamp;
  if (found) {
    auto prepared = base::saslprep(found->secret);
    octets += prepared ? *prepared : found->secret;
    if (prepared) wipe(*prepared);
    wipe(found->secret);
  } else {
    octets += base::random_hex(16);
  }
  const bool is_right = base::equals_in_constant_time(auth::md5_hex(octets), apop_->digest) && found;
  wipe(octets);
  if (!is_right) return refuse({Errc::auth_failed, "wrong name or digest"}, now);
  if (!found->is_enabled) return refuse({Errc::not_permitted, "the account is disabled"}, now);
  accept(found->account, now);
}

void Login::provide(Result<ScramLogin> found, Clock::time_point now) {
  if (is_proven_) return confirm(found, now);
  if (!found && !is_wrong(found.error().code)) return refuse(std::move(found).error(), now);
  if (found && !auth::are_scram_keys(found->keys)) return refuse({Errc::unavailable, "malformed SCRAM keys"}, now);
  // Made in any case: the work must not tell.
  const ScramKeys fake = store::fake_scram_keys(rules_.store, credentials_.login);
  if (found) scram_ = *std::move(found);
  sasl_->provide(scram_ ? scram_->keys : fake);
  state_ = State::line;
}

// The client took its time between its first message and the last. What counts is what the account is now; and who
// proved to know a password that is none any more may begin again.
void Login::confirm(const Result<ScramLogin>& found, Clock::time_point now) {
  if (!found) return refuse(found.error(), now);
  if (!scram_ || found->keys != scram_->keys || found->account.id() != scram_->account.id()) {
    return refuse({Errc::unavailable, "the password was changed during the login"}, now);
  }
  if (!found->is_enabled) return refuse({Errc::not_permitted, "the account is disabled"}, now);
  if (!rules_.scram_lookup && is_other_identity()) {
    return refuse({Errc::auth_failed, "wants to act for another account"}, now);
  }
  accept(found->account, now);
}

void Login::take(Result<Account> answer, Clock::time_point now) {
  if (!answer) {
    const Errc code = answer.error().code;
    if (sasl_ && !credentials_.token.empty() && !is_token_refused_ && (is_wrong(code) || code == Errc::not_permitted)) {
      is_token_refused_ = true;
      error_ = std::move(answer).error();
      sasl_->refuse_token(code == Errc::not_permitted ? "insufficient_scope" : "invalid_token");
      state_ = State::line;
      return;
    }
    return refuse(std::move(answer).error(), now);
  }
  if (uses_store() && is_other_identity()) return refuse({Errc::auth_failed, "wants to act for another account"}, now);
  accept(*std::move(answer), now);
}

void Login::accept(Account account, Clock::time_point now) {
  store::logins_of(rules_.store).failures.succeeded(remote_, name_, now);
  account_ = std::move(account);
  end(Step::accepted);
}

void Login::refuse(Error error, Clock::time_point now) {
  if (is_token_refused_) error = error_;
  const Errc code = error.code;
  error_ = std::move(error);
  if (code == Errc::not_permitted && rules_.hides_disabled) error_.code = Errc::auth_failed;
  if (is_wrong(code)) {
    error_.code = Errc::auth_failed;
    const bool is_guess = !is_token_refused_ && !name_.empty();
    if (is_guess) {
      store::logins_of(rules_.store).failures.failed(remote_, name_, credentials_.password, now);
    }
  }
  if (error_.code == Errc::auth_failed) return fail_with(Step::refused, now);
  end(Step::refused);
}

void Login::end(Step outcome) {
  forget_secrets();
  outcome_ = outcome;
  state_ = State::over;
}

// Answers late, and later each time.
void Login::fail_with(Step outcome, Clock::time_point now) {
  forget_secrets();
  delay_.failed(now);
  deadline_ = delay_.due();
  outcome_ = outcome;
  state_ = State::held_back;
}

}  // namespace postfach::protocol
