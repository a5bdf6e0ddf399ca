#include <catch2/catch.hpp>

#include "imap/session/world.h"

using namespace postfach;
using namespace postfach::imap::test;

TEST_CASE("IDLE tells what happens as it happens") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! want read
    ! deliver two
    S: * 2 EXISTS
    S: * 2 RECENT
    ! flag 1 \Seen
    S: * 1 FETCH (UID 1 FLAGS (\Seen \Recent))
    ! expunge 1
    S: * 1 EXPUNGE
    C: DONE
    S: a OK Idle completed
    C: b NOOP
    S: b OK Done
  )",
                 {.prepare = with_messages(1)});
}

TEST_CASE("IDLE begins with what happened before") {
  check_selected(R"(
    ! deliver one
    C: a IDLE
    S: + idling
    S: * 1 EXISTS
    S: * 1 RECENT
    C: done
    S~ a OK *
  )");
}

TEST_CASE("iOS 18 sends commands in the packet of DONE") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    C: DONE
    C: b NOOP
    C: c IDLE
    C: DONE
    C: d CHECK
    S: a OK Idle completed
    S: b OK Done
    S: + idling
    S: c OK Idle completed
    S: d OK Done
  )");
}

TEST_CASE("IDLE without a mailbox, and what is not DONE") {
  check_logged_in(R"(
    C: a IDLE
    S: + idling
    C: DONE
    S~ a OK *
    C: b IDLE
    S: + idling
    C: c NOOP
    S~ b BAD *
    C: d NOOP
    S~ d OK *
  )");
}

TEST_CASE("a heartbeat every two minutes, and no autologout") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! after 119
    ! want read
    ! after 1
    S: * OK Still here
    ! after 240
    S: * OK Still here
    S: * OK Still here
    ! after 7200
    S~ ...
    ! want read
    C: DONE
    S~ a OK *
  )");
}

TEST_CASE("a client that is known to run on a telephone hears of the server every 29 minutes") {
  check_selected(R"(
    C: i ID ("version" "1.2" "name" "fairemail")
    S~ * ID *
    S~ i OK *
    C: a IDLE
    S: + idling
    ! after 1739
    ! want read
    ! after 1
    S: * OK Still here
    C: DONE
    S~ a OK *
    C: j ID ("name" "Other")
    S~ * ID *
    S~ j OK *
    C: b IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    C: DONE
    S~ b OK *
  )");
}

TEST_CASE("a client that begins IDLE anew after each heartbeat is spared them") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    ! after 1
    C: DONE
    S~ a OK *
    C: b IDLE
    S: + idling
    ! after 122
    S: * OK Still here
    C: DONE
    S~ b OK *
    C: c IDLE
    S: + idling
    ! after 1739
    ! want read
    ! after 1
    S: * OK Still here
    C: DONE
    S~ c OK *
  )");
}

TEST_CASE("Outlook, which leaves IDLE when it has something to do, hears of the server every two minutes") {
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    C: DONE
    S~ a OK *
    C: b IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    ! after 60
    C: DONE
    S~ b OK *
    C: c IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    ! deliver news
    S: * 1 EXISTS
    S: * 1 RECENT
    C: DONE
    S~ c OK *
    C: d IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    C: DONE
    S~ d OK *
    C: e IDLE
    S: + idling
    ! after 120
    S: * OK Still here
    C: DONE
    S~ e OK *
  )");
}

TEST_CASE("a heartbeat can be switched off") {
  WorldOptions options;
  options.session.heartbeat = std::chrono::seconds(0);
  check_selected(R"(
    C: a IDLE
    S: + idling
    ! after 7200
    ! want read
    C: DONE
    S~ a OK *
  )",
                 options);
}

TEST_CASE("after IDLE the doorbell is quiet again") {
  WorldOptions options;
  options.prepare = with_messages(1);
  const Store store = make_store(options);
  Client client(store, options);
  client.log_in_and_select();
  client.send("a IDLE\r\n");
  client.rang();
  store.account("alice").value().deliver(message("x")).value();
  CHECK(client.rang());
  CHECK(client.send("") == "* 2 EXISTS\r\n* 2 RECENT\r\n");
  CHECK(client.send("DONE\r\n") == "a OK Idle completed\r\n");
  store.account("alice").value().deliver(message("y")).value();
  CHECK_FALSE(client.rang());
  CHECK(client.send("b NOOP\r\n") == "* 3 EXISTS\r\n* 3 RECENT\r\nb OK Done\r\n");
}
