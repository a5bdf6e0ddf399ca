// The store alone: messages in, flags, rows and octets out. What changes something is synced, as always.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "benchmark.h"
#include "postfach/delivery.h"

namespace bench {
namespace {

using postfach::Account;
using postfach::Field;
using postfach::Flag;
using postfach::FlagChange;
using postfach::Mailbox;
using postfach::Store;

constexpr std::uint64_t kMessages = 50;  // of a round that stores

// A store that is open, and one of its accounts.
struct Stage {
  Stage(const World& world, const char* name)
      : store(world.open()), account(bench::account(store, name)), mailbox(inbox(account)) {}
  Store store;
  Account account;
  Mailbox mailbox;
};

Round append(World& world, std::string (*make)(std::size_t), std::size_t together) {
  return [stage = Stage(world, kWriter), make, together, number = std::size_t{0}](Meter& meter) mutable {
    for (std::size_t done = 0; done < kMessages; done += together) {
      std::vector<std::string> texts;
      for (std::size_t i = 0; i < together; ++i) texts.push_back(make(number++));
      meter.start();
      std::vector<postfach::NewMessage> messages;
      for (const std::string& octets : texts) messages.push_back(new_message(stage.account, octets));
      const auto appended = stage.mailbox.append(std::move(messages));
      meter.stop();
      need(appended.has_value() && appended->uids.size() == together, "APPEND failed");
    }
    return kMessages;
  };
}

Round deliver(World& world) {
  return [stage = Stage(world, kWriter), number = std::size_t{0}](Meter& meter) mutable {
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      const std::string octets = ordinary_message(number++);
      meter.start();
      auto delivery = need(postfach::Delivery::begin(stage.store, {.sender = "bob@example.com"}));
      delivery.add_recipient(kWriter);
      need(delivery.write(octets));
      const auto status = delivery.finish().front().status;
      meter.stop();
      need(status == postfach::DeliveryStatus::stored, "the delivery failed");
    }
    return kMessages;
  };
}

Round store_one(World& world) {
  return [stage = Stage(world, kReader), &world, uid = postfach::Uid{0}](Meter& meter) mutable {
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      uid = uid % world.messages() + 1;
      const auto set = postfach::UidSet::of(uid, uid);
      meter.start();
      const auto stored = stage.mailbox.store(set, {.change = FlagChange::add, .flags = Flag::flagged});
      meter.stop();
      need(stored.has_value(), "the flag was not stored");
    }
    return kMessages;
  };
}

Round store_all(World& world) {
  return [stage = Stage(world, kReader), all = all_uids(world), set = false](Meter& meter) mutable {
    set = !set;
    meter.start();
    const auto stored =
        stage.mailbox.store(all, {.change = set ? FlagChange::add : FlagChange::remove, .flags = Flag::answered});
    meter.stop();
    need(stored.has_value() && !stored->changed.empty(), "the flags were not stored");
    return all.count();
  };
}

Round rows(World& world, Field fields) {
  return [stage = Stage(world, kReader), all = all_uids(world), fields](Meter& meter) {
    std::uint64_t seen = 0;
    meter.start();
    const auto done = stage.mailbox.fetch(all, fields, [&seen](const postfach::MessageView& message) {
      keep(message.envelope);
      ++seen;
      return true;
    });
    meter.stop();
    need(done.has_value() && seen == all.count(), "messages are missing");
    return seen;
  };
}

Round read(World& world) {
  return [stage = Stage(world, kReader), &world](Meter& meter) {
    std::string octets;
    for (postfach::Uid uid = 1; uid <= world.messages(); ++uid) {
      octets.clear();
      meter.start();
      const auto body = stage.mailbox.open(uid);
      const bool whole = body && body->read(0, 1U << 30U, octets).has_value();
      meter.stop();
      need(whole && !octets.empty(), "a message can't be read");
    }
    return std::uint64_t{world.messages()};
  };
}

// The first SELECT since the server started.
Round select_first(World& world) {
  return [&world](Meter& meter) {
    const Store store = world.open();
    meter.start();
    const auto snapshot = inbox(account(store, kReader)).snapshot(false);
    meter.stop();
    need(snapshot.has_value() && snapshot->status.messages == world.messages(), "messages are missing");
    return std::uint64_t{world.messages()};
  };
}

// While another session has the mailbox open.
Round select_next(World& world) {
  auto stage = std::make_shared<Stage>(world, kReader);
  return [stage, &world, first = need(stage->mailbox.snapshot(false))](Meter& meter) {
    meter.start();
    const auto snapshot = stage->mailbox.snapshot(false);
    meter.stop();
    need(snapshot.has_value() && snapshot->status.messages == world.messages(), "messages are missing");
    return std::uint64_t{1};
  };
}

}  // namespace

std::vector<Benchmark> storage_benchmarks() {
  return {
      {"append", "message", "one in a transaction", [](World& world) { return append(world, ordinary_message, 1); }},
      {"append-batch", "message", "50 in a transaction",
       [](World& world) { return append(world, ordinary_message, kMessages); }},
      {"append-large", "message", "300 KiB, a file of its own",
       [](World& world) { return append(world, attachment_message, 1); }},
      {"deliver", "message", "one to one recipient", deliver},
      {"store-one", "message", "one flag of one message", store_one},
      {"store-all", "message", "one flag of all messages in a transaction", store_all},
      {"rows-flags", "message", "flags, dates and sizes of all", [](World& world) { return rows(world, Field::none); }},
      {"rows-all", "message", "envelopes and structures of all",
       [](World& world) { return rows(world, Field::envelope | Field::body_structure); }},
      {"read", "message", "octets of each", read},
      {"select-first", "message", "from a cold start", select_first},
      {"select-next", "select", "while another session has it open", select_next},
  };
}

}  // namespace bench
