#include "message/envelope_view.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>

#include "support.h"

namespace postfach::message {
namespace {

std::string text_of(EnvelopeView& view, EnvelopeField field) {
  std::string scratch;
  const auto text = view.text(field, scratch);
  return text ? std::string(*text) : "nothing";
}

// "name|mailbox|host"
std::string address_of(EnvelopeView& view, EnvelopeField field) {
  const auto address = view.first_address(field);
  if (!address) return "nothing";
  std::string out;
  for (const std::string_view token : {address->name, address->mailbox, address->host}) {
    std::string scratch;
    const auto text = read_nstring(token, scratch);
    out += (out.empty() ? "" : "|") + (text ? std::string(*text) : "-");
  }
  return out;
}

TEST_CASE("what the parser wrote is read back, in any order") {
  const std::string envelope = parse(crlf("Date: Mon, 1 Jan 2024 00:00:00 +0000\n"
                                          "Subject: say \"hi\" \\ J\xC3\xB6rg\n"
                                          "From: \"A \\\"B\\\" C\" <a@b>, second@x\n"
                                          "To: list: c@d;, e@f\n"
                                          "Cc: J\xC3\xB6rg <g@h>\n"
                                          "In-Reply-To: <r@s>\n"
                                          "Message-ID: <\"m\"@n>\n\n"))
                                   .envelope;
  {
    EnvelopeView view(envelope);
    CHECK(text_of(view, EnvelopeField::message_id) == "<\"m\"@n>");
    CHECK(text_of(view, EnvelopeField::subject) == "say \"hi\" \\ J\xC3\xB6rg");
    CHECK(text_of(view, EnvelopeField::date) == "Mon, 1 Jan 2024 00:00:00 +0000");
    CHECK(address_of(view, EnvelopeField::from) == "A \"B\" C|a|b");
    CHECK(address_of(view, EnvelopeField::sender) == "A \"B\" C|a|b");
    CHECK(address_of(view, EnvelopeField::bcc) == "nothing");
  }
  EnvelopeView view(envelope);
  CHECK(address_of(view, EnvelopeField::cc) == "J\xC3\xB6rg|g|h");
  CHECK(address_of(view, EnvelopeField::to) == "-|list|-");  // the start of the group
  CHECK(text_of(view, EnvelopeField::in_reply_to) == "<r@s>");
  CHECK(text_of(view, EnvelopeField::subject) == "say \"hi\" \\ J\xC3\xB6rg");
}

TEST_CASE("absent fields are nothing, empty ones are empty") {
  const std::string envelope = parse(crlf("Subject:\n\n")).envelope;
  EnvelopeView view(envelope);
  CHECK(text_of(view, EnvelopeField::date) == "nothing");
  CHECK(text_of(view, EnvelopeField::subject).empty());
  CHECK(address_of(view, EnvelopeField::from) == "nothing");
}

TEST_CASE("envelopes that are none are read within their bounds") {
  const std::string good = parse(crlf("Date: x\nSubject: J\xC3\xB6rg\nFrom: \"a\\\"\" <b@c>\nTo: d@e\n\n")).envelope;
  std::mt19937 random(5);
  for (int round = 0; round < 20'000; ++round) {
    std::string text = good.substr(0, random() % (good.size() + 1));
    for (auto n = random() % 3; n > 0 && !text.empty(); --n) {
      text[random() % text.size()] = "(){}\"\\ N0199\r\n"[random() % 14];
    }
    // On the heap, so that a tool sees where it ends.
    const std::vector<char> exact(text.begin(), text.end());
    EnvelopeView view(std::string_view(exact.data(), exact.size()));
    for (int field = 0; field < 10; ++field) {
      text_of(view, static_cast<EnvelopeField>(field));
      address_of(view, static_cast<EnvelopeField>(field));
    }
  }
  for (const char* text : {"", "(", "()", "(NIL", "(\"", "({", "({5}", "({5}\r\n", "({99999999999999999999}\r\nab",
                           "((((", "(NIL NIL ((NIL", "))))", "(\"a\\"}) {
    EnvelopeView view(text);
    CHECK(address_of(view, EnvelopeField::to) == "nothing");
  }
}

}  // namespace
}  // namespace postfach::message
