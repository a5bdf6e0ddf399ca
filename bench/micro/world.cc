#include "world.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "benchmark.h"

namespace bench {
namespace {

using postfach::Account;
using postfach::Store;

// A small generator of our own (splitmix64): std:: ones may differ from one standard library to another.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}
  std::uint64_t next() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::size_t below(std::size_t limit) noexcept { return next() % limit; }

 private:
  std::uint64_t state_;
};

constexpr std::array<std::string_view, 48> kWords = {
    "the",     "meeting", "invoice", "please",   "attached", "Thursday", "office",  "and",      "server", "deadline",
    "project", "we",      "would",   "like",     "to",       "schedule", "review",  "of",       "draft",  "contract",
    "budget",  "team",    "thanks",  "regards",  "message",  "customer", "number",  "shipping", "order",  "address",
    "is",      "not",     "ready",   "yet",      "tomorrow", "morning",  "version", "update",   "notes",  "question",
    "about",   "your",    "account", "password", "garden",   "dinner",   "weekend", "holiday"};
constexpr std::array<std::string_view, 12> kPeople = {"Anna Schmidt", "Bernd Vogel",  "Carla Rossi",  "David Miller",
                                                      "Eva Novak",    "Fatima Saidi", "Georg Lang",   "Hanna Virtanen",
                                                      "Ivan Petrov",  "Julia Weber",  "Kenji Tanaka", "Lena Fischer"};

std::string text(Random& random, std::size_t size, std::size_t number) {
  std::string out;
  std::size_t line = 0;
  if (number % 100 == 7) out += fmt::format("Bring {} to the party.\r\n", kRareWord);
  while (out.size() < size) {
    const std::string_view word = kWords[random.below(kWords.size())];
    out += word;
    line += word.size() + 1;
    if (line > 68) {
      out += "\r\n";
      line = 0;
    } else {
      out += ' ';
    }
  }
  return out + "\r\n";
}

// Of ten, one is encoded and three are quoted, as in the corpus of the load.
std::string mailbox(Random& random, std::string_view address) {
  const std::string_view name = kPeople[random.below(kPeople.size())];
  const std::string_view first = name.substr(0, name.find(' '));
  const std::string_view last = name.substr(first.size() + 1);
  const std::size_t form = random.below(10);
  if (form == 0) return fmt::format("=?utf-8?Q?{}_M=C3=BCller-{}?= <{}>", first, last, address);
  if (form < 4) return fmt::format("\"{}, {}\" <{}>", last, first, address);
  return fmt::format("{} <{}>", name, address);
}

std::string header(Random& random, std::size_t number) {
  const std::string from = mailbox(random, fmt::format("sender{}@example.com", number));
  const std::string to = mailbox(random, "someone@example.org");
  std::string out = fmt::format(
      "Return-Path: <sender{0}@example.com>\r\n"
      "Received: from mx.example.com (mx.example.com [192.0.2.25])\r\n\tby mail.example.org with ESMTPS id {1:012x}\r\n"
      "\tfor <someone@example.org>; Tue, 3 Nov 2026 10:{2:02}:{3:02} +0100\r\n"
      "Received: from [198.51.100.7] by mx.example.com with ESMTPSA id {1:x}; Tue, 3 Nov 2026 10:{2:02}:00 +0100\r\n"
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=mail;\r\n"
      "\th=from:to:subject:date:message-id; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n"
      "\tb=dGhpcyBpcyBub3QgYSBzaWduYXR1cmUgYXQgYWxsLCBidXQgYXMgbG9uZyBhcyBvbmUgb2YgdGhlbQ==\r\n"
      "Date: Tue, 3 Nov 2026 10:{2:02}:{3:02} +0100\r\n"
      "From: {4}\r\nTo: {5}, team@example.org\r\n"
      "Message-ID: <{1:x}.{0}@example.com>\r\n",
      number, random.next(), number % 60, number / 60 % 60, from, to);
  if (number % 3 == 0) out += fmt::format("In-Reply-To: <{:x}@example.com>\r\n", random.next());
  const std::string_view word = kWords[random.below(kWords.size())];
  if (number % 8 == 0) {
    const std::string_view fold = number % 24 == 0 ? "\r\n" : "";
    out += fmt::format("Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe_{}?={} =?UTF-8?B?w7xiZXIgZGVu?= {}\r\n", number, fold, word);
  } else {
    out += fmt::format("Subject: Re: {} {} {}\r\n", word, kWords[random.below(kWords.size())], number);
  }
  return out + "MIME-Version: 1.0\r\nUser-Agent: Example/1.0\r\n";
}

std::string encoded(Random& random, std::size_t octets) {
  std::string raw;
  for (std::size_t i = 0; i < octets; i += 8) {
    const std::uint64_t word = random.next();
    for (unsigned shift = 0; shift < 64; shift += 8) raw.push_back(static_cast<char>(word >> shift));
  }
  std::string out;
  for (std::size_t i = 0; i < raw.size(); i += 57) {
    out += postfach::base::base64_encode(std::string_view(raw).substr(i, 57));
    out += "\r\n";
  }
  return out;
}

std::string with_attachment(std::size_t number, std::size_t octets) {
  Random random(number);
  return header(random, number) +
         "Content-Type: multipart/mixed; boundary=\"=_outer\"\r\n\r\n--=_outer\r\n"
         "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
         text(random, 1500, number) +
         "--=_outer\r\nContent-Type: application/pdf; name=\"report.pdf\"\r\n"
         "Content-Disposition: attachment; filename=\"report.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         encoded(random, octets) + "--=_outer--\r\n";
}

void fill_account(const Account& account, std::uint32_t messages) {
  constexpr std::uint32_t kTogether = 200;  // one transaction, which is one sync
  const auto mailbox = inbox(account);
  for (std::uint32_t i = 0; i < messages;) {
    std::vector<postfach::NewMessage> batch;
    for (; i < messages && batch.size() < kTogether; ++i) batch.push_back(new_message(account, ordinary_message(i)));
    need(mailbox.append(std::move(batch)));
  }
}

}  // namespace

std::string plain_message(std::size_t number) {
  Random random(number);
  return header(random, number) + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text(random, 3000, number);
}

std::string multipart_message(std::size_t number) {
  Random random(number);
  const std::string words = text(random, 2000, number);
  return header(random, number) +
         "Content-Type: multipart/related; boundary=\"=_outer\"\r\n\r\n--=_outer\r\n"
         "Content-Type: multipart/alternative; boundary=\"=_inner\"\r\n\r\n--=_inner\r\n"
         "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         words +
         "--=_inner\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
         "<html><body style=\"font-family: sans-serif\"><p>" +
         words + "</p><img src=\"cid:logo@example.com\"></body></html>\r\n" +
         "--=_inner--\r\n--=_outer\r\nContent-Type: image/png; name=\"=?UTF-8?Q?Zeichen=C3=BC?=.png\"\r\n"
         "Content-ID: <logo@example.com>\r\nContent-Disposition: inline; filename*=UTF-8''Zeichen%C3%BC.png\r\n"
         "Content-Transfer-Encoding: base64\r\n\r\n" +
         encoded(random, 3000) + "--=_outer--\r\n";
}

std::string attachment_message(std::size_t number) { return with_attachment(number, 220'000); }

std::string ordinary_message(std::size_t number) {
  const std::size_t kind = number % 10;
  if (kind < 6) return plain_message(number);
  return kind < 9 ? multipart_message(number) : with_attachment(number, 30'000);
}

void World::fill() {
  const Store store = open();
  for (const char* name : {kReader, kIndexed, kWriter}) {
    const Account made = need(store.create_account(name, {.password = kPassword}));
    if (std::string_view(name) == kWriter) continue;
    fill_account(made, messages_);
    if (std::string_view(name) != kIndexed) continue;
    while (!need(made.update_search_index()).complete) continue;
  }
}

Store World::open() const {
  // A login is not what is measured here: the cheapest hash will do.
  return need(Store::open({.path = directory_ + "/mail", .password_cost = 1, .login = {.scram_iterations = 4096}}));
}

Account account(const Store& store, const char* name) { return need(store.account(name)); }

postfach::Mailbox inbox(const Account& account) { return need(account.mailbox("INBOX")); }

postfach::NewMessage new_message(const Account& account, std::string_view octets) {
  postfach::Spool spool = need(account.spool(octets.size()));
  need(spool.write(octets));
  need(spool.finish());
  return {.content = std::move(spool)};
}

postfach::UidSet all_uids(const World& world) { return postfach::UidSet::of(1, world.messages()); }

}  // namespace bench
