#include "message/base_subject.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "base/ascii.h"
#include "cpu_time.h"

namespace postfach::message {
namespace {

struct Case {
  std::string subject;
  std::string base;
  bool is_reply_or_forward = false;
};

TEST_CASE("base subjects") {
  const Case cases[] = {
      {"", ""},
      {"hello", "hello"},
      {"Hello  there\tworld \r\n again", "Hello there world again"},
      {"  hello  ", "hello"},
      // subj-refwd
      {"Re: hello", "hello", true},
      {"RE:hello", "hello", true},
      {"re : hello", "hello", true},
      {"Fw: hello", "hello", true},
      {"FWD: hello", "hello", true},
      {"fw : fwd: re: hello", "hello", true},
      {"Re[2]: hello", "hello", true},
      {"Re [2] : hello", "hello", true},
      {"Re[2]hello", "Re[2]hello"},
      {"Re hello", "Re hello"},
      {"Reply: hello", "Reply: hello"},
      {"Fwdd: hello", "Fwdd: hello"},
      {"Re:", "", true},
      {"Re: ", "", true},
      {"Re: Re:", "", true},
      {"Re[a][b]: hello", "Re[a][b]: hello"},
      {"AW: hello", "AW: hello"},  // §7: translations are not taken off
      // subj-blob
      {"[list] hello", "hello"},
      {"[list][other] hello", "hello"},
      {"[list]", "[list]"},
      {"[list] [other]", "[other]"},
      {"[list] (fwd)", "[list]", true},
      {"[list] Re: hello", "hello", true},
      {"[a] [b] Re[c]: [d] hello", "hello", true},
      {"[a[b]] hello", "[a[b]] hello"},
      {"[a hello", "[a hello"},
      {"a] hello", "a] hello"},
      {"[] hello", "hello"},
      {"Re: [list]", "[list]", true},
      {"Re: [list] Re: [list]", "[list]", true},
      {"hello [list]", "hello [list]"},
      // subj-trailer
      {"hello (fwd)", "hello", true},
      {"hello(FWD)", "hello", true},
      {"hello (fwd) (fwd)  ", "hello", true},
      {"(fwd)", "", true},
      {"hello (fwd) there", "hello (fwd) there"},
      // subj-fwd
      {"[fwd: hello]", "hello", true},
      {"[Fwd: Re: [list] hello (fwd)]", "hello", true},
      {"[fwd: [fwd: [fwd: hello]]]", "hello", true},
      {"Re: [fwd: hello] (fwd)", "hello", true},
      {"[fwd: hello] there", "there"},
      {"[fwd: hello", "[fwd: hello"},
      {"[fwd:]", "", true},
      {"[list] [fwd: hello]", "hello", true},
      {"[fwd: [list]]", "[list]", true},
      {"[fwd: a [b] c]", "a [b] c", true},
      // RFC 2047
      {"=?utf-8?Q?Re=3A_Gr=C3=BC=C3=9Fe?=", "Grüße", true},
      {"Re: =?iso-8859-1?B?R3L832U=?= (fwd)", "Grüße", true},
      {"=?utf-8?Q?a=09_=20b?=", "a b"},
      {"=?utf-8?Q?=5Blist=5D?= hello", "hello"},
      {"=?broken", "=?broken"},
      {"Re: Gr\xFC\xDF"
       "e",
       "Grüße", true},
  };
  std::string buffer;
  for (const Case& each : cases) {
    INFO(each.subject);
    const BaseSubject subject = base_subject(each.subject, buffer);
    CHECK(std::string(subject.text) == each.base);
    CHECK(subject.is_reply_or_forward == each.is_reply_or_forward);
  }
}

// The rules of RFC 5256 §2.1 as they are written, one removal after the other.
struct Model {
  std::string text;
  bool is_reply_or_forward = false;

  bool blob(std::size_t& at) const {
    if (at >= text.size() || text[at] != '[') return false;
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '[' && text[end] != ']') ++end;
    if (end >= text.size() || text[end] != ']') return false;
    at = end + 1;
    while (at < text.size() && text[at] == ' ') ++at;
    return true;
  }
  bool refwd(std::size_t& at) const {
    const std::string lower = base::to_lower(text);
    for (const std::string word : {"re", "fwd", "fw"}) {
      if (lower.compare(at, word.size(), word) != 0) continue;
      std::size_t end = at + word.size();
      while (end < text.size() && text[end] == ' ') ++end;
      blob(end);
      if (end < text.size() && text[end] == ':') {
        at = end + 1;
        return true;
      }
    }
    return false;
  }
  bool remove_trailer() {
    if (text.ends_with(' ')) {
      text.pop_back();
      return true;
    }
    if (!base::to_lower(text).ends_with("(fwd)")) return false;
    text.resize(text.size() - 5);
    return is_reply_or_forward = true;
  }
  bool remove_leader() {
    if (text.starts_with(' ')) {
      text.erase(0, 1);
      return true;
    }
    for (std::size_t at = 0;;) {
      if (refwd(at)) {
        text.erase(0, at);
        return is_reply_or_forward = true;
      }
      if (!blob(at)) return false;
    }
  }
  bool remove_blob() {
    std::size_t at = 0;
    if (!blob(at) || at == text.size()) return false;
    text.erase(0, at);
    return true;
  }
  void run() {
    for (;;) {
      while (remove_trailer()) {
      }
      while (remove_leader() || remove_blob()) {
      }
      if (!base::to_lower(text).starts_with("[fwd:") || !text.ends_with("]")) return;
      text = text.substr(5, text.size() - 6);
      is_reply_or_forward = true;
    }
  }
};

TEST_CASE("random subjects are taken apart as the rules say") {
  const std::vector<std::string> pieces = {"re",  "fw", "fwd",   ":",   "[",  "]",    " ",  "(fwd)",
                                           "[a]", "x",  "[fwd:", "Re:", "[]", "[b] ", "] ", "(FWD) "};
  std::mt19937 random(3);
  std::string buffer;
  for (int round = 0; round < 50'000; ++round) {
    Model model;
    for (auto n = random() % 14; n > 0; --n) {
      const std::string& piece = pieces[random() % pieces.size()];
      // As step (1) leaves it.
      model.text += model.text.ends_with(' ') && piece.starts_with(' ') ? piece.substr(1) : piece;
    }
    const std::string subject = model.text;
    INFO(subject);
    model.run();
    const BaseSubject result = base_subject(subject, buffer);
    REQUIRE(std::string(result.text) == model.text);
    REQUIRE(result.is_reply_or_forward == model.is_reply_or_forward);
  }
}

TEST_CASE("long subjects take linear time") {
  const double started = test::cpu_seconds();
  std::string buffer;
  for (const char* piece : {"[a]", "[", "re:", "[fwd:", "re [a]", "(fwd)", " ", "re[", "[a] re", "=?utf-8?q?a?= "}) {
    std::string subject;
    while (subject.size() < 500'000) subject += piece;
    base_subject(subject, buffer);
    base_subject(subject + std::string(100'000, ']'), buffer);
  }
  CHECK(test::cpu_seconds() - started < test::kFarTooLong);
}

}  // namespace
}  // namespace postfach::message
