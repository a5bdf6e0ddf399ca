#include "message/preview.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "base/base64.h"
#include "base/utf8.h"
#include "support.h"

namespace postfach::message {
namespace {

struct Made {
  std::string text;
  std::size_t octets = 0;  // that were read
};

Made make(const std::string& message) {
  Made made;
  const auto read = [&](Range range) -> Result<std::string_view> {
    REQUIRE(range.offset + range.size <= message.size());
    made.octets += range.size;
    return std::string_view(message).substr(range.offset, range.size);
  };
  made.text = make_preview(parse(message).sections, read).value();
  CHECK(made.octets <= kPreviewOctets);
  return made;
}

std::string preview(std::string_view message) { return make(crlf(message)).text; }

TEST_CASE("previews of simple messages") {
  CHECK(preview("Subject: x\n\nHello,\n  world!\n") == "Hello, world!");
  CHECK(preview("Subject: x\n\n").empty());
  CHECK(preview("").empty());
  CHECK(preview("Content-Type: text/html\n\n<p>Hello <b>world</b>") == "Hello world");
  CHECK(
      preview(
          "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\nJ=F6rg=\n!") ==
      "J\xC3\xB6rg!");
  CHECK(preview("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nSMOkbGxv\n") ==
        "H\xC3\xA4llo");
  CHECK(preview("Content-Type: text/plain; charset=iso-2022-jp\n\n\x1B$B$3\x1B(B") == "\xE3\x81\x93");
  CHECK(preview("Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n").empty());
  CHECK(preview("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIAGCSqGSIb3\n").empty());
  CHECK(preview("\n> only quoted\n") == "only quoted");
  CHECK(preview("\n-- \nAnn") == "Ann");
  CHECK(preview("\nBEGIN:VCALENDAR\nVERSION:2.0\n").empty());
  CHECK(preview("Content-Type: text/html\n\n<img src=x alt='Spring &amp; sale'>") == "Spring & sale");
}

TEST_CASE("which part of a message is shown") {
  const auto multipart = [](std::string_view subtype, std::initializer_list<std::string_view> parts) {
    std::string text = "Content-Type: multipart/" + std::string(subtype) + "; boundary=b\n\npreamble\n";
    for (const std::string_view part : parts) text += "--b\n" + std::string(part) + "\n";
    return preview(text + "--b--\n");
  };
  const char* const html = "Content-Type: text/html\n\n<p>HTML text";
  CHECK(multipart("alternative", {"\nplain text", html}) == "plain text");
  CHECK(multipart("alternative", {"\n \n", html}) == "HTML text");
  CHECK(multipart("alternative", {"\nYour program can not show HTML.", html}) == "HTML text");
  CHECK(multipart("alternative", {"\nWe love HTML.", "Content-Type: text/html\n\n<p>"}) == "We love HTML.");
  CHECK(multipart("mixed", {html, "\na footer of the list"}) == "HTML text");
  CHECK(multipart("mixed", {"Content-Disposition: attachment\n\nan attached log", "\nthe text"}) == "the text");
  CHECK(multipart("mixed", {"Content-Type: application/pdf\n\nx",
                            "Content-Type: text/plain\nContent-Disposition: attachment\n\nlog"})
            .empty());
  CHECK(multipart("alternative", {"Content-Type: text/x-amp-html\n\n<p>amp", html}) == "HTML text");
  CHECK(multipart("mixed", {"Content-Type: text/calendar\n\nBEGIN:VCALENDAR"}).empty());
  CHECK(multipart("mixed", {"Content-Type: message/rfc822\n\nSubject: in\n\ninner"}) == "inner");
  CHECK(multipart("mixed", {"\nouter", "Content-Type: message/rfc822\n\nSubject: in\n\ninner"}) == "outer");
  CHECK(multipart("signed", {"\nsigned text", "Content-Type: application/pgp-signature\n\nsig"}) == "signed text");
  CHECK(multipart("encrypted; protocol=\"application/pgp-encrypted\"",
                  {"Content-Type: application/pgp-encrypted\n\nVersion: 1",
                   "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----"})
            .empty());
  CHECK(multipart("mixed", {"\n> quoted", "Content-Type: text/html\n\n<p>own"}) == "own");
}

TEST_CASE("a preview has at most 200 characters and reads little") {
  std::string text;
  for (int i = 0; i < 300'000; ++i) text += "\xC3\xA4";
  Made made = make("Content-Type: text/plain; charset=utf-8\r\n\r\n" + text);
  CHECK(made.text.size() == 400);
  CHECK(made.octets <= 4096);

  made = make("Content-Type: text/html\r\n\r\n<style>" + std::string(50'000, 'x') + "</style><p>text");
  CHECK(made.text == "text");
  made = make("Content-Type: text/html\r\n\r\n<style>" + std::string(1'000'000, 'x') + "</style><p>text");
  CHECK(made.text.empty());
  CHECK(made.octets == kPreviewOctets);

  made = make(crlf("Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n") +
              base::base64_encode("<style>" + std::string(30'000, 'x') + "</style><p>text"));
  CHECK(made.text == "text");
}

TEST_CASE("a newsletter as it comes") {
  CHECK(preview("Content-Type: text/html; charset=utf-8\n\n"
                "<!DOCTYPE html><html><head><title>Weekly</title><style>td{color:red}</style></head><body>\n"
                "<!-- tracking --><div style=\"display:none;max-height:0\">Your week in five lines"
                "&zwnj;&nbsp;&zwnj;&nbsp;&#847;&#8203;</div>\n"
                "<table><tr><td style=\"font-size:0px\"><a href=\"https://x.example/?a=1&b=2\">View in browser</a></td>"
                "<td>Hello&nbsp;Ann,</td></tr></table><p>this &amp; that &hellip;</p>\n"
                "<script>track('</p>')</script><div style=\"display: none\">invisible</div>"
                "<img width=1 height=1 alt=pixel></body></html>") ==
        "Your week in five lines View in browser Hello Ann, this & that \xE2\x80\xA6");
}

TEST_CASE("HTML replies") {
  CHECK(preview(
            "Content-Type: text/html\n\n<div dir=ltr>Sure!</div><br><div class=gmail_quote><div dir=ltr "
            "class=gmail_attr>On Mon, Bob wrote:<br></div><blockquote class=gmail_quote>Coming?</blockquote></div>") ==
        "Sure!");
  CHECK(preview("Content-Type: text/html\n\n<p>Sure!</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>"
                "<p><b>From:</b> Bob<br><b>Sent:</b> Monday<br></p></div><p>Coming?</p>") == "Sure!");
  CHECK(preview("Content-Type: text/html\n\n<p>Sure!</p><div class=moz-cite-prefix>On 1/2/23 10:00, Bob wrote:<br>"
                "</div><blockquote type=cite>Coming?</blockquote>") == "Sure!");
}

TEST_CASE("random messages give a line of UTF-8, whatever they are") {
  std::minstd_rand random(9);
  const char* const tokens[] = {"Content-Type: text/html\r\n",
                                "Content-Type: multipart/mixed; boundary=b\r\n",
                                "\r\n",
                                "--b\r\n",
                                "--b--\r\n",
                                "<p>",
                                "text",
                                "\xFF",
                                "\xE2\x82",
                                "&#1;",
                                "\x1B$B",
                                "=E2=80",
                                "Content-Transfer-Encoding: quoted-printable\r\n",
                                "charset=iso-2022-jp",
                                "<",
                                "> ",
                                "Content-Type: text/plain; charset=utf-7\r\n",
                                "+AGE-",
                                "\x01\x02",
                                " "};
  for (int round = 0; round < 3000; ++round) {
    std::string message;
    for (auto n = random() % 40; n > 0; --n) message += tokens[random() % std::size(tokens)];
    CAPTURE(message);
    const std::string text = make(message).text;
    REQUIRE(base::is_utf8(text));
    for (const char c : text) REQUIRE(static_cast<unsigned char>(c) >= 0x20);
    REQUIRE(text.size() <= 800);
  }
}

TEST_CASE("an error of the reader is the error") {
  const auto failing = [](Range) -> Result<std::string_view> { return Error{Errc::unavailable, "disk"}; };
  CHECK(make_preview(parse("Subject: x\r\n\r\ntext").sections, failing).error().code == Errc::unavailable);
  CHECK(make_preview("damaged", failing).value().empty());
}

}  // namespace
}  // namespace postfach::message
