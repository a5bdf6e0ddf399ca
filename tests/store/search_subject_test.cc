// SUBJECT alone, which looks at the octets of ENVELOPE as they stand, finds what a plain way finds.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>

#include "base/utf8.h"
#include "fixture.h"
#include "message/decode.h"
#include "message/header.h"
#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

bool is_white(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string folded(std::string text, Comparator comparator) {
  std::string collapsed;
  for (const char c : text) {
    if (!is_white(c)) {
      collapsed += c;
    } else if (collapsed.empty() || collapsed.back() != ' ') {
      collapsed += ' ';
    }
  }
  if (comparator == Comparator::unicode_casemap) return base::fold(collapsed);
  if (comparator == Comparator::ascii_casemap) {
    std::transform(collapsed.begin(), collapsed.end(), collapsed.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  }
  return collapsed;
}

// Of a message that has one field Subject at most.
bool found_plainly(const SearchKey& key, const std::string& octets) {
  const std::optional<message::HeaderField> field = message::find_field(octets, "Subject");
  if (!field) return false;
  const std::string subject = folded(message::decode_encoded_words(message::unfold(field->value)), key.comparator);
  return subject.find(folded(key.text, key.comparator)) != std::string::npos;
}

template <class Pieces>
std::string join(std::mt19937& random, const Pieces& pieces, std::size_t count) {
  std::string text;
  for (; count > 0; --count) text += pieces[random() % pieces.size()];
  return text;
}

const std::vector<std::string> kDates = {
    "Date: Tue, 3 Nov 2026 10:00:00 +0100\r\n",
    "Date: Tue, 3 Nov 2026 10:00:00 +0100 (\"CET\")\r\n",
    "Date: Tue, 3 Nov 2026 10:00:00 +0100 (a\\b\\)\r\n",
    "Date: \\\r\n",
    "Date: \"\r\n",
    "Date: \" \"a\" \"\r\n",
    "Date: \xC3\xA4\r\n",
    "Date:\r\n",
    "",
};
const std::vector<std::string> kPlain = {"a",   "B", "ab", "a b", " ", "\r\n ", "\r\n\t", "\"",  "\\",  "\\\"",
                                         "a\\", "=", "?",  ":",   "(", ")",     "\" \"",  "NIL", "{3}", "x"};
const std::vector<std::string> kForeign = {"\xC3\x84",
                                           "\xC4",
                                           "a\xCC\x88",
                                           "\xEF\xBC\xA1",
                                           "=?utf-8?q?a_=C3=84b?=",
                                           "=?utf-8?b?w6RC?=",
                                           "=?utf-8?q?=C3?=",
                                           "=?iso-8859-1?q?=E4=22a?=",
                                           "=?utf-8?q?=5C=22?=",
                                           "=?none?q?a?="};
const std::vector<std::string> kSought = {"a", "b",   "AB", "x", " ",    "\"",    "\\",  "\xC3\xA4",  "\\\"", "=?", "=",
                                          "(", "nil", ":",  "{", "2026", "\" \"", "a\\", "a\xCC\x88", "\"a",  "Bcc"};

TEST_CASE("a subject is found where it is the only thing that is looked for") {
  std::mt19937 random(7);
  std::size_t found = 0;
  std::size_t missed = 0;
  for (int round = 0; round < 12'000; ++round) {
    std::vector<std::string> pieces = kPlain;
    if (round % 3 == 0) pieces.insert(pieces.end(), kForeign.begin(), kForeign.end());
    // The needle may be right behind the subject, or before it, and must not be found there.
    std::string octets = "From: ab <x@a.b>\r\n" + kDates[round % 2 == 0 ? 0 : random() % kDates.size()];
    std::string subject;
    if (random() % 16 != 0) {
      subject = join(random, pieces, random() % (round % 5 == 0 ? 40 : 7));
      octets += "Subject: " + subject + "\r\n";
    }
    octets += "Message-ID: <AB@a>\r\n\r\nText\r\n";
    MemorySource source(octets);
    for (const Comparator comparator : {Comparator::unicode_casemap, Comparator::ascii_casemap, Comparator::octet}) {
      SearchKey key = text_key(Kind::subject, join(random, kSought, random() % 4));
      if (random() % 2 == 0 && !subject.empty()) {
        key.text = message::decode_encoded_words(subject);
        key.text = key.text.substr(random() % key.text.size(), 1 + random() % 5);
      }
      key.comparator = comparator;
      // Once alone, and once together with another criterion.
      const bool expected = found_plainly(key, octets);
      SearchKey pair = group(Kind::all_of, {key, SearchKey{}});
      pair.comparator = comparator;
      for (const SearchKey& each : {key, pair}) {
        auto matcher = SearchMatcher::compile(each, {}).value();
        REQUIRE(matcher.match({}) == Match::unknown);
        CAPTURE(octets, key.text, static_cast<int>(comparator), each.keys.size());
        if (matcher.decide(source).value() != expected) CHECK_FALSE(expected);
      }
      (expected ? found : missed) += 1;
    }
  }
  CHECK(found > 8000);
  CHECK(missed > 8000);
}

TEST_CASE("what is changed of a field is the same wherever in it that stands") {
  std::string unused;
  CHECK(store::field_text(std::string_view(), unused).empty());
  // Blocks of octets are looked at: each thing that matters, at each place of one.
  struct Case {
    std::string_view piece, text;
  };
  for (const auto& [piece, text] :
       {Case{"\t", " "}, Case{"\r\n ", " "}, Case{"  ", " "}, Case{" \t", " "}, Case{"\xE4", "\xC3\xA4"},
        Case{"=?utf-8?q?b?=", "b"}, Case{"=", "="}, Case{" ", " "}, Case{"\xC3\xA4", "\xC3\xA4"}}) {
    for (std::size_t before = 1; before < 40; ++before) {
      for (std::size_t behind = 1; behind < 40; ++behind) {
        const std::string head(before, 'h');
        const std::string tail(behind, 't');
        std::string scratch;
        CAPTURE(piece, before, behind);
        const std::string value = head + std::string(piece) + tail;
        if (store::field_text(value, scratch) != head + std::string(text) + tail) {
          CHECK(store::field_text(value, scratch) == head + std::string(text) + tail);
        }
      }
    }
  }
}

TEST_CASE("subjects of stored messages, with bodies in any order") {
  Fixture f({.full_text_index = false});
  const Mailbox other = f.account.create_mailbox("Other").value();
  std::vector<std::string> subjects;
  for (int i = 0; i < 300; ++i) {
    const std::string subject = i % 7 == 0   ? "=?utf-8?q?Gr=C3=BC=C3=9Fe_" + std::to_string(i) + "?="
                                : i % 5 == 0 ? "say \"" + std::to_string(i) + "\""
                                             : "Re: plan " + std::to_string(i);
    const Mailbox& mailbox = i % 3 == 0 ? other : f.inbox;
    mailbox.append("Date: Tue, 3 Nov 2026 10:00:00 +0100\r\nSubject: " + subject + "\r\n\r\nText\r\n").value();
    if (i % 3 != 0) subjects.push_back(subject);
  }
  // Messages that were moved here stand behind those whose bodies are newer.
  for (Uid uid = 1; uid <= 100; uid += 9) {
    const int number = static_cast<int>(uid - 1) * 3;
    other.move(UidSet::of(uid, uid), f.inbox).value();
    subjects.push_back(number % 7 == 0   ? "=?utf-8?q?Gr=C3=BC=C3=9Fe_" + std::to_string(number) + "?="
                       : number % 5 == 0 ? "say \"" + std::to_string(number) + "\""
                                         : "Re: plan " + std::to_string(number));
  }
  for (const char* text : {"plan", "plan 2", "\"", "\"2", "GR\xC3\x9CSSE", "say", "Re: plan 1", "", "2026", "7"}) {
    const SearchKey key = text_key(Kind::subject, text);
    std::vector<Uid> expected;
    for (std::size_t i = 0; i < subjects.size(); ++i) {
      const std::string octets = "Subject: " + subjects[i] + "\r\n\r\n";
      if (found_plainly(key, octets)) expected.push_back(static_cast<Uid>(i + 1));
    }
    for (const std::uint32_t at_once : {1000U, 7U}) {
      std::vector<Uid> uids;
      for (Uid from = 1; from != 0;) {
        const SearchPage page = f.inbox.search(key, UidSet::all(), from, {.messages = at_once}).value();
        uids.insert(uids.end(), page.uids.begin(), page.uids.end());
        from = page.next;
      }
      CAPTURE(text, at_once);
      CHECK(uids == expected);
    }
    // Few of them, with gaps.
    UidSet some;
    for (Uid uid = 2; uid < 200; uid += 13) some.add(uid);
    std::erase_if(expected, [&some](Uid uid) { return !some.contains(uid); });
    CHECK(f.inbox.search(key, some, 1).value().uids == expected);
  }
}

}  // namespace
}  // namespace postfach
