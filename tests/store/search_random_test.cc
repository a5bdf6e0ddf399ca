// The matcher against a naive one, on random messages and criteria.
#include <catch2/catch.hpp>

#include <array>
#include <random>

#include "base/base64.h"
#include "base/utf8.h"
#include "search_message.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::size_t below(std::size_t limit) { return engine_() % limit; }
  template <class Range>
  const auto& pick(const Range& range) {
    return range[below(std::size(range))];
  }

 private:
  std::mt19937 engine_;
};

// What a message says, as plain text: the naive matcher knows nothing of MIME.
struct Plain {
  SearchRow row;
  std::string from, subject, note;
  bool has_note = false;
  std::vector<std::string> texts;         // of parts
  std::vector<std::string> part_headers;  // their Content-Description
  std::int64_t sent = 0;
};

const std::array<std::string, 12> kWords = {"alpha", "Beta", "GAMMA", "Straße", "Köln", "ÉCOLE",
                                            "zj",    "zzj",  "z",     "naïve",  "öl",   "x-y"};

std::string words(Random& random, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + random.pick(kWords);
  return text;
}

Plain make_plain(Random& random) {
  Plain plain;
  plain.row.uid = static_cast<Uid>(1 + random.below(20));
  plain.row.flags = Flags::from_bits(static_cast<std::uint8_t>(random.below(32)));
  plain.row.keywords = random.below(4);
  plain.row.modseq = 1 + random.below(10);
  plain.row.size = random.below(10);
  plain.row.internal_date = {static_cast<std::int64_t>(random.below(10 * 86'400)), 0};
  plain.from = words(random, 1 + random.below(2)) + " <me@example.org>";
  plain.subject = words(random, random.below(4));
  plain.has_note = random.below(2) == 0;
  if (plain.has_note) plain.note = words(random, random.below(3));
  plain.sent = static_cast<std::int64_t>(random.below(10));
  for (std::size_t i = random.below(4); i > 0; --i) {
    plain.texts.push_back(words(random, random.below(random.below(8) == 0 ? 12'000 : 12)));
    plain.part_headers.push_back(words(random, random.below(3)));
  }
  return plain;
}

std::string header_text(Random& random, const std::string& text) {
  switch (text.empty() ? 2 : random.below(3)) {
    case 0:
      return "=?utf-8?B?" + base::base64_encode(text) + "?=";
    case 1:
      return "=?iso-8859-1?B?" + base::base64_encode(encode(text, "iso-8859-1")) + "?=";
    default:
      return text;
  }
}

std::string to_message(Random& random, const Plain& plain) {
  const std::string at_end = " <me@example.org>";
  std::string out = "From: " + header_text(random, plain.from.substr(0, plain.from.size() - at_end.size())) + at_end;
  out += "\r\nSubject: " + header_text(random, plain.subject) + "\r\nDate: " + std::to_string(plain.sent + 1) +
         " Jan 1970 12:00:00 +0000\r\n";
  if (plain.has_note) out += "X-Note: " + header_text(random, plain.note) + "\r\n";
  out += "Content-Type: multipart/mixed; boundary=\"--next--\"\r\n\r\n";
  for (std::size_t i = 0; i < plain.texts.size(); ++i) {
    const std::string charset = random.pick(std::array<std::string, 3>{"utf-8", "iso-8859-1", "utf-16be"});
    const std::string octets = encode(plain.texts[i], charset);
    const std::size_t way = charset == "utf-16be" ? 0 : random.below(3);
    out += "----next--\r\nContent-Type: text/plain; charset=" + charset +
           "\r\nContent-Description: " + header_text(random, plain.part_headers[i]) +
           "\r\nContent-Transfer-Encoding: " + std::array<std::string, 3>{"base64", "quoted-printable", "8bit"}[way] +
           "\r\n\r\n";
    out += (way == 0 ? base64_lines(octets) : way == 1 ? quoted_printable(octets) : octets) + "\r\n";
  }
  return out + "----next----\r\n";
}

SearchKey make_key(Random& random, std::size_t depth) {
  const std::size_t choice = random.below(depth > 0 ? 20 : 14);
  std::string text = base::fold(words(random, 1 + random.below(2)));
  switch (choice) {
    case 0:
      return text_key(Kind::from, text);
    case 1:
      return text_key(Kind::subject, random.below(4) == 0 ? "" : text);
    case 2:
      return header_key("X-Note", random.below(3) == 0 ? "" : text);
    case 3:
    case 4:
      return text_key(Kind::body, text);
    case 5:
      return text_key(Kind::text, text);
    case 6:
      return number_key(Kind::larger, static_cast<std::int64_t>(random.below(10)));
    case 7:
      return number_key(Kind::since, static_cast<std::int64_t>(random.below(10)));
    case 8:
      return number_key(Kind::sent_before, static_cast<std::int64_t>(random.below(10)));
    case 9:
      return number_key(Kind::sent_on, static_cast<std::int64_t>(random.below(10)));
    case 10:
      return number_key(Kind::modseq, static_cast<std::int64_t>(random.below(10)));
    case 11:
      return text_key(Kind::keyword, random.below(2) == 0 ? "one" : "TWO");
    case 12: {
      SearchKey key;
      key.kind = Kind::flag;
      key.flags = random.pick(std::array<Flag, 3>{Flag::seen, Flag::deleted, Flag::draft});
      return key;
    }
    case 13: {
      SearchKey key;
      key.kind = Kind::uids;
      key.uids = UidSet::of(static_cast<Uid>(1 + random.below(20)), static_cast<Uid>(1 + random.below(20)));
      return key;
    }
    default:
      break;
  }
  std::vector<SearchKey> keys;
  for (std::size_t i = random.below(4); i > 0; --i) keys.push_back(make_key(random, depth - 1));
  return group(random.pick(std::array<Kind, 3>{Kind::all_of, Kind::any_of, Kind::none_of}), std::move(keys));
}

bool within(const std::string& needle, const std::string& text) {
  return base::fold(text).find(base::fold(needle)) != std::string::npos;
}

bool naive(const SearchKey& key, const Plain& plain) {
  const auto day = static_cast<std::int64_t>(key.number);
  const auto in_body = [&] {
    bool found = key.text.empty();
    for (const std::string& text : plain.texts) found = found || within(key.text, text);
    return found;
  };
  const auto count = [&] {
    std::size_t matching = 0;
    for (const SearchKey& child : key.keys) matching += naive(child, plain) ? 1 : 0;
    return matching;
  };
  switch (key.kind) {
    case Kind::uids:
      return key.uids.contains(plain.row.uid);
    case Kind::flag:
      return (plain.row.flags & key.flags) == key.flags;
    case Kind::keyword:
      return (plain.row.keywords & (key.text == "one" ? 1U : 2U)) != 0;
    case Kind::larger:
      return plain.row.size > key.number;
    case Kind::since:
      return plain.row.internal_date.seconds / 86'400 >= day;
    case Kind::sent_before:
      return plain.sent < day;
    case Kind::sent_on:
      return plain.sent == day;
    case Kind::modseq:
      return plain.row.modseq >= key.number;
    case Kind::header:
      return plain.has_note && within(key.text, plain.note);
    case Kind::from:
      return within(key.text, plain.from);
    case Kind::subject:
      return within(key.text, plain.subject);
    case Kind::body:
      return in_body();
    case Kind::text: {
      bool found = in_body() || within(key.text, "From: " + plain.from) ||
                   within(key.text, "Subject: " + plain.subject) ||
                   (plain.has_note && within(key.text, "X-Note: " + plain.note));
      for (const std::string& header : plain.part_headers) found = found || within(key.text, header);
      return found;
    }
    case Kind::all_of:
      return count() == key.keys.size();
    case Kind::any_of:
      return count() > 0;
    case Kind::none_of:
      return count() == 0;
    default:
      return true;
  }
}

TEST_CASE("the matcher finds what a naive one finds") {
  Random random(20240229);
  const KeywordNames names = {"one", "two"};
  std::size_t matching = 0;
  std::size_t undecided_by_row = 0;
  constexpr std::size_t kRounds = 400;
  constexpr std::size_t kKeys = 40;
  for (std::size_t round = 0; round < kRounds; ++round) {
    const Plain plain = make_plain(random);
    const std::string message = to_message(random, plain);
    MemorySource source(message);
    for (std::size_t i = 0; i < kKeys; ++i) {
      const SearchKey key = make_key(random, 3);
      auto matcher = SearchMatcher::compile(key, names).value();
      Match match = matcher.match(plain.row);
      const bool expected = naive(key, plain);
      if (match == Match::unknown) {
        ++undecided_by_row;
        match = matcher.decide(source).value() ? Match::yes : Match::no;
      }
      INFO("round " << round << ", key " << i << " of kind " << static_cast<int>(key.kind) << ' ' << key.text);
      REQUIRE(match == (expected ? Match::yes : Match::no));
      matching += expected ? 1 : 0;
    }
  }
  // The comparison means something only if both outcomes are frequent and much of it is about content.
  CHECK(matching > kRounds * kKeys / 5);
  CHECK(matching < kRounds * kKeys * 4 / 5);
  CHECK(undecided_by_row > kRounds * kKeys / 4);
}

}  // namespace
}  // namespace postfach
