// Searches of headers find the same with the full-text index, without it, and by a way that knows of no short cut.
#include <catch2/catch.hpp>
#include <filesystem>
#include <random>

#include "base/ascii.h"
#include "fixture.h"
#include "message/envelope_view.h"
#include "message/header.h"
#include "search_message.h"
#include "sqlite/connection.h"

namespace postfach {
namespace {

using Kind = SearchKey::Kind;
using namespace test;

std::vector<Uid> search(const Mailbox& mailbox, const SearchKey& key) {
  std::vector<Uid> uids;
  for (Uid from = 1; from != 0;) {
    const SearchPage page = mailbox.search(key, UidSet::all(), from).value();
    uids.insert(uids.end(), page.uids.begin(), page.uids.end());
    from = page.next;
  }
  return uids;
}

void index_all(const Account& account) {
  while (!account.update_search_index({}).value().complete) {
  }
}

// Headers as nobody should write them.
const std::vector<std::string> kHeaders = {
    "From: Ottilie Brandt <ottilie@example.org>\r\nSubject: Quarterly report\r\n",
    "From: \"Ottilie Q. Brandt\" <\"odd one\"@example.org>\r\nSubject:\r\n Quarterly\r\n\treport\r\n",
    "From: \"Ott\"ilie <o@example.org>\r\n",
    "from : \"Otti\\\"lie\\\\\" <o@example.org>\r\nSUBJECT : late\r\n",
    "From: =?utf-8?q?Ott?=\r\n =?utf-8?q?ilie?= <o@example.org>\r\nSubject: =?utf-8?q?Quarterly?= "
    "=?utf-8?q?_report?=\r\n",
    "From: \"=?utf-8?b?T3R0aWxpZQ==?=\" <o@example.org>\r\n",
    "From: =?utf-8?q?=22Ott=22ilie?= <o@example.org>\r\n",
    "From: \xEF\xBC\x82Ottilie\xEF\xBC\x82 <o@example.org>\r\n",  // full-width quotes, which fold to ASCII's
    "From: o@example.org (Ottilie) (at work)\r\nFrom: second@example.org\r\nSubject: one\r\nSubject: Quarterly "
    "report\r\n",
    "From: staff: Ottilie <o@example.org>, b@example.org;\r\nTo: undisclosed-recipients:;\r\n",
    "From: <@relay.example:o@example.org> Ottilie\r\nSubject: \xC4rger im B\xFCro\r\n",
    "From: \xC3\x96ttilie <o@example.org>\r\nSubject: \xC3\x84rger im B\xC3\xBCro\r\n",
    std::string("From: o@example.org\r\nSubject: Quarterly\0report\r\n", 48),
    "From: o@example.org\r\nSubject: Quarterly \xEF\xBF\xBDreport\r\n",
    "Subject: =?us-ascii?q?Quarterly?=report\r\nNo field Ottilie\r\n Subject: Quarterly report\r\nSubject: later\r\n",
    " Subject: Quarterly report\r\nFrom: o@example.org\r\n",
    "Subject : Quarterly  \t report \r\nList-Id: Widgets <widgets.example.net>\r\n",
    "List-Id: =?iso-8859-1?q?Widgets?=\r\n <widgets.example.net>\r\nList-Id: another\r\n",
    "X-List-Id: widgets\r\nList-Id-Not: widgets\r\nSubject: List-Id: widgets\r\n",
    "List-Id:\r\nFrom:\r\nSubject:\r\n",
    "From: a\rb@example.org\r\nSubject: bare\rreturn\r\n",
    "From: LF@example.org\nSubject: lines of\n another kind\n",
};

SearchKey header(std::string name, std::string what) {
  SearchKey key;
  key.kind = Kind::header;
  key.name = std::move(name);
  key.text = std::move(what);
  return key;
}

std::vector<SearchKey> keys() {
  std::vector<SearchKey> keys;
  for (const char* text : {"ottilie", "Ottilie Q. Brandt", "ottilie brandt <ottilie@", "o@example", "\"Ottilie",
                           "tilie <", "ott", "a b@", "staff:", "\xC3\x96TTI", "at work", "", "zz", "zzz"}) {
    keys.push_back(text_key(Kind::from, text));
    keys.push_back(header("From", text));
  }
  for (const char* text :
       {"quarterly report", "Quarterly", "report", "y r", "late", "\xC3\xA4rger", "b\xC3\xBCro", "\xEF\xBF\xBD", "",
        "\xEF\xBF\xBDreport", "=?", "bare return", "lines of another", "list-id: widgets", "id: w", "qqqq"}) {
    keys.push_back(text_key(Kind::subject, text));
    keys.push_back(header("subject", text));
    keys.push_back(text_key(Kind::text, text));
  }
  for (const char* text : {"widgets", "widgets <widgets.example.net>", "another", "", "x", "idg"}) {
    keys.push_back(header("List-Id", text));
    keys.push_back(header("X-List-Id", text));
  }
  for (const char* name : {"", "No field Ottilie", "Subject:", "Subject ", "\n", "\r\n", " "}) {
    keys.push_back(header(name, ""));
  }
  return keys;
}

// The same without a short cut: every field is decoded and folded, and all of it is looked at.
bool found_slowly(const SearchKey& key, const std::string& octets) {
  const message::Parsed parsed = message::parse(octets);
  const std::string_view block = std::string_view(octets).substr(0, parsed.header_size);
  std::string scratch;
  std::string unquoted;
  if (key.kind == Kind::subject) {
    message::EnvelopeView envelope(parsed.envelope);
    const auto subject = envelope.text(message::EnvelopeField::subject, unquoted);
    return subject && store::folded(store::field_text(*subject, scratch), key.comparator)
                              .find(store::fold_field(key.text, key.comparator)) != std::string::npos;
  }
  bool found = false;
  if (key.kind == Kind::text) {
    const std::string needle = store::fold_field(key.text, key.comparator);
    message::for_each_line(block, [&](const message::HeaderField& field) {
      std::string text = field.name.empty() ? std::string() : std::string(field.name) + ": ";
      text += store::field_text(field.name.empty() ? field.whole : field.value, scratch);
      found = found || store::folded(text, key.comparator).find(needle) != std::string::npos;
      return true;
    });
    const std::string body = octets.substr(parsed.header_size);
    return found ||
           store::folded(body, key.comparator).find(store::folded(key.text, key.comparator)) != std::string::npos;
  }
  const std::string name = key.kind == Kind::from ? "From" : key.name;
  message::for_each_field(block, [&](const message::HeaderField& field) {
    if (!base::equals_ignoring_case(field.name, name)) return true;
    std::string text = store::folded(store::field_text(field.value, scratch), key.comparator);
    std::string needle = store::fold_field(key.text, key.comparator);
    if (store::is_address_field(name)) {
      store::remove_quoting(text);
      store::remove_quoting(needle);
    }
    found = found || text.find(needle) != std::string::npos;
    return true;
  });
  return found;
}

TEST_CASE("a header is searched with the same result, with an index and without") {
  Fixture f;
  std::vector<std::string> messages;
  for (std::size_t i = 0; i < kHeaders.size(); ++i) {
    messages.push_back(kHeaders[i] + "\r\nText\r\n");
    // A header that is longer than what is read of it at first, and one without an end.
    std::string filling;
    for (int line = 0; line < 70; ++line) filling += "X-Filling: " + std::string(60, 'x') + "\r\n";
    messages.push_back(filling + kHeaders[i] + "\r\nText\r\n");
    messages.push_back(kHeaders[i]);
    // One that is a file.
    messages.push_back(kHeaders[i] + "\r\n" + std::string(70'000, 'x') + "\r\n");
  }
  // So many that the index is asked, and that nobody finds too much.
  for (int i = 0; i < 300; ++i) messages.push_back("From: nobody@example.net\r\nSubject: x\r\n\r\nText\r\n");
  std::vector<std::vector<Uid>> expected(keys().size());
  for (const std::string& octets : messages) {
    const Uid uid = f.inbox.append(octets).value().uids.front();
    std::size_t number = 0;
    for (const SearchKey& key : keys()) {
      if (found_slowly(key, octets)) expected[number].push_back(uid);
      ++number;
    }
  }
  const auto check_all = [&] {
    std::size_t number = 0;
    for (const SearchKey& key : keys()) {
      CAPTURE(number, key.name, key.text);
      CHECK(search(f.inbox, key) == expected[number++]);
    }
  };
  check_all();
  index_all(f.account);
  check_all();
}

TEST_CASE("short cuts through random headers find what the long way finds") {
  const std::vector<std::string> plain = {"a",  "B",  "ab", " ",  "  ", "\r\n ", "\r\n\t", "\"",
                                          "\"", "\\", "<",  "@b", ":",  "=",     "?",      "(a \"b)"};
  const std::vector<std::string> foreign = {"\xC3\xA4",
                                            "\xE4",
                                            "a\xCC\x88",
                                            "=?utf-8?q?a_=C3=84b?=",
                                            "=?utf-8?b?w6RC?=",
                                            "=?utf-8?q?=C3?=",
                                            "=?iso-8859-1?q?=E4=22a?=",
                                            "=?utf-8?q?\"?=",
                                            "=?none?q?a?=",
                                            "\xEF\xBC\x82",
                                            "\r"};
  const std::vector<std::string> sought = {"a",   "b", "AB", " ", "\"",        "\\",      "\xC3\xA4",
                                           "<a@", ":", "=?", "=", "a\xCC\x88", "\xCC\x88"};
  std::mt19937 random(1);
  const auto join = [&random](const auto& pieces, std::size_t count) {
    std::string text;
    for (; count > 0; --count) text += pieces[random() % pieces.size()];
    return text;
  };
  const char* const names[] = {"From", "Subject", "X-From", "From ", "List-Id", "To"};
  std::size_t found = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string octets;
    std::string value;
    std::vector<std::string> fragments = plain;
    if (round % 2 == 0) fragments.insert(fragments.end(), foreign.begin(), foreign.end());
    for (std::size_t fields = 1 + random() % 4; fields > 0; --fields) {
      value = "x" + join(fragments, random() % 9);
      octets += std::string(names[random() % std::size(names)]) + ": " + value + "\r\n";
    }
    // Something, or a part of what is there.
    const auto needle = [&] {
      if (random() % 2 == 0) return join(sought, 1 + random() % 3);
      std::string scratch;
      std::string text(store::field_text(value, scratch));
      if (random() % 2 == 0) store::remove_quoting(text);
      return text.substr(random() % text.size(), 1 + random() % 4);
    };
    octets += "\r\nFrom: a\r\n";
    for (const Comparator comparator : {Comparator::unicode_casemap, Comparator::ascii_casemap, Comparator::octet}) {
      std::vector<SearchKey> keys = {text_key(Kind::from, needle()), text_key(Kind::subject, needle()),
                                     header("list-id", needle())};
      bool is_any = false;
      for (SearchKey& key : keys) {
        key.comparator = comparator;
        const bool expected = found_slowly(key, octets);
        CAPTURE(octets, key.name, key.text, static_cast<int>(comparator));
        if (matches(key, octets) != expected) CHECK(matches(key, octets) == expected);
        is_any = is_any || expected;
        found += expected ? 1 : 0;
      }
      SearchKey any = group(Kind::any_of, keys);
      any.comparator = comparator;
      if (matches(any, octets) != is_any) CHECK(matches(any, octets) == is_any);
    }
  }
  CHECK(found > 1000);
}

TEST_CASE("what the index rules out of a header is not read") {
  Fixture f;
  // The header is so long that it is in the file alone.
  std::string large = "From: Ottilie <o@example.org>\r\nList-Id: here\r\n";
  for (int i = 0; i < 150; ++i) large += "X-Filling: " + std::string(60, 'x') + "\r\n";
  large += "\r\n" + std::string(100'000, 'x') + "\r\n";
  for (int i = 0; i < 40; ++i) f.inbox.append("From: n@example.org\r\n\r\nText\r\n").value();
  const Uid quoted = f.inbox.append("From: \"A. Body\" <b@example.org>\r\n\r\nText\r\n").value().uids.front();
  const Uid last = f.inbox.append(large).value().uids.front();
  CHECK(search(f.inbox, text_key(Kind::from, "ottilie")) == std::vector<Uid>{last});
  index_all(f.account);
  for (const auto& entry : std::filesystem::directory_iterator(f.account_directory() + "/large")) {
    std::filesystem::remove(entry.path());
  }
  CHECK(search(f.inbox, text_key(Kind::from, "somebody else")).empty());
  CHECK(search(f.inbox, header("List-Id", "there")).empty());
  CHECK(search(f.inbox, text_key(Kind::from, "a. body <b")) == std::vector<Uid>{quoted});
  CHECK(f.inbox.search(text_key(Kind::from, "ottilie"), UidSet::all(), last).error().code == Errc::corrupt);
  CHECK(f.inbox.search(header("List-Id", ""), UidSet::all(), last).error().code == Errc::corrupt);
}

TEST_CASE("the header of a large message is searched without its file") {
  Fixture f({.full_text_index = false});
  const std::string header =
      "From: \"Ottilie\" <o@example.org>\r\nX: " + std::string(3000, 'x') + "\r\nList-Id: here\r\n\r\n";
  const std::string octets = header + "List-Id: there\r\n" + std::string(100'000, 'x') + "\r\n";
  // However it comes in.
  for (const std::size_t piece : {std::size_t{1000}, std::size_t{70'000}, octets.size()}) {
    Spool spool = f.account.spool(octets.size()).value();
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      spool.write(std::string_view(octets).substr(at, piece)).value();
    }
    spool.finish().value();
    std::vector<NewMessage> messages;
    messages.push_back({.content = std::move(spool)});
    f.inbox.append(std::move(messages)).value();
  }
  const auto check = [&f] {
    CHECK(search(f.inbox, text_key(Kind::from, "ottilie <o")) == std::vector<Uid>{1, 2, 3});
    CHECK(search(f.inbox, header_key("List-Id", "HERE")) == std::vector<Uid>{1, 2, 3});
    CHECK(search(f.inbox, header_key("List-Id", "there")).empty());
    CHECK(search(f.inbox, header_key("To", "")).empty());
  };
  const auto db = sqlite::Connection::open(f.account_directory() + "/mail.db", {}).value();
  const std::string large = f.account_directory() + "/large";
  std::filesystem::rename(large, large + ".away");
  check();
  std::filesystem::rename(large + ".away", large);
  // A row from before there was that column, and one that can't be right.
  for (const char* change :
       {"UPDATE body SET header = NULL WHERE id % 2", "UPDATE body SET header = x'58' WHERE id % 2 = 0"}) {
    db->execute(change).value();
    check();
  }
  std::filesystem::remove_all(large);
  CHECK(f.inbox.search(text_key(Kind::from, "ottilie"), UidSet::all(), 1).error().code == Errc::corrupt);
}

}  // namespace
}  // namespace postfach
