#include "store/thread_tree.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/hash.h"
#include "cpu_time.h"
#include "thread_model.h"

namespace postfach {
namespace {

using store::LinkForest;
using store::ThreadTree;
using test::ModelMessage;

std::string threads(const std::vector<ModelMessage>& messages, ThreadAlgorithm algorithm) {
  ThreadTree tree(algorithm, 0x9E3779B97F4A7C15U);
  for (const ModelMessage& message : messages) {
    std::vector<std::uint64_t> references;
    for (const std::string& reference : message.references) references.push_back(base::stable_hash(reference));
    tree.add({.uid = message.uid,
              .sent = message.sent,
              .subject = message.subject.empty() ? 0 : base::stable_hash(message.subject),
              .is_reply_or_forward = message.is_reply_or_forward,
              .id = message.id.empty() ? 0 : base::stable_hash(message.id),
              .references = references});
  }
  return test::print_threads(tree.finish());
}

std::string by_references(const std::vector<ModelMessage>& messages) {
  const std::string result = threads(messages, ThreadAlgorithm::references);
  CHECK(result == test::model_threads(messages, ThreadAlgorithm::references));
  return result;
}

using List = std::vector<ModelMessage>;

TEST_CASE("by references: replies, and a parent that is not there") {
  CHECK(by_references({}).empty());
  CHECK(by_references({{1, 10, "", false, "a", {}}}) == "(1)");
  CHECK(by_references(List{{1, 10, "", false, "a", {}},
                           {2, 20, "", false, "b", {"a"}},
                           {3, 30, "", false, "c", {"a", "b"}},
                           {4, 40, "", false, "d", {"a"}},
                           {5, 50, "", false, "", {}}}) == "(1 (2 3)(4))(5)");
  // RFC 5256 BASE.7.2.THREAD: siblings of a parent that does not match.
  CHECK(by_references(List{{3, 10, "", false, "a", {"x"}}, {5, 20, "", false, "b", {"x"}}}) == "((3)(5))");
  // A single child takes the place of the parent.
  CHECK(by_references(List{{3, 10, "", false, "a", {"x", "y"}}, {5, 20, "", false, "b", {"a"}}}) == "(3 5)");
  // Between two messages a missing one counts for nothing.
  CHECK(by_references(List{
            {1, 10, "", false, "a", {}}, {2, 20, "", false, "c", {"a", "b"}}, {3, 30, "", false, "d", {"a", "b"}}}) ==
        "(1 (2)(3))");
}

TEST_CASE("by references: the order of arrival does not matter, that of dates does") {
  CHECK(by_references(
            List{{1, 30, "", false, "c", {"a", "b"}}, {2, 10, "", false, "a", {}}, {3, 20, "", false, "b", {"a"}}}) ==
        "(2 3 1)");
  CHECK(by_references(List{{1, 30, "", false, "c", {"a"}},
                           {2, 10, "", false, "a", {}},
                           {3, 20, "", false, "b", {"a"}},
                           {4, 20, "", false, "e", {"a"}}}) == "(2 (3)(4)(1))");
  // A dummy comes where its first child would.
  CHECK(by_references(List{{1, 50, "", false, "", {"x"}},
                           {2, 10, "", false, "", {"x"}},
                           {3, 20, "", false, "", {}},
                           {4, 5, "", false, "", {}}}) == "(4)((2)(1))(3)");
}

TEST_CASE("by references: loops, duplicates and truncated lists") {
  // Each refers to the other, or to itself.
  CHECK(by_references(List{{1, 10, "", false, "a", {"b"}}, {2, 20, "", false, "b", {"a"}}}) == "(2 1)");
  CHECK(by_references(List{{1, 10, "", false, "a", {"a"}}}) == "(1)");
  CHECK(by_references(List{{1, 10, "", false, "a", {"b", "a", "b"}}, {2, 20, "", false, "b", {"a"}}}) == "(2 1)");
  // Only the first of two with one identifier has it.
  CHECK(by_references(List{{1, 10, "", false, "a", {}}, {2, 20, "", false, "a", {}}, {3, 30, "", false, "b", {"a"}}}) ==
        "(1 3)(2)");
  // "c" was put below "a" by a list with a gap, and knows better.
  CHECK(by_references(List{{1, 10, "", false, "a", {}},
                           {2, 40, "", false, "d", {"a", "c"}},
                           {3, 20, "", false, "b", {"a"}},
                           {4, 30, "", false, "c", {"a", "b"}}}) == "(1 3 4 2)");
  // It says that it has no parent.
  CHECK(by_references(
            List{{1, 40, "", false, "d", {"a", "c"}}, {2, 10, "", false, "a", {}}, {3, 30, "", false, "c", {}}}) ==
        "(2)(3 1)");
}

TEST_CASE("by references: threads with one subject are put together") {
  CHECK(by_references(List{{1, 10, "S", false, "a", {}}, {2, 20, "S", true, "b", {}}, {3, 30, "S", true, "c", {}}}) ==
        "(1 (2)(3))");
  CHECK(by_references(List{{1, 10, "S", false, "a", {}}, {2, 20, "S", false, "b", {}}, {3, 30, "S", true, "c", {}}}) ==
        "((1)(2)(3))");
  CHECK(by_references(List{{1, 10, "S", true, "a", {}}, {2, 20, "S", false, "b", {}}}) == "(2 1)");
  CHECK(by_references(List{{1, 10, "S", true, "a", {}}, {2, 20, "S", true, "b", {}}}) == "((1)(2))");
  CHECK(by_references(List{{1, 10, "S", true, "a", {}},
                           {2, 20, "S", true, "b", {"x"}},
                           {3, 30, "T", true, "c", {"x"}},
                           {4, 40, "S", true, "d", {"y"}},
                           {5, 50, "T", true, "e", {"y"}}}) == "((1)(2)(3)(4)(5))");
  CHECK(by_references(List{{1, 10, "", false, "a", {}}, {2, 20, "", false, "b", {}}}) == "(1)(2)");
}

TEST_CASE("by subject") {
  const List messages = {{1, 30, "S", false, "", {}}, {2, 10, "T", false, "", {}}, {3, 20, "S", true, "", {}},
                         {4, 40, "T", true, "", {}},  {5, 50, "T", true, "", {}},  {6, 5, "U", false, "", {}},
                         {7, 60, "", false, "", {}},  {8, 70, "", false, "", {}}};
  CHECK(threads(messages, ThreadAlgorithm::ordered_subject) == "(6)(2 (4)(5))(3 1)(7 8)");
  CHECK(test::model_threads(messages, ThreadAlgorithm::ordered_subject) == "(6)(2 (4)(5))(3 1)(7 8)");
}

TEST_CASE("random mailboxes thread as the RFC's steps say") {
  std::minstd_rand random(11);
  for (int round = 0; round < 6000; ++round) {
    const std::size_t size = 1 + random() % 14;
    const std::size_t ids = 1 + random() % (size + 4);
    const std::size_t subjects = 1 + random() % 6;
    List messages;
    Uid uid = 0;
    for (std::size_t i = 0; i < size; ++i) {
      ModelMessage message;
      message.uid = uid += static_cast<Uid>(1 + random() % 3);
      message.sent = static_cast<std::int64_t>(random() % 8);
      if (const auto subject = random() % (subjects + 1); subject > 0) message.subject = std::to_string(subject);
      message.is_reply_or_forward = random() % 2 == 0;
      if (random() % 8 != 0) message.id = std::to_string(random() % ids);
      for (auto n = random() % 5; n > 0; --n) message.references.push_back(std::to_string(random() % ids));
      messages.push_back(std::move(message));
    }
    for (const ThreadAlgorithm algorithm : {ThreadAlgorithm::references, ThreadAlgorithm::ordered_subject}) {
      REQUIRE(threads(messages, algorithm) == test::model_threads(messages, algorithm));
    }
  }
}

TEST_CASE("links and cuts agree with a walk to the root") {
  std::minstd_rand random(2);
  LinkForest forest;
  constexpr std::uint32_t kNodes = 60;
  for (std::uint32_t i = 0; i < kNodes; ++i) CHECK(forest.add() == i);
  std::vector<std::uint32_t> parent(kNodes, LinkForest::kNone);
  for (int round = 0; round < 100'000; ++round) {
    const auto child = static_cast<std::uint32_t>(random() % kNodes);
    const auto above = static_cast<std::uint32_t>(random() % kNodes);
    if (random() % 3 == 0) {
      forest.cut(child);
      parent[child] = LinkForest::kNone;
    } else if (parent[child] == LinkForest::kNone) {
      bool is_loop = false;
      for (std::uint32_t at = above; at != LinkForest::kNone; at = parent[at]) is_loop = is_loop || at == child;
      REQUIRE(forest.link(child, above) == !is_loop);
      if (!is_loop) parent[child] = above;
    }
    REQUIRE(forest.parent(child) == parent[child]);
  }
}

// Mail that is made to be slow: each of these would take hours in quadratic time.
TEST_CASE("hostile threads take little time") {
  constexpr std::uint32_t kCount = 100'000;
  const double started = test::cpu_seconds();
  const auto run = [&](auto&& references_of) {
    ThreadTree tree(ThreadAlgorithm::references, 0x9E3779B97F4A7C15U);
    std::vector<std::uint64_t> references;
    for (std::uint32_t i = 0; i < kCount; ++i) {
      references.clear();
      references_of(i, references);
      tree.add({.uid = i + 1,
                .sent = i,
                .subject = 1 + i % 7,
                .is_reply_or_forward = true,
                .id = i + 1,
                .references = references});
    }
    const std::vector<ThreadNode> nodes = tree.finish();
    std::size_t messages = 0;
    for (const ThreadNode& node : nodes) messages += node.uid != 0 ? 1 : 0;
    CHECK(messages == kCount);
  };
  using Refs = std::vector<std::uint64_t>;
  // A chain as long as the mailbox, from its top, and from its end.
  run([](std::uint64_t i, Refs& refs) { refs.push_back(i); });
  run([](std::uint64_t i, Refs& refs) { refs.push_back(i + 2); });
  // A long chain, and then attempts to close it to a ring.
  run([](std::uint64_t i, Refs& refs) {
    if (i < kCount / 2) {
      refs.push_back(i);
    } else {
      refs = {kCount / 2, 1, kCount / 2};
    }
  });
  // A long chain, and trees that are hung at its end.
  run([](std::uint64_t i, Refs& refs) {
    if (i < kCount / 2) {
      refs.push_back(i);
    } else {
      const std::uint64_t other = 1'000'000 + i;
      refs = {other, other + 1'000'000, kCount / 2, other};
    }
  });
  // One parent for all; and many missing ones.
  run([](std::uint64_t, Refs& refs) { refs.push_back(5'000'000); });
  run([](std::uint64_t i, Refs& refs) {
    for (std::uint64_t n = 0; n < 20; ++n) refs.push_back(10'000'000 + i % 1000 * 50 + n);
  });
  CHECK(test::cpu_seconds() - started < test::kFarTooLong);
}

}  // namespace
}  // namespace postfach
