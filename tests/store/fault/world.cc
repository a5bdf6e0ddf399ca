#include "world.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "store/store_impl.h"

namespace postfach::fault {

std::string message_of(unsigned number) {
  const std::size_t size = number % 9 == 0 ? 70'000 : number % 4 == 0 ? 9'000 : 300;
  std::string text = "Subject: number " + std::to_string(number) + "\r\nFrom: someone@example.org\r\n\r\n";
  for (unsigned line = 0; text.size() < size; ++line) {
    text += std::to_string(number * 1000 + line) + " a line of a message\r\n";
  }
  return text;
}

std::string describe(const Account& account) {
  std::string out = account.name() + "\n";
  const Usage usage = account.usage().value();
  out += std::to_string(usage.bytes) + " octets, " + std::to_string(usage.messages) + " messages\n";
  for (const std::string& name : account.subscriptions().value()) out += "subscribed to " + name + "\n";
  const auto list = account.mailboxes().value();
  for (const MailboxInfo& info : list) {
    const MailboxStatus& status = info.status;
    out += "mailbox " + info.name;
    for (const std::uint64_t number :
         {static_cast<std::uint64_t>(info.id), std::uint64_t{status.uid_validity}, std::uint64_t{status.uid_next},
          status.highest_modseq, std::uint64_t{status.messages}, std::uint64_t{status.unseen},
          std::uint64_t{status.deleted}, status.bytes}) {
      out += " " + std::to_string(number);
    }
    out += info.selectable ? "\n" : " not selectable\n";
    if (!info.selectable) continue;
    const Mailbox mailbox = account.mailbox(info.name).value();
    mailbox
        .fetch(UidSet::all(), Field::uidl,
               [&](const MessageView& view) {
                 for (const std::uint64_t number :
                      {std::uint64_t{view.uid}, static_cast<std::uint64_t>(view.id), std::uint64_t{view.flags.bits()},
                       view.keywords, view.modseq, view.size}) {
                   out += std::to_string(number) + " ";
                 }
                 out += std::string(view.uidl) + "\n";
                 return true;
               })
        .value();
    const std::vector<Uid> uids = mailbox.uids().value();
    for (const Uid uid : uids) {
      std::string text;
      mailbox.open(uid).value().read(0, SIZE_MAX, text).value();
      const std::string number = text.substr(16, text.find('\r') - 16);
      if (text != message_of(static_cast<unsigned>(std::stoul(number)))) FAIL("message " << uid << " has other octets");
      out += number + " ";
    }
    out += "\n";
  }
  return out;
}

std::string describe(const Store& store) {
  std::string out;
  const auto list = store.accounts().value();
  for (const AccountInfo& info : list) {
    out += "account " + std::to_string(static_cast<std::int64_t>(info.id)) + " ";
    for (const std::string& login : info.logins) out += "login " + login + " ";
    out += describe(store.account(info.name).value());
  }
  return out;
}

void check_integrity(const Store& store) {
  const auto list = store.accounts().value();
  for (const AccountInfo& info : list) {
    const Account account = store.account(info.name).value();
    CHECK(account.check().value().problems == std::vector<std::string>());
    const auto open = store.impl()->open_account(info.id).value();
    std::set<std::string> named;
    open->database
        ->read([&](sqlite::Connection& db) -> Result<void> {
          auto rows = db.query("SELECT file FROM body WHERE file IS NOT NULL");
          while (rows.next()) named.emplace(rows.text(0));
          return rows.ok() ? Result<void>() : Result<void>(rows.error());
        })
        .value();
    const auto files = base::list_directory(open->location.large).value();
    CHECK(std::set<std::string>(files.begin(), files.end()) == named);
  }
}

Scratch::Scratch() : path(base::make_temporary_directory().value()) {}
Scratch::~Scratch() {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace postfach::fault
