// Mailboxes as a case needs them, made before the clock runs. One that is there with the right number of messages is
// taken as it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bench.h"

namespace load {

// Appends messages [begin, end) of the corpus, over again where it ends.
awaitable<void> fill(ImapClient& client, const Corpus& corpus, std::string_view mailbox, std::uint32_t begin,
                     std::uint32_t end);

// Messages in a mailbox, which exists.
awaitable<std::uint32_t> count_messages(ImapClient& client, std::string_view mailbox);

// The mailbox of that name has the first `count` messages of the corpus. True: it did not have them before.
awaitable<bool> ensure(Bench& bench, ImapClient& client, Corpus& corpus, const std::string& mailbox,
                       std::uint32_t count);

// Removes all messages beyond the first `count`.
awaitable<void> cut(ImapClient& client, std::string_view mailbox, std::uint32_t count);

// The mailbox that kReader reads and searches, with Options::messages of the corpus.
awaitable<std::string> ensure_reading_mailbox(Bench& bench);

// Creates an empty mailbox; if there is one, it goes first.
awaitable<void> create_anew(ImapClient& client, const std::string& mailbox);

}  // namespace load
