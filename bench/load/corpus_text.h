// Words, people, dates for the messages of the corpus. No word has a q, x or z, which leaves them to the marks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "random.h"

namespace load {

struct Person {
  std::string_view first;
  std::string_view last;
};

Person person(Random& random);
// As it is in From: with or without quotes, with encoded words now and then.
std::string mailbox_of(const Person& person, Random& random);
// So many words, with spaces between.
std::string words(Random& random, std::size_t count);
// RFC 2047, with a line of its own for each word.
std::string encoded_subject(Random& random);
// About 70 columns, without the end of the line.
void append_line(Random& random, std::string& out);
// So many characters, in lines of 76 with `fold` between.
void append_base64(Random& random, std::string& out, std::size_t size, std::string_view fold);
// One message comes every three minutes.
std::string mail_date(std::size_t index);

}  // namespace load
