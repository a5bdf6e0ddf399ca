#include "protocol/login.h"

#include <catch2/catch.hpp>
#include <functional>
#include <thread>
#include <vector>

#include "base/base64.h"
#include "protocol/scram_client.h"

namespace postfach::protocol {
namespace {

using namespace std::chrono_literals;
using Step = Login::Step;

struct World {
  explicit World(StoreOptions options = {})
      : store(Store::open_temporary(with_cheap_hashes(std::move(options))).value()) {}
  static StoreOptions with_cheap_hashes(StoreOptions options) {
    options.password_cost = 1;
    return options;
  }

  Store store;
  Account alice = store.create_account("alice", {.password = "secret"}).value();
  Authenticator authenticator;
  ScramLookup lookup;
  BearerTokens tokens;
  LoginDelay delay{100, 2s};
  Clock::time_point now = Clock::time_point() + 1h;
  int rings = 0;
  std::string logged_in;  // by SCRAM, the last one
  Errc refused_for{};     // the same

  LoginRules rules() { return {store, authenticator, lookup, tokens}; }
  std::unique_ptr<Login> login(std::string remote = "192.0.2.1") {
    return std::make_unique<Login>(rules(), delay, std::move(remote), [this] { ++rings; });
  }
  std::unique_ptr<Login> with_password(const std::string& name, const std::string& password,
                                       std::string remote = "192.0.2.1") {
    auto made = login(std::move(remote));
    Credentials credentials{.login = name, .password = password};
    made->begin(credentials);
    CHECK(credentials.password.empty());
    return made;
  }
  // The outcome, and how long it took.
  std::pair<Step, Clock::duration> finish(Login& made) {
    const Clock::time_point begin = now;
    Step step = made.step(now);
    while (step == Step::wait && made.deadline()) {
      now = std::max(now, *made.deadline());
      step = made.step(now);
    }
    return {step, now - begin};
  }
  void guess(const std::string& name, int times, const std::string& remote = "192.0.2.1") {
    static int number = 0;
    for (int i = 0; i < times; ++i) {
      delay = LoginDelay(100, 2s);
      CHECK(finish(*with_password(name, "guess" + std::to_string(++number), remote)).first == Step::refused);
    }
    delay = LoginDelay(100, 2s);
  }
};

// meanwhile: what happens between the first message and the last.
Step scram(World& world, test::ScramClient client, const MechanismSet& offered = {}, std::optional<TlsInfo> tls = {},
           const std::function<void()>& meanwhile = {}) {
  MechanismSet set = offered;
  const bool plus = client.header.starts_with("p=");
  set.add(plus ? Mechanism::scram_sha_256_plus : Mechanism::scram_sha_256);
  auto login = world.login();
  REQUIRE(login->begin(plus ? "SCRAM-SHA-256-PLUS" : "scram-sha-256", set, tls, base::base64_encode(client.first())));
  const auto finish = [&] {
    const Step step = world.finish(*login).first;
    if (step == Step::refused) world.refused_for = login->error().code;
    return step;
  };
  Step step = finish();
  if (step != Step::challenge) return step;
  login->respond(base::base64_encode(client.final(base::base64_decode(login->challenge()).value())));
  step = finish();
  if (step != Step::challenge) return step;
  if (meanwhile) meanwhile();
  CHECK(base::base64_decode(login->challenge()) == client.expected);
  login->respond("");
  step = finish();
  if (step == Step::accepted) world.logged_in = login->account().name();
  return step;
}

TEST_CASE("the store's passwords decide, at once") {
  World world;
  auto right = world.with_password("alice", "secret");
  CHECK(world.finish(*right) == std::pair(Step::accepted, Clock::duration(0)));
  CHECK(right->account().name() == "alice");
  CHECK(right->name() == "alice");
  auto wrong = world.with_password("alice", "guess");
  CHECK(world.finish(*wrong) == std::pair(Step::refused, Clock::duration(2s)));
  CHECK(wrong->error().code == Errc::auth_failed);
  CHECK(world.rings == 0);
}

TEST_CASE("an account of the store acts for itself only") {
  World world;
  for (const char* other : {"", "alice", "bob"}) {
    auto login = world.login();
    Credentials credentials{.login = "alice", .password = "secret", .authorize_as = other};
    login->begin(credentials);
    CHECK((world.finish(*login).first == Step::accepted) == (std::string(other) != "bob"));
  }
  CHECK(scram(world, {.user = "alice", .password = "secret", .header = "n,a=alice,"}) == Step::accepted);
  CHECK(scram(world, {.user = "alice", .password = "secret", .header = "n,a=bob,"}) == Step::refused);
}

TEST_CASE("a host answers later, from another thread, and only its first answer counts") {
  World world;
  AuthReply reply;
  world.authenticator = [&](const Credentials& credentials, AuthReply given) {
    CHECK(credentials.remote == "192.0.2.1");
    reply = std::move(given);
  };
  auto login = world.with_password("x", "y");
  CHECK(login->step(world.now) == Step::wait);
  CHECK_FALSE(login->deadline());
  std::thread([&] { reply(world.alice); }).join();
  reply(Error{Errc::auth_failed, "too late"});
  CHECK(world.rings == 1);
  CHECK(login->step(world.now) == Step::accepted);

  auto forgotten = world.with_password("x", "y");
  CHECK(forgotten->step(world.now) == Step::wait);
  reply = {};
  CHECK(world.rings == 2);
  CHECK(forgotten->step(world.now) == Step::refused);
  CHECK(forgotten->error().code == Errc::unavailable);

  auto gone = world.with_password("x", "y");
  CHECK(gone->step(world.now) == Step::wait);
  gone.reset();
  reply(world.alice);
}

TEST_CASE("SCRAM against the store's keys") {
  World world;
  CHECK(scram(world, {.user = "alice", .password = "secret"}) == Step::accepted);
  CHECK(world.logged_in == "alice");
  CHECK(scram(world, {.user = "ALICE", .password = "secret"}) == Step::accepted);
  CHECK(scram(world, {.user = "alice", .password = "guess"}) == Step::refused);
  CHECK(scram(world, {.user = "nobody", .password = "secret"}) == Step::refused);
  world.store.set_password("alice", "gr\u00FC\u00DFe").value();
  CHECK(scram(world, {.user = "alice", .password = "secret"}) == Step::refused);
  CHECK(scram(world, {.user = "alice", .password = "gr\u00FC\u00DFe"}) == Step::accepted);
  world.store.set_enabled("alice", false).value();
  CHECK(scram(world, {.user = "alice", .password = "gr\u00FC\u00DFe"}) == Step::refused);
}

TEST_CASE("SCRAM: a name that does not exist looks like any other") {
  World world;
  const auto first = [&](const std::string& name) {
    MechanismSet set;
    set.add(Mechanism::scram_sha_256);
    auto login = world.login();
    REQUIRE(login->begin("SCRAM-SHA-256", set, {}, base::base64_encode("n,,n=" + name + ",r=abc")));
    REQUIRE(world.finish(*login) == std::pair(Step::challenge, Clock::duration(0)));
    return base::base64_decode(login->challenge()).value();
  };
  const auto attribute = [](const std::string& message, char name) {
    return std::string(test::ScramClient::attribute(message, name));
  };
  CHECK(attribute(first("nobody"), 's') == attribute(first("NOBODY"), 's'));
  CHECK(attribute(first("nobody"), 's') != attribute(first("somebody"), 's'));
  CHECK(attribute(first("nobody"), 's').size() == attribute(first("alice"), 's').size());
  CHECK(attribute(first("nobody"), 'i') == attribute(first("alice"), 'i'));
  CHECK(attribute(first("alice"), 's') == attribute(first("alice"), 's'));
  CHECK(attribute(first("alice"), 'r') != attribute(first("alice"), 'r'));
}

TEST_CASE("SCRAM-PLUS binds to the connection, and a downgrade is seen") {
  World world;
  const std::string exporter(32, 'E');
  const TlsInfo tls{"TLSv1.3", "", "", exporter};
  MechanismSet both;
  both.add(Mechanism::scram_sha_256);
  both.add(Mechanism::scram_sha_256_plus);
  const test::ScramClient plus{
      .user = "alice", .password = "secret", .header = "p=tls-exporter,,", .binding = exporter};
  CHECK(scram(world, plus, both, tls) == Step::accepted);
  test::ScramClient elsewhere = plus;
  elsewhere.binding = std::string(32, 'M');
  CHECK(scram(world, elsewhere, both, tls) == Step::refused);
  const test::ScramClient fooled{.user = "alice", .password = "secret", .header = "y,,"};
  CHECK(scram(world, fooled, both, tls) == Step::refused);
  CHECK(scram(world, fooled, {}, tls) == Step::accepted);
}

TEST_CASE("SCRAM keys of the host") {
  World world;
  std::vector<std::string> asked;
  const ScramKeys keys = make_scram_keys("host's", 4096).value();
  world.authenticator = [](const Credentials&, const AuthReply& reply) { reply(Error{Errc::auth_failed, "no"}); };
  world.lookup = [&](const Credentials& credentials, const ScramReply& reply) {
    asked.push_back(credentials.login + "/" + credentials.password + "/" + credentials.mechanism);
    if (credentials.login == "bob") return reply(ScramLogin{keys, world.alice});
    if (credentials.login == "off") return reply(ScramLogin{keys, world.alice, false});
    if (credentials.login == "odd") return reply(ScramLogin{{}, world.alice});
    if (credentials.login == "down") return reply(Error{Errc::unavailable, "away"});
    if (credentials.login == "lost") return;
    reply(Error{Errc::not_found, "nobody"});
  };
  CHECK(scram(world, {.user = "bob", .password = "host's"}) == Step::accepted);
  CHECK(world.logged_in == "alice");
  // Before the client has proved anything, and once more when it has.
  CHECK(asked == std::vector<std::string>(2, "bob//SCRAM-SHA-256"));
  CHECK(scram(world, {.user = "bob", .password = "secret"}) == Step::refused);
  CHECK(scram(world, {.user = "nobody", .password = "host's"}) == Step::refused);
  CHECK(scram(world, {.user = "off", .password = "host's"}) == Step::refused);
  for (const char* name : {"odd", "down", "lost"})
    CHECK(scram(world, {.user = name, .password = "host's"}) == Step::refused);
  CHECK(possible_mechanisms(world.rules(), {}).contains(Mechanism::scram_sha_256));
}

TEST_CASE("an account that changes during a login by SCRAM") {
  World world;
  const test::ScramClient client{.user = "alice", .password = "secret"};
  const auto during = [&](const std::function<void()>& meanwhile) { return scram(world, client, {}, {}, meanwhile); };
  CHECK(during([] {}) == Step::accepted);
  CHECK(during([&] { world.store.set_enabled("alice", false).value(); }) == Step::refused);
  CHECK(world.refused_for == Errc::auth_failed);  // as if the password were wrong
  // What it was when the login began does not count either.
  CHECK(during([&] { world.store.set_enabled("alice", true).value(); }) == Step::accepted);
  CHECK(during([&] { world.store.set_password("alice", "other").value(); }) == Step::refused);
  CHECK(world.refused_for == Errc::unavailable);  // so that it tries again
  CHECK(during([] {}) == Step::refused);
  CHECK(world.refused_for == Errc::auth_failed);
  world.store.set_password("alice", "secret").value();
  CHECK(during([&] {
          world.store.remove_account("alice").value();
          world.store.create_account("alice", {.password = "secret"}).value();
        }) == Step::refused);
  CHECK(during([&] { world.store.remove_account("alice").value(); }) == Step::refused);
  CHECK(world.refused_for == Errc::auth_failed);
}

TEST_CASE("an account of the host that changes during a login by SCRAM") {
  World world;
  const ScramKeys keys = make_scram_keys("host's", 4096).value();
  ScramLogin now{keys, world.alice};
  bool answers = true;
  world.authenticator = [](const Credentials&, const AuthReply& reply) { reply(Error{Errc::auth_failed, "no"}); };
  world.lookup = [&](const Credentials&, const ScramReply& reply) {
    if (answers) return reply(now);
    reply(Error{Errc::unavailable, "away"});
  };
  const test::ScramClient client{.user = "bob", .password = "host's"};
  const auto during = [&](const std::function<void()>& meanwhile) { return scram(world, client, {}, {}, meanwhile); };
  CHECK(during([&] { now.is_enabled = false; }) == Step::refused);
  CHECK(during([&] { now.is_enabled = true; }) == Step::accepted);
  CHECK(during([&] { now.keys = make_scram_keys("host's", 4096).value(); }) == Step::refused);
  CHECK(world.refused_for == Errc::unavailable);
  CHECK(during([&] { answers = false; }) == Step::refused);
  CHECK(world.refused_for == Errc::unavailable);
}

TEST_CASE("the name that LOGIN began with may be disabled before the password comes") {
  World world;
  MechanismSet set;
  set.add(Mechanism::login);
  auto login = world.login();
  REQUIRE(login->begin("LOGIN", set, {}, base::base64_encode("alice")));
  REQUIRE(world.finish(*login).first == Step::challenge);
  world.store.set_enabled("alice", false).value();
  login->respond(base::base64_encode("secret"));
  CHECK(world.finish(*login).first == Step::refused);
}

TEST_CASE("which mechanisms can work") {
  World world;
  const TlsInfo bound{"TLSv1.3", "", "", std::string(32, 'E')};
  const TlsInfo loose{"TLSv1.2", "", "", ""};
  const auto names = [&](const std::optional<TlsInfo>& tls, ScramOffer offer = ScramOffer::when_all_have_keys) {
    LoginRules rules{world.store, world.authenticator, world.lookup, world.tokens, offer};
    std::string list;
    for (const Mechanism mechanism : kMechanisms) {
      if (possible_mechanisms(rules, tls).contains(mechanism)) list += ' ' + std::string(name_of(mechanism));
    }
    return list;
  };
  CHECK(names(bound) == " PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS");
  CHECK(names(loose) == " PLAIN LOGIN SCRAM-SHA-256");
  CHECK(names({}) == " PLAIN LOGIN SCRAM-SHA-256");
  CHECK(names(bound, ScramOffer::never) == " PLAIN LOGIN");

  // A hash from elsewhere has no keys until its password was seen; an account without a password needs none.
  world.store.create_account("nopass").value();
  CHECK(names(loose) == " PLAIN LOGIN SCRAM-SHA-256");
  world.store.create_account("bob", {.password_hash = "$1$abcdefgh$cHJi5PXp/ki/ktXzqlk6I1"}).value();
  CHECK(names(loose) == " PLAIN LOGIN");
  CHECK(names(loose, ScramOffer::always) == " PLAIN LOGIN SCRAM-SHA-256");
  world.store.authenticate("bob", "secret").value();
  CHECK(names(loose) == " PLAIN LOGIN SCRAM-SHA-256");
  CHECK(world.store.scram_login("bob").value().account.name() == "bob");

  world.authenticator = [](const Credentials&, const AuthReply&) {};
  CHECK(names(bound, ScramOffer::always) == " PLAIN LOGIN");
  world.tokens.accepted = true;
  CHECK(names(bound) == " PLAIN LOGIN XOAUTH2 OAUTHBEARER");

  World without({.login = {.scram_iterations = 0}});
  CHECK_FALSE(possible_mechanisms(without.rules(), bound).contains(Mechanism::scram_sha_256));
  CHECK(without.store.scram_login("alice").error().code == Errc::not_found);
}

TEST_CASE("tokens go to the host, and a wrong one is explained") {
  World world;
  world.tokens = {.accepted = true, .scope = "mail", .host = "mail.example.org"};
  int asked = 0;
  world.authenticator = [&](const Credentials& credentials, const AuthReply& reply) {
    ++asked;
    if (credentials.token == "good") return reply(world.alice);
    reply(Error{credentials.token == "away" ? Errc::unavailable : Errc::auth_failed, "no"});
  };
  MechanismSet set;
  set.add(Mechanism::oauthbearer);
  set.add(Mechanism::xoauth2);
  const auto begin = [&](const std::string& mechanism, const std::string& message) {
    auto login = world.login();
    REQUIRE(login->begin(mechanism, set, {}, base::base64_encode(message)));
    return login;
  };
  auto good = begin("OAUTHBEARER", "n,a=alice,\1host=MAIL.example.org\1port=993\1auth=Bearer good\1\1");
  CHECK(world.finish(*good) == std::pair(Step::accepted, Clock::duration(0)));

  auto bad = begin("OAUTHBEARER", "n,a=alice,\1auth=Bearer bad\1\1");
  REQUIRE(world.finish(*bad) == std::pair(Step::challenge, Clock::duration(0)));
  CHECK(base::base64_decode(bad->challenge()) == R"({"status":"invalid_token","scope":"mail"})");
  bad->respond("AQ==");
  CHECK(world.finish(*bad).first == Step::refused);
  CHECK(bad->error().code == Errc::auth_failed);

  asked = 0;
  auto elsewhere = begin("OAUTHBEARER", "n,,\1host=other.example.org\1auth=Bearer good\1\1");
  REQUIRE(world.finish(*elsewhere).first == Step::challenge);
  CHECK(base::base64_decode(elsewhere->challenge()) == R"({"status":"invalid_request","scope":"mail"})");
  elsewhere->respond("AQ==");
  CHECK(world.finish(*elsewhere).first == Step::refused);
  auto question = begin("OAUTHBEARER", "n,a=alice,\1auth=\1\1");
  REQUIRE(world.finish(*question).first == Step::challenge);
  question->respond("AQ==");
  CHECK(world.finish(*question).first == Step::refused);
  CHECK(asked == 0);

  auto google = begin("XOAUTH2", "user=alice\1auth=Bearer bad\1\1");
  REQUIRE(world.finish(*google).first == Step::challenge);
  CHECK(base::base64_decode(google->challenge()) == R"({"status":"400","schemes":"Bearer","scope":"mail"})");
  google->respond("");
  CHECK(world.finish(*google).first == Step::refused);

  // Giving up instead of the dummy response is as good, and as late.
  auto aborted = begin("XOAUTH2", "user=alice\1auth=Bearer bad\1\1");
  REQUIRE(world.finish(*aborted).first == Step::challenge);
  aborted->respond("*");
  const auto [step, took] = world.finish(*aborted);
  CHECK(step == Step::aborted);
  CHECK(took > 0s);

  auto away = begin("XOAUTH2", "user=alice\1auth=Bearer away\1\1");
  CHECK(world.finish(*away).first == Step::refused);
  CHECK(away->error().code == Errc::unavailable);

  // Expired tokens are no guesses: nobody waits for them.
  for (int i = 0; i < 20; ++i) {
    auto expired = begin("XOAUTH2", "user=alice\1auth=Bearer t" + std::to_string(i) + "\1\1");
    REQUIRE(world.finish(*expired) == std::pair(Step::challenge, Clock::duration(0)));
  }
}

TEST_CASE("who guesses is made to wait, before anything is looked at") {
  World world;
  world.guess("alice", 5);
  CHECK(world.finish(*world.with_password("alice", "wrong")).second == 2s);  // not yet
  world.delay = LoginDelay(100, 2s);
  auto next = world.with_password("bob", "wrong");
  CHECK(next->step(world.now) == Step::wait);
  CHECK(world.finish(*next).second == 1s + 2s);
  world.guess("bob", 20);
  world.delay = LoginDelay(100, 2s);
  CHECK(world.finish(*world.with_password("carol", "wrong")).second == 15s + 2s);  // and not for ever
  CHECK(world.finish(*world.with_password("alice", "secret", "198.51.100.7")).second <= 15s);
}

TEST_CASE("the right password of a user who was here before never waits") {
  World world;
  world.store.create_account("bob", {.password = "secret"}).value();
  CHECK(world.finish(*world.with_password("bob", "secret")).second == 0s);
  world.guess("alice", 30);
  world.guess("bob", 30, "198.51.100.9");
  // Not even when the password is not remembered.
  world.store.set_password("bob", "other").value();
  CHECK(world.finish(*world.with_password("bob", "other")) == std::pair(Step::accepted, Clock::duration(0)));
  // Somebody new at that address gets in, too: later.
  CHECK(world.finish(*world.with_password("alice", "secret")) == std::pair(Step::accepted, Clock::duration(15s)));
}

TEST_CASE("a login leaves its place in the queue when it goes, and waits its turn without holding it") {
  World world({.login = {.password_checks = 1}});
  auto& gate = store::logins_of(world.store).gate;
  store::PasswordGate::Place place(gate, "x", {});
  auto running = place.ask(world.now);
  REQUIRE(running);
  auto first = world.with_password("alice", "secret");
  auto second = world.with_password("alice", "secret");
  CHECK(first->step(world.now) == Step::wait);
  CHECK(second->step(world.now) == Step::wait);
  CHECK(first->deadline() == world.now + store::PasswordGate::kLookAgain);
  running.reset();
  CHECK(world.rings == 1);
  first.reset();
  CHECK(world.rings == 2);
  CHECK(second->step(world.now) == Step::accepted);
}

}  // namespace
}  // namespace postfach::protocol
