// A temporary store with one account, for test cases.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "postfach/store.h"

namespace postfach {

struct Fixture {
  explicit Fixture(StoreOptions options = {}) : Fixture(prepared(std::move(options)), 0) {}

  static StoreOptions prepared(StoreOptions options) {
    options.password_cost = 1;
    return options;
  }

  Store store;
  Account account;
  Mailbox inbox;

  std::string account_directory() const {
    const auto id = static_cast<std::int64_t>(account.id());
    const char* const hex = "0123456789abcdef";
    return store.options().path + "/accounts/" + hex[id / 16 % 16] + hex[id % 16] + "/" + std::to_string(id);
  }
  std::size_t large_files() const {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(account_directory() + "/large")) {
      ++count;
    }
    return count;
  }
  std::vector<std::string> problems() const { return account.check().value().problems; }

 private:
  Fixture(StoreOptions options, int)
      : store(Store::open_temporary(std::move(options)).value()),
        account(store.create_account("alice@example.org", {.password = "secret"}).value()),
        inbox(account.mailbox("INBOX").value()) {}
};

inline std::string message_text(std::string_view subject, std::size_t size = 0) {
  std::string text = "Subject: " + std::string(subject) + "\r\n\r\nbody\r\n";
  while (text.size() < size) text += "some more text of a body that is long\r\n";
  return text;
}

inline std::string octets_of(const Mailbox& mailbox, Uid uid) {
  std::string out;
  mailbox.open(uid).value().read(0, SIZE_MAX, out).value();
  return out;
}

inline std::string uidl_of(const Mailbox& mailbox, Uid uid) {
  std::string uidl;
  mailbox
      .fetch(UidSet::of(uid, uid), Field::uidl,
             [&](const MessageView& view) {
               uidl = view.uidl;
               return true;
             })
      .value();
  return uidl;
}

inline Flags flags_of(const Mailbox& mailbox, Uid uid) {
  Flags flags;
  mailbox
      .fetch(UidSet::of(uid, uid), Field::none,
             [&](const MessageView& view) {
               flags = view.flags;
               return true;
             })
      .value();
  return flags;
}

}  // namespace postfach
