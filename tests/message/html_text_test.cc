#include "message/html_text.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/utf8.h"
#include "cpu_time.h"

namespace postfach::message {
namespace {

std::string text_of(std::string_view html) {
  HtmlText text;
  std::string out;
  text.feed(html, out);
  text.finish(out);
  return out;
}

TEST_CASE("HTML as somebody reads it") {
  const struct {
    const char* html;
    const char* text;
  } cases[] = {
      {"plain", "plain"},
      {"<p>One</p><p>Two</p>", "One\nTwo\n"},
      {"a<br>b<BR/>c", "a\nb\nc"},
      {"bo<b>l</b>d", "bold"},
      {"<td>a</td><td>b</td>", "a  b "},
      {"<a href='x>y'>link</a>", "link"},
      {"<a href=\"x>y\" title=a>link</a>", "link"},
      {"<a href=x'>y'>", "y'>"},
      {"a < b <3 <> </> c", "a < b <3 <>  c"},
      {"x<", "x<"},
      {"a<!-- no > -- - no -->b", "ab"},
      {"a<!-->b<!--->c<!-- --!>d", "abcd"},
      {"<!DOCTYPE html><?xml version='1'?>a</ b>c", "ac"},
      {"<!--[if mso]><p>Outlook</p><![endif]-->all<![if !mso]>b<![endif]>", "allb"},
      {"<style>p { color: red } </p></style>a", "a"},
      {"<script>if (a < b) '</scr' + '</p>'</script >b", "b"},
      {"<SCRIPT>x</SCRIPTS></Script x=1>b", "b"},
      {"<title>no</title><textarea>no</textarea>b", "b"},
      {"<svg><text>no</text></svg><template>no</template>b", "b"},
      {"<head><meta charset=x><title>t</title></head><body>b", "b"},
      {"1<hr>2", "1\n----------\n2"},
      {"<pre>a\n  b</pre>", "a\nb\n"},
      {"a\nb\r\nc", "a b  c"},
      {"<p>mine</p><blockquote type=cite>yours<br>too</blockquote>mine", "mine\n>yours\n>too\nmine"},
      {"<div>a<div class=\"x gmail_quote\">b<div>c</div>d</div>e</div>", "a\n>b\n>c\n>d\ne\n"},
      {"seen<div style='Display : None'>hidden<div>inner</div>still</div>again", "seen\nagain"},
      {"seen<span hidden>no</span><span style=\"opacity:0\">no</span><i style='opacity:0.5'>yes</i>", "seenyes"},
      {"seen<p style='max-height:0px;overflow:hidden'>no</p><p style='max-height:05px'>yes</p>", "seen\nyes\n"},
      {"seen<td style='font-size:0px'><p>a layout</p></td>", "seen \na layout\n"},
      {"<div style='display:none'>summary</div><div style='display:none'>no</div>Hello", "summary\nHello"},
      {"<img src=x style='display:none'>after", "after"},
      {"&lt;b&gt; &amp;amp; &auml;&#228;&#xe4;&euro;&#128;",
       "<b> &amp; \xC3\xA4\xC3\xA4\xC3\xA4\xE2\x82\xAC\xE2\x82\xAC"},
      {"&nbsp;x", "\xC2\xA0x"},
      {"AT&T &copy 1 &nope; &auml &#; &#x; &euro", "AT&T \xC2\xA9 1 &nope; \xC3\xA4 &#; &#x; &euro "},
      {"&#0;&#55296;&#x110000;&#99999999999;", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"&amp", "& "},
      {"&<b>x</b>", "&x"},
  };
  for (const auto& each : cases) {
    INFO(each.html);
    CHECK(text_of(each.html) == each.text);
  }
}

TEST_CASE("what is skipped ends where it ends") {
  CHECK(text_of("<svg><svg/><text>no</text></svg>shown") == "shown");
  CHECK(text_of("<svg><svg>no</svg>no</svg>shown") == "shown");
  CHECK(text_of("<svg/>shown") == "shown");
  CHECK(text_of("x<div hidden><div/>no</div>no</div>shown") == "x\nshown");
}

TEST_CASE("alternative texts of pictures") {
  HtmlText text;
  std::string out;
  text.feed("<img alt='Spring sale'><img src=a alt=\"50% off\"><img alt=>", out);
  CHECK(out.empty());
  CHECK(text.pictures().starts_with("Spring sale 50% off"));
}

TEST_CASE("HTML cut anywhere gives the same text, which is UTF-8") {
  const char* const tokens[] = {"<",
                                ">",
                                "<p>",
                                "</p>",
                                "<!--",
                                "-->",
                                "&",
                                "amp;",
                                "\"",
                                "'",
                                "=",
                                " ",
                                "style",
                                "=\"display:none\"",
                                "<div ",
                                "</div>",
                                "<script>",
                                "</script>",
                                "\n",
                                "/",
                                "!",
                                "-",
                                "a",
                                "\xC3\xA4",
                                "\xE2\x82\xAC",
                                "&#x20ac;",
                                "<blockquote>",
                                "</blockquote>",
                                "<hr>",
                                "<pre>",
                                "hidden",
                                "&zwnj"};
  std::minstd_rand random(3);
  for (int round = 0; round < 3000; ++round) {
    std::string html;
    for (auto n = random() % 30; n > 0; --n) html += tokens[random() % std::size(tokens)];
    CAPTURE(html);
    HtmlText pieces;
    std::string out;
    for (std::size_t at = 0; at < html.size();) {
      const std::size_t size = 1 + random() % 5;
      pieces.feed(std::string_view(html).substr(at, size), out);
      at += size;
    }
    pieces.finish(out);
    REQUIRE(out == text_of(html));
    REQUIRE(base::is_utf8(out));
  }
}

TEST_CASE("hostile HTML takes linear time") {
  const auto repeat = [](std::string_view text) {
    std::string all;
    while (all.size() < 4 * 1024 * 1024) all += text;
    return all;
  };
  for (const char* text : {"<", "<!--", "<!", "<a href='", "<div style='display:none'>", "<blockquote>", "<script>",
                           "</", "&", "&#", "<x ", "<p a=b c=d e=f>", "<div hidden><p hidden>", "</div>",
                           "<script></scrip", "<svg>", "<a =", "<!-- -", "<pre>\n"}) {
    CAPTURE(text);
    const std::string html = repeat(text);
    const double begin = test::cpu_seconds();
    CHECK(text_of(html).size() <= html.size() * 2 + 16);
    CHECK(test::cpu_seconds() - begin < test::kFarTooLong);
  }
  CHECK(text_of("<p " + repeat("a=b ") + ">x") == "x");
}

}  // namespace
}  // namespace postfach::message
