#include "demo.h"

#include <fmt/format.h>

#include <ctime>
#include <string>

#include "crlf.h"

namespace examples {
namespace {

struct Sample {
  int hours_ago;
  postfach::Flags flags;
  const char* text;  // {} stands for the date
};

// Lines end in LF here and in CRLF in the mailbox.
constexpr Sample kSamples[] = {
    {50, postfach::Flag::seen, R"(From: Postfach <postfach@example.org>
To: Demo <demo@example.org>
Subject: Welcome to your mailbox
Date: {}
Message-ID: <welcome@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Hello,

this mailbox is served by postfach. Open it with two programs at once, one with
IMAP and one with POP3: flag, move and delete as you like, they get along.

The server shows its settings in the terminal in which you started it.
)"},
    {26, postfach::Flag::flagged, R"(From: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <juergen@example.net>
To: Demo <demo@example.org>
Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgS8O2bG4g8J+Tqw==?=
Date: {}
Message-ID: <koeln@example.net>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="two-ways"

--two-ways
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Schöne Grüße aus Köln! Dieselbe Nachricht gibt es auch in HTML.

--two-ways
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>Sch=C3=B6ne <b>Gr=C3=BC=C3=9Fe</b> aus K=C3=B6ln! Dieselbe Nachricht gib=
t es auch als reinen Text.</p>

--two-ways--
)"},
    {3, {}, R"(From: Billing <billing@example.com>
To: Demo <demo@example.org>
Subject: Your invoice for October
Date: {}
Message-ID: <invoice-10@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="with-attachment"

--with-attachment
Content-Type: text/plain; charset=us-ascii

The invoice is attached. There is nothing to pay, it is only an example.

--with-attachment
Content-Type: text/csv; name="invoice.csv"
Content-Disposition: attachment; filename="invoice.csv"
Content-Transfer-Encoding: base64

aXRlbSxhbW91bnQNCm1haWxib3gsMC4wMA0KdG90YWwsMC4wMA0K

--with-attachment--
)"},
    {1, {}, R"(From: Alice <alice@example.org>
To: Demo <demo@example.org>
Cc: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <juergen@example.net>
Subject: Re: Welcome to your mailbox
Date: {}
Message-ID: <reply@example.org>
In-Reply-To: <welcome@example.org>
References: <welcome@example.org>

> flag, move and delete as you like, they get along

I tried. They do.
.
(This line follows one with a single dot, which POP3 has to take care of.)
)"},
};

std::string rfc5322_date(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[64];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts)};
}

}  // namespace

postfach::Result<void> make_demo(const postfach::Store& store) {
  auto account = store.create_account(kDemoAccount, {.password = kDemoPassword});
  if (!account && account.error().code == postfach::Errc::already_exists) account = store.account(kDemoAccount);
  if (!account) return std::move(account).error();
  auto inbox = account->mailbox("INBOX");
  if (!inbox) return std::move(inbox).error();
  const auto status = inbox->status();
  if (!status) return status.error();
  if (status->uid_next > 1) return {};

  const auto now = std::time(nullptr);
  for (const auto& sample : kSamples) {
    const auto time = now - sample.hours_ago * 3600;
    const auto text = with_crlf(fmt::format(fmt::runtime(sample.text), rfc5322_date(time)));
    auto delivered = account->deliver(text, {.flags = sample.flags, .internal_date = postfach::DateTime{time, 0}});
    if (!delivered) return std::move(delivered).error();
  }
  return {};
}

}  // namespace examples
