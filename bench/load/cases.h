// The table of cases. Each family of them has a file in cases/.
#pragma once

#include <span>
#include <string_view>

#include "connection.h"

namespace load {

struct Bench;
struct Case;

using Run = awaitable<void> (*)(Bench& bench, const Case& which);

struct Case {
  std::string_view name;
  std::string_view unit;
  std::string_view explanation;
  Run run;
  // What the family makes of it: connections, messages.
  int number = 1;
  // A command, or what tells the variants of a family apart.
  std::string_view text = {};
};

std::span<const Case> all_cases();
// Null: there is none of that name.
const Case* find_case(std::string_view name);

// The families.
awaitable<void> run_lmtp(Bench& bench, const Case& which);
awaitable<void> run_append_pipelined(Bench& bench, const Case& which);
awaitable<void> run_append_multiple(Bench& bench, const Case& which);
awaitable<void> run_append_many(Bench& bench, const Case& which);
awaitable<void> run_login(Bench& bench, const Case& which);
awaitable<void> run_fetch_first(Bench& bench, const Case& which);
awaitable<void> run_fetch_new_session(Bench& bench, const Case& which);
awaitable<void> run_fetch(Bench& bench, const Case& which);
awaitable<void> run_search(Bench& bench, const Case& which);
awaitable<void> run_search_indexed(Bench& bench, const Case& which);
awaitable<void> run_store_bulk(Bench& bench, const Case& which);
awaitable<void> run_store_single(Bench& bench, const Case& which);
awaitable<void> run_pop3_retr(Bench& bench, const Case& which);
awaitable<void> run_pop3_login(Bench& bench, const Case& which);
awaitable<void> run_idle(Bench& bench, const Case& which);
awaitable<void> run_notify_append(Bench& bench, const Case& which);
awaitable<void> run_notify_lmtp(Bench& bench, const Case& which);
awaitable<void> run_select_first(Bench& bench, const Case& which);
awaitable<void> run_select(Bench& bench, const Case& which);
awaitable<void> run_growth(Bench& bench, const Case& which);

}  // namespace load
