// All that a store holds, as text: two stores with equal text hold the same.
#pragma once

#include <string>

#include "postfach/store.h"

namespace postfach::fault {

// Number n decides the octets; each ninth is large enough to be a file.
std::string message_of(unsigned number);

// Throws BadResult if anything can't be read, and Catch's failure if octets are not those of message_of().
std::string describe(const Account& account);
std::string describe(const Store& store);

// Integrity of every account, and that large/ holds neither more nor less than what is named.
void check_integrity(const Store& store);

// A directory of its own, which the disk does not watch unless it is told so.
struct Scratch {
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string path;
};

}  // namespace postfach::fault
