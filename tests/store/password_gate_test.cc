#include "store/password_gate.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using Gate = postfach::store::PasswordGate;

namespace {

const Gate::Clock::time_point kNow = Gate::Clock::time_point() + 1000h;

struct Waiting {
  Waiting(Gate& gate, std::string address) : place(gate, std::move(address), [this] { ++rings; }) {}
  int rings = 0;
  Gate::Place place;
};

}  // namespace

TEST_CASE("as many as allowed go at once; the next is called when one leaves") {
  Gate gate(2);
  Waiting a(gate, "a"), b(gate, "b"), c(gate, "c"), d(gate, "d");
  auto first = a.place.ask(kNow);
  auto second = b.place.ask(kNow);
  CHECK(first);
  CHECK(second);
  CHECK_FALSE(c.place.ask(kNow));
  CHECK_FALSE(d.place.ask(kNow));
  CHECK(c.rings + d.rings == 0);
  first.reset();
  CHECK(c.rings == 1);
  CHECK(d.rings == 0);
  CHECK_FALSE(d.place.ask(kNow));  // it is not its turn
  CHECK(c.place.ask(kNow));        // comes, and is gone at once
  CHECK(d.rings == 1);
  CHECK(d.place.ask(kNow));
  CHECK(a.rings + b.rings == 0);
}

TEST_CASE("an address with many waiting has its turn last") {
  Gate gate(1);
  Waiting running(gate, "x");
  auto pass = running.place.ask(kNow);
  std::vector<std::unique_ptr<Waiting>> flood;
  for (int i = 0; i < 50; ++i) {
    flood.push_back(std::make_unique<Waiting>(gate, "flood"));
    CHECK_FALSE(flood.back()->place.ask(kNow));
  }
  Waiting good(gate, "good");
  CHECK_FALSE(good.place.ask(kNow));
  pass.reset();
  CHECK(flood[0]->place.ask(kNow));  // was there first
  CHECK(good.rings == 1);            // and then the one who came last of all
  CHECK(good.place.ask(kNow));
  for (std::size_t i = 1; i < flood.size(); ++i) {
    CHECK(flood[i]->rings == 1);
    CHECK(flood[i]->place.ask(kNow));
  }
}

TEST_CASE("one who is called and does not come holds nobody up, and keeps its turn") {
  Gate gate(1);
  Waiting running(gate, "x"), lazy(gate, "lazy"), next(gate, "next"), last(gate, "last");
  auto pass = running.place.ask(kNow);
  for (Waiting* each : {&lazy, &next, &last}) CHECK_FALSE(each->place.ask(kNow));
  pass.reset();
  CHECK(lazy.rings == 1);
  CHECK_FALSE(next.place.ask(kNow + 100ms));
  CHECK(next.place.ask(kNow + Gate::kPatience + 1ms));
  CHECK(last.rings == 1);
  CHECK(lazy.place.ask(kNow + 10s));  // before the last
  CHECK(last.place.ask(kNow + 10s));
}

TEST_CASE("one who goes away while it is called makes room") {
  Gate gate(1);
  Waiting running(gate, "x"), next(gate, "next");
  auto pass = running.place.ask(kNow);
  auto gone = std::make_unique<Waiting>(gate, "gone");
  CHECK_FALSE(gone->place.ask(kNow));
  CHECK_FALSE(next.place.ask(kNow));
  pass.reset();
  CHECK(next.rings == 0);
  gone.reset();
  CHECK(next.rings == 1);
  CHECK(next.place.ask(kNow));
}

TEST_CASE("a queue that is full turns away who would be last") {
  Gate gate(1, 3);
  Waiting running(gate, "x");
  const auto pass = running.place.ask(kNow);
  Waiting f1(gate, "flood"), f2(gate, "flood"), f3(gate, "flood"), f4(gate, "flood");
  for (Waiting* each : {&f1, &f2, &f3}) CHECK_FALSE(each->place.ask(kNow));
  CHECK_FALSE(f4.place.ask(kNow));
  CHECK(f4.place.is_turned_away());
  Waiting good(gate, "good");
  CHECK_FALSE(good.place.ask(kNow));
  CHECK_FALSE(good.place.is_turned_away());
  CHECK(f3.place.is_turned_away());
  CHECK(f3.rings == 1);
  CHECK_FALSE(f3.place.ask(kNow));
  CHECK_FALSE(f1.place.is_turned_away());
}

TEST_CASE("many threads pass the gate, never too many at once") {
  Gate gate(3);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        Gate::Place place(gate, std::to_string(t % 3), {});
        for (;;) {
          auto pass = place.ask(Gate::Clock::now());
          if (pass) {
            const int now = ++inside;
            int seen = most;
            while (seen < now && !most.compare_exchange_weak(seen, now)) {
            }
            --inside;
            ++done;
            break;
          }
          std::this_thread::yield();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(done == 8 * 200);
  CHECK(most <= 3);
}
