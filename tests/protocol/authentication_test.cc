#include "protocol/authentication.h"

#include <catch2/catch.hpp>
#include <thread>

namespace postfach::protocol {
namespace {

struct World {
  Store store = Store::open_temporary({.password_cost = 1}).value();
  Account alice = store.create_account("alice", {.password = "secret"}).value();
  int rings = 0;
  AuthReply reply;  // that the authenticator was given
  Authenticator later = [this](const Credentials&, AuthReply given) { reply = std::move(given); };
  Ring ring = [this] { ++rings; };
};

TEST_CASE("without an authenticator the store's passwords decide at once, and nobody is rung") {
  World world;
  Authentication right(world.store, {}, {.login = "alice", .password = "secret"}, world.ring);
  REQUIRE(right.take().value().value().name() == "alice");
  CHECK_FALSE(right.take());
  Authentication wrong(world.store, {}, {.login = "alice", .password = "guess"}, world.ring);
  CHECK(wrong.take().value().error().code == Errc::auth_failed);
  CHECK(world.rings == 0);
}

TEST_CASE("an account of the store acts for itself only") {
  World world;
  Authentication itself(world.store, {}, {.login = "alice", .password = "secret", .authorize_as = "alice"}, {});
  CHECK(itself.take().value().has_value());
  Authentication other(world.store, {}, {.login = "alice", .password = "secret", .authorize_as = "bob"}, {});
  CHECK(other.take().value().error().code == Errc::auth_failed);
}

TEST_CASE("an authenticator answers later, from another thread, and only its first answer counts") {
  World world;
  Authentication pending(world.store, world.later, {.login = "x"}, world.ring);
  CHECK_FALSE(pending.take());
  std::thread([&] { world.reply(world.alice); }).join();
  world.reply(Error{Errc::auth_failed, "too late"});
  CHECK(world.rings == 1);
  CHECK(pending.take().value().value().name() == "alice");
  CHECK_FALSE(pending.take());
}

TEST_CASE("an authenticator that forgets its reply has answered unavailable") {
  World world;
  Authentication pending(world.store, world.later, {.login = "x"}, world.ring);
  world.reply = {};
  CHECK(world.rings == 1);
  CHECK(pending.take().value().error().code == Errc::unavailable);
}

TEST_CASE("an answer after the session has gone is thrown away") {
  World world;
  { Authentication pending(world.store, world.later, {.login = "x"}, world.ring); }
  world.reply(world.alice);
  CHECK(world.rings == 1);
}

}  // namespace
}  // namespace postfach::protocol
