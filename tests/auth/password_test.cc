#include "auth/password.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

using namespace postfach;
using namespace postfach::auth;

namespace {

constexpr unsigned kCheap = 1;  // these tests check outcomes, not strength

struct Known {
  std::string_view password, hash;
};

// The first two as OpenSSL computes them too, then vectors that circulate widely with other implementations,
// then hashes that libxcrypt made itself.
constexpr Known kKnown[] = {
    {"Hello world!",
     "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
    {"Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
    {"rasmuslerdorf", "rl.3StKT.4T8M"},
    {"rasmuslerdorf", "_J9..rasmBYk8r9AiWNc"},
    {"rasmuslerdorf", "$1$rasmusle$rISCgZzpwk3UhDidwXvin0"},
    {"U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {"pleaseletmein", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"},
    {"password", "$3$$8846f7eaee8fb117ad06bdd830b7586c"},
    {"Grüße, Welt", "$y$j75$k2XAnEHBqQ1Ct2aMXFKNaR4OddqOgpaPj/LQmB5RpN5$6sTLzQmtE.K5AayDwVvleGl4JtBxHHhXxaH6IdciIi4"},
    {"Grüße, Welt", "$y$j9T$k2XAnEHBqQ1Ct2aMXFKNaR4OddqOgpaPj/LQmB5RpN5$jdZkF1QKXgRFtDdxc88k7qU5WsiqtYFlTk8I6BpbLi1"},
    {"Grüße, Welt", "$gy$j75$k2XAnEHBqQ1Ct2aMXFKNaR4OddqOgpaPj/LQmB5RpN5$l4BvhgGm5Awmx3f.cjCh.GXWz3kFAEaXwOJ14pPSMs8"},
    {"Grüße, Welt", "$2b$04$KBCwKxOzLha2MUDgW0PjXe7fcv6Nvgxy.03TlRyjiIyKekjWoFVYC"},
    {"Grüße, Welt", "$2y$04$KBCwKxOzLha2MUDgW0PjXe7fcv6Nvgxy.03TlRyjiIyKekjWoFVYC"},
    {"Hello world!", "$2x$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK"},
    {"Grüße, Welt", "$5$rounds=1000$k2XAnEHBqQ1Ct2aM$JlaSb1BPDc63vOq6HEAfMS3SjaS1oY.hRSbvLWnHuS6"},
    {"Grüße, Welt", "$sha1$92$qI1BtUnBX7KMaJ4NdVqNghaOjtKPm35QpFrQ$xafMuI8leLiN9a/2G5jJoVZkW/Ml"},
    {"Hello world!", "$md5,rounds=904$saltsalt$$nQseSPR968kFRkSXAqJ3f."},
};

}  // namespace

TEST_CASE("hashes of every format of libxcrypt are checked") {
  for (const Known& known : kKnown) {
    CAPTURE(known.hash);
    CHECK(is_password_hash(known.hash));
    CHECK(check_password(known.password, known.hash, kCheap));
    CHECK_FALSE(check_password("x" + std::string(known.password), known.hash, kCheap));
    CHECK_FALSE(check_password("", known.hash, kCheap));
  }
}

TEST_CASE("a hash that was changed or cut off matches nothing") {
  for (const Known& known : kKnown) {
    CAPTURE(known.hash);
    const std::string hash(known.hash);
    CHECK_FALSE(is_password_hash(hash.substr(0, hash.size() - 1)));
    CHECK_FALSE(is_password_hash(hash + "."));
    CHECK_FALSE(is_password_hash(hash + ":"));
    CHECK_FALSE(check_password(known.password, hash.substr(0, hash.size() - 1), kCheap));
    std::string changed = hash;
    changed[changed.size() - 5] = changed[changed.size() - 5] == 'a' ? 'b' : 'a';
    CHECK_FALSE(check_password(known.password, changed, kCheap));
    CHECK_FALSE(check_password(known.password, hash + std::string("\0", 1), kCheap));
  }
}

TEST_CASE("a new hash is yescrypt, salted, and of the cost that was asked for") {
  const std::string hash = hash_password("secret").value();
  CHECK(hash.starts_with("$y$j9T$"));
  CHECK(hash != hash_password("secret").value());
  CHECK(is_password_hash(hash));
  CHECK(check_password("secret", hash));
  CHECK_FALSE(check_password("Secret", hash));
  CHECK_FALSE(check_password("secret ", hash));
  CHECK_FALSE(needs_rehash(hash));

  const char* const prefixes[] = {"$y$j75$", "$y$j85$", "$y$j7T$", "$y$j8T$", "$y$j9T$", "$y$jAT$"};
  for (unsigned cost = 1; cost <= 6; ++cost) {
    const std::string costly = hash_password("secret", cost).value();
    CHECK(costly.starts_with(prefixes[cost - 1]));
    CHECK(check_password("secret", costly, kCheap));
    CHECK(needs_rehash(costly) == (cost < 5));
    CHECK_FALSE(needs_rehash(costly, cost));
    CHECK(needs_rehash(costly, cost + 1));
  }
  CHECK(hash_password("secret", 12).error().code == Errc::invalid_argument);
}

TEST_CASE("weaker formats are to be replaced") {
  for (const Known& known : kKnown) {
    CAPTURE(known.hash);
    CHECK(needs_rehash(known.hash) == !known.hash.starts_with("$y$j9T$"));
  }
  CHECK_FALSE(
      needs_rehash("$gy$j9T$k2XAnEHBqQ1Ct2aMXFKNaR4OddqOgpaPj/LQmB5RpN5$lenLYBM2przdmA9iVfw3brLFxEBm.0QV5BNYKBXD9I2"));
  for (const char* hash :
       {"", "$y$", "$y$j", "$y$j9", "$y$j9Tx$a$b", "$y$.9T$a$b", "$y$jzT$a$b", "$y$j9z$a$b", "$x$"}) {
    CAPTURE(hash);
    CHECK(needs_rehash(hash));
  }
}

TEST_CASE("what is no hash is never matched, not even by itself") {
  for (const std::string_view text :
       {std::string_view(""), std::string_view("secret"), std::string_view("*"), std::string_view("!"),
        std::string_view("*0"), std::string_view("*1"), std::string_view("x"), std::string_view("$y$j9T$"),
        std::string_view("$y$"), std::string_view("$"), std::string_view("$$"), std::string_view("$6$salt$"),
        std::string_view("$9$salt$hash"),
        std::string_view("$2b$99$KBCwKxOzLha2MUDgW0PjXe7fcv6Nvgxy.03TlRyjiIyKekjWoFVYC"),
        std::string_view("{SSHA}abcdefgh"), std::string_view("rl.3StKT.4T8"), std::string_view("a:bcdefghijkl")}) {
    CAPTURE(text);
    CHECK_FALSE(check_password(text, text, kCheap));
    CHECK_FALSE(check_password("", text, kCheap));
  }
  CHECK_FALSE(is_password_hash(""));
  CHECK_FALSE(is_password_hash("secret"));
  CHECK_FALSE(is_password_hash("$6$salt$"));
  CHECK_FALSE(is_password_hash("$9$salt$hash"));
  CHECK_FALSE(is_password_hash("$5$" + std::string(100000, 'a')));
  CHECK_FALSE(check_password("secret", "$5$" + std::string(100000, 'a'), kCheap));
}

TEST_CASE("passwords that crypt cannot read are refused and never match") {
  const std::string longest(511, 'p');
  const std::string hash = hash_password(longest, kCheap).value();
  CHECK(check_password(longest, hash, kCheap));
  CHECK_FALSE(check_password(longest + 'p', hash, kCheap));
  CHECK_FALSE(check_password(std::string(1000000, 'p'), hash, kCheap));
  CHECK(hash_password(longest + 'p', kCheap).error().code == Errc::invalid_argument);

  const std::string secret = hash_password("secret", kCheap).value();
  const std::string with_nul("secret\0", 7);
  CHECK_FALSE(check_password(with_nul, secret, kCheap));
  CHECK(hash_password(with_nul, kCheap).error().code == Errc::invalid_argument);

  // What stands in for such a password while time is spent must not open a door either.
  const std::string impossible = hash_password("impossible", kCheap).value();
  CHECK(check_password("impossible", impossible, kCheap));
  CHECK_FALSE(check_password(with_nul, impossible, kCheap));
}

TEST_CASE("an empty password is a password like any other") {
  const std::string hash = hash_password("", kCheap).value();
  CHECK(check_password("", hash, kCheap));
  CHECK_FALSE(check_password(" ", hash, kCheap));
  CHECK_FALSE(check_password("", ""));
}

TEST_CASE("many threads check at once without mixing up their passwords") {
  const std::string hashes[] = {hash_password("zero", kCheap).value(), hash_password("one", kCheap).value()};
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 10; ++round) {
        if (!check_password(i % 2 == 0 ? "zero" : "one", hashes[i % 2], kCheap)) ++wrong[i];
        if (check_password(i % 2 == 0 ? "one" : "zero", hashes[i % 2], kCheap)) ++wrong[i];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}
