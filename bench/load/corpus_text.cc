#include "corpus_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <vector>

namespace load {
namespace {

constexpr std::array<std::string_view, 20> kFirst = {"Anna",  "Bernd", "Clara", "David",  "Elena", "Frank", "Greta",
                                                     "Henry", "Ines",  "Jonas", "Karin",  "Lukas", "Marta", "Nils",
                                                     "Olga",  "Peter", "Ruth",  "Stefan", "Tilda", "Viktor"};
constexpr std::array<std::string_view, 20> kLast = {
    "Albers", "Becker", "Conrad",  "Dietrich", "Engel",  "Fischer", "Graf",    "Hoffmann", "Jansen", "Keller",
    "Lorenc", "Meyer",  "Neumann", "Otto",     "Peters", "Richter", "Schmidt", "Thomas",   "Vogel",  "Wagner"};

// 2,000 words, the frequent ones short, as languages have them.
std::vector<std::string> make_vocabulary() {
  static constexpr std::array<std::string_view, 40> kSyllables = {
      "ba", "be", "bo", "da", "de", "do",  "fa",  "fe",  "fi",  "ga",  "go",  "ha", "he", "hi",
      "ka", "ko", "la", "le", "li", "lo",  "ma",  "me",  "mi",  "na",  "ne",  "no", "pa", "pe",
      "ra", "re", "ri", "ro", "sa", "sen", "tan", "ter", "tor", "ven", "wal", "ung"};
  Random random(7);
  std::vector<std::string> vocabulary(2'000);
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    const std::size_t syllables = 1 + (i > 40 ? 1U : 0U) + (i > 400 ? 1U : 0U) + random.below(2);
    for (std::size_t s = 0; s < syllables; ++s) vocabulary[i] += kSyllables[random.below(kSyllables.size())];
  }
  return vocabulary;
}

std::string_view word(Random& random) {
  static const std::vector<std::string> vocabulary = make_vocabulary();
  // Zipf's law, nearly: as many words between 1 and 10 as between 10 and 100.
  const double rank = std::pow(static_cast<double>(vocabulary.size()), random.unit());
  return vocabulary[std::min(static_cast<std::size_t>(rank), vocabulary.size()) - 1];
}

}  // namespace

Person person(Random& random) { return {kFirst[random.below(kFirst.size())], kLast[random.below(kLast.size())]}; }

std::string mailbox_of(const Person& who, Random& random) {
  const std::string address = fmt::format("<{}.{}@example.com>", who.first, who.last);
  const std::size_t form = random.below(10);
  if (form == 0) return fmt::format("=?utf-8?Q?{}_M=C3=BCller-{}?= {}", who.first, who.last, address);
  if (form < 4) return fmt::format("\"{}, {}\" {}", who.last, who.first, address);
  return fmt::format("{} {} {}", who.first, who.last, address);
}

std::string words(Random& random, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ' ';
    out += word(random);
  }
  return out;
}

std::string encoded_subject(Random& random) {
  std::string out = "=?utf-8?Q?Gr=C3=BC=C3=9Fe_" + std::string(word(random)) + "?=";
  for (std::size_t i = random.below(3); i > 0; --i)
    out += "\r\n =?utf-8?Q?_f=C3=BCr_" + std::string(word(random)) + "?=";
  return out;
}

void append_line(Random& random, std::string& out) {
  const std::size_t begin = out.size();
  const std::size_t width = 40 + random.below(20);
  while (out.size() - begin < width) {
    out += word(random);
    out += ' ';
  }
  out.back() = random.chance(20) ? '.' : ',';
}

void append_base64(Random& random, std::string& out, std::size_t size, std::string_view fold) {
  // Without Q and q: the short mark must not be in a header field by chance.
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOP2RSTUVWXYZabcdefghijklmnop3rstuvwxyz0123456789+/";
  size = size / 4 * 4;
  out.reserve(out.size() + size + size / 76 * fold.size() + fold.size());
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i > 0 && i % 76 == 0) out += fold;
    if (i % 10 == 0) bits = random.next();
    out += kDigits[bits & 63U];
    bits >>= 6U;
  }
}

std::string mail_date(std::size_t index) {
  static constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const std::size_t minutes = index * 3;
  const std::size_t day = minutes / (24UL * 60) % 28;  // of June 2026, which began on a Monday
  return fmt::format("{}, {:02} Jun 2026 {:02}:{:02}:{:02} +0200", kDays[day % 7], day + 1, minutes / 60 % 24,
                     minutes % 60, index % 60);
}

}  // namespace load
