#include "message/parameters.h"

#include <catch2/catch.hpp>
#include <string>

namespace postfach::message {
namespace {

// type/subtype;name=value;…
std::string read(std::string_view value, std::size_t most = 200) {
  const Parametrized field = parse_content_type(value, most);
  std::string out = field.type + "/" + field.subtype;
  for (const Parameter& parameter : field.parameters) out += ";" + parameter.name + "=" + parameter.value;
  return out;
}

struct Case {
  const char* value;
  const char* read;
};

TEST_CASE("Content-Type") {
  const Case cases[] = {
      {"text/plain", "text/plain"},
      {" TEXT/Html; Charset=UTF-8", "TEXT/Html;Charset=UTF-8"},
      {"text/plain; charset=\"us-ascii\"; format = flowed", "text/plain;charset=us-ascii;format=flowed"},
      {"(c)text(d)/(e)plain(f);(g)a(h)=(i)b(j)", "text/plain;a=b"},
      {"a/b; n=\"x \\\"y\\\\ ; z\"", "a/b;n=x \"y\\ ; z"},
      {"a/b;\r\n\tn=\"x\r\n y\"", "a/b;n=x y"},
      {"a/b;;; ; n=1;", "a/b;n=1"},
      {"a/b; n; m=1; =2; o=", "a/b;m=1;o="},
      {"a/b; n=J\xC3\xB6rg.txt", "a/b;n=J\xC3\xB6rg.txt"},
      // Values that should have been quoted.
      {"multipart/mixed; boundary=----=_Part/1:2", "multipart/mixed;boundary=----=_Part/1:2"},
      {"a/b; n=foo bar.txt; m=1", "a/b;n=foo;m=1"},
      {"a/b garbage; m=1", "a/b;m=1"},
      {"a/b; n=\"unclosed; m=1", "a/b;n=unclosed; m=1"},
      {"a/b; n=\"x\\", "a/b;n=x\\"},
      {"a/b; (unclosed; m=1", "a/b;m=1"},
      {"a/b (c\\", "a/b"},
      // RFC 2045 §5.2: not to be read at all.
      {"", "/"},
      {"text", "/"},
      {"/plain", "/"},
      {"text/", "/"},
      {"text/; a=b", "/"},
      {"\"text\"/plain", "/"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(read(each.value) == each.read);
  }
}

TEST_CASE("parameters in pieces (RFC 2231)") {
  const Case cases[] = {
      {"a/b; n*0=\"x y\"; n*1=z", "a/b;n=x yz"},
      {"a/b; n*1=z; m=1; N*0=x", "a/b;N=xz;m=1"},
      {"a/b; n*0*=utf-8'en'J%C3%B6; n*1*=rg", "a/b;n*=utf-8'en'J%C3%B6rg"},
      {"a/b; n*0*=utf-8''J%C3%B6; n*1=\"r g%\"; n*2*=%21", "a/b;n*=utf-8''J%C3%B6r%20g%25%21"},
      {"a/b; n*0=x; n*1*=%20", "a/b;n*=''x%20"},
      {"a/b; n*=utf-8''x%20y", "a/b;n*=utf-8''x%20y"},
      {"a/b; n*0=x; n*1=y; n=z", "a/b;n=xy;n=z"},
      // With a piece missing, or there twice, they are left alone.
      {"a/b; n*0=x; n*2=z", "a/b;n*0=x;n*2=z"},
      {"a/b; n*1=x", "a/b;n*1=x"},
      {"a/b; n*0=x; n*0=y", "a/b;n*0=x;n*0=y"},
      {"a/b; n*x=1; n**=2; *0=3", "a/b;n*x=1;n**=2;=3"},
      {"a/b; n*99999999999999999999=1", "a/b;n*99999999999999999999=1"},
  };
  for (const Case& each : cases) {
    INFO(each.value);
    CHECK(read(each.value) == each.read);
  }
}

TEST_CASE("no more parameters than asked for") { CHECK(read("a/b; c=1; d=2; e=3", 2) == "a/b;c=1;d=2"); }

TEST_CASE("Content-Disposition") {
  const Parametrized field = parse_content_disposition(" ATTACHMENT; filename=\"a b.txt\"; size=3", 200);
  CHECK(field.type == "ATTACHMENT");
  CHECK(field.parameters == std::vector<Parameter>{{"filename", "a b.txt"}, {"size", "3"}});
  CHECK(parse_content_disposition("", 200).type.empty());
  CHECK(parse_content_disposition("; filename=x", 200).type.empty());
}

TEST_CASE("tokens and lists of them") {
  CHECK(parse_token(" (c) BASE64 (d)") == "BASE64");
  CHECK(parse_token("base64;") == "base64");
  CHECK(parse_token("\"base64\"").empty());
  using List = std::vector<std::string>;
  CHECK(parse_token_list("en, de (German) ,fr", 200) == List{"en", "de", "fr"});
  CHECK(parse_token_list(" ", 200).empty());
  CHECK(parse_token_list(",,en,,", 200) == List{"en"});
  CHECK(parse_token_list("a,b,c", 2) == List{"a", "b"});
}

}  // namespace
}  // namespace postfach::message
