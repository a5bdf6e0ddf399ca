#include "corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "corpus_text.h"
#include "random.h"

namespace load {
namespace {

constexpr double kMedian = 8'000;
// The largest of 10,000 has about 2 MB: exp(3.85 sigma) = 250.
constexpr double kSigma = 1.43;
constexpr double kLargest = 2'000'000;
constexpr std::size_t kSmallText = 200;
// From here on a message is large because of what is attached to it.
constexpr std::size_t kLongText = 24'000;

// Each mark is in one of so many messages, at its own offset.
struct Place {
  std::size_t every, offset;
  std::string_view text;
};

constexpr Place place_of(Mark mark) {
  switch (mark) {
    case Mark::subject:
      return {97, 3, "Zephyrhills"};
    case Mark::from:
      return {61, 7, "Brandvoldsen"};
    case Mark::list:
      return {89, 11, "widgets.lists.example.net"};
    case Mark::body:
      return {101, 13, "xylographic"};
    case Mark::short_body:
      return {103, 17, "zq"};
  }
  return {1, 0, ""};
}

bool has(Mark mark, std::size_t index) {
  const Place place = place_of(mark);
  return index % place.every == place.offset;
}

// One message under construction.
class Writer {
 public:
  Writer(std::uint64_t seed, std::size_t index, bool small)
      : random_(seed * 1'000'003 + index), index_(index), small_(small) {}

  std::string write() {
    const double size = std::min(kMedian * std::exp(kSigma * random_.normal()), kLargest);
    header();
    const auto rest = static_cast<std::size_t>(std::max(size - static_cast<double>(out_.size()), 300.0));
    if (small_) {
      plain(kSmallText);
    } else if (rest > kLongText || random_.chance(15)) {
      with_attachment(rest);
    } else if (random_.chance(50)) {
      boundary_ = fmt::format("=_alt_{:016x}", random_.next());
      field("Content-Type", "multipart/alternative; boundary=\"" + boundary_ + '"');
      out_ += "\r\n";
      alternatives(rest);
    } else {
      plain(rest);
    }
    return std::move(out_);
  }

 private:
  void field(std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(out_), "{}: {}\r\n", name, value);
  }

  std::string message_id(std::size_t index) const {
    return fmt::format("<{:x}.{:06x}@mail{}.example.com>", 0x5f000000 + index * 7919, index, index % 7);
  }

  void header() {
    const auto date = mail_date(index_);
    const Person sender =
        has(Mark::from, index_) && !small_ ? Person{"Ottilie", place_of(Mark::from).text} : person(random_);
    for (int hop = 0; hop < (small_ ? 1 : 3); ++hop) {
      fmt::format_to(std::back_inserter(out_),
                     "Received: from relay{0}.example.com (relay{0}.example.com [192.0.2.{1}])\r\n"
                     "\tby mx{2}.example.org (Postfix) with ESMTPS id {3:010X}\r\n"
                     "\tfor <user@example.org>; {4}\r\n",
                     random_.below(9), random_.below(250) + 1, hop, random_.next() >> 24U, date);
    }
    if (!small_) {
      out_ +=
          "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=mail2026;\r\n\th=from:to:subject:"
          "date:message-id;\r\n\tbh=";
      append_base64(random_, out_, 44, "\r\n\t");
      out_ += ";\r\n\tb=";
      append_base64(random_, out_, 344, "\r\n\t ");
      out_ += "\r\n";
    }
    field("Date", date);
    field("From", mailbox_of(sender, random_));
    field("To", mailbox_of(person(random_), random_));
    if (!small_ && random_.chance(30)) {
      field("Cc", mailbox_of(person(random_), random_) + ",\r\n " + mailbox_of(person(random_), random_));
    }
    field("Message-ID", message_id(index_));
    subject_and_thread();
    if (!small_) lists();
    field("MIME-Version", "1.0");
  }

  void subject_and_thread() {
    const bool is_reply = index_ > 0 && random_.chance(40);
    if (is_reply) {
      const std::size_t parent = index_ - 1 - random_.below(std::min<std::size_t>(index_, 50));
      field("In-Reply-To", message_id(parent));
      field("References", parent > 0 ? message_id(parent - 1) + "\r\n " + message_id(parent) : message_id(parent));
    }
    std::string subject = is_reply ? "Re: " : "";
    if (!small_ && random_.chance(12)) {
      subject += encoded_subject(random_);
    } else {
      subject += words(random_, 3 + random_.below(6));
    }
    if (has(Mark::subject, index_) && !small_) subject.append("\r\n ").append(place_of(Mark::subject).text);
    field("Subject", subject);
  }

  void lists() {
    if (has(Mark::list, index_)) {
      field("List-Id", fmt::format("Widgets <{}>", place_of(Mark::list).text));
    } else if (random_.chance(30)) {
      field("List-Id", fmt::format("<team{}.lists.example.org>", random_.below(12)));
      field("List-Unsubscribe", "<https://lists.example.org/unsubscribe>");
    }
    if (random_.chance(60)) field("X-Mailer", "Mailer 10." + std::to_string(random_.below(9)));
  }

  // Text of about so many octets, with the marks of this message.
  void text(std::size_t size, std::string_view line_end) {
    const std::size_t begin = out_.size();
    while (out_.size() - begin < size) {
      append_line(random_, out_);
      out_ += line_end;
      if (small_) continue;
      // In the middle, once in each part.
      if (out_.size() - begin >= size / 2) {
        if (has(Mark::body, index_) && !marked_)
          fmt::format_to(std::back_inserter(out_), "{} ", place_of(Mark::body).text);
        if (has(Mark::short_body, index_) && !marked_) {
          fmt::format_to(std::back_inserter(out_), "{} ", place_of(Mark::short_body).text);
        }
        marked_ = true;
      }
    }
    out_ += "\r\n";
  }

  void plain(std::size_t size) {
    const bool is_encoded = !small_ && random_.chance(40);
    field("Content-Type", is_encoded ? "text/plain; charset=utf-8" : "text/plain; charset=us-ascii");
    if (is_encoded) field("Content-Transfer-Encoding", "quoted-printable");
    out_ += "\r\n";
    if (is_encoded) out_ += "Gr=C3=BC=C3=9Fe aus M=C3=BCnchen,\r\n\r\n";
    text(size, "\r\n");
  }

  void begin_part(std::string_view type, std::string_view encoding) {
    fmt::format_to(std::back_inserter(out_), "\r\n--{}\r\nContent-Type: {}\r\nContent-Transfer-Encoding: {}\r\n",
                   boundary_, type, encoding);
  }
  void end_parts() { fmt::format_to(std::back_inserter(out_), "\r\n--{}--\r\n", boundary_); }

  void alternatives(std::size_t size) {
    begin_part("text/plain; charset=utf-8", "7bit");
    out_ += "\r\n";
    text(size / 3, "\r\n");
    begin_part("text/html; charset=utf-8", "7bit");
    out_ += "\r\n<html><head><title>Mail</title></head><body>\r\n<p style=\"margin:0\">\r\n";
    text(size * 2 / 3, "<br>\r\n");
    out_ += "</p>\r\n</body></html>\r\n";
    end_parts();
  }

  void with_attachment(std::size_t size) {
    static constexpr std::string_view kTypes[] = {"application/pdf", "image/jpeg", "application/zip"};
    const std::string outer = fmt::format("=_mix_{:016x}", random_.next());
    field("Content-Type", "multipart/mixed; boundary=\"" + outer + '"');
    out_ += "\r\nThis is a message in MIME format.\r\n";
    boundary_ = fmt::format("=_alt_{:016x}", random_.next());
    fmt::format_to(std::back_inserter(out_), "\r\n--{}\r\nContent-Type: multipart/alternative; boundary=\"{}\"\r\n\r\n",
                   outer, boundary_);
    const std::size_t text_size = std::min<std::size_t>(size / 2, 2'000 + random_.below(4'000));
    alternatives(text_size);
    boundary_ = outer;
    const std::size_t type = random_.below(std::size(kTypes));
    begin_part(fmt::format("{}; name=\"file{}.bin\"", kTypes[type], random_.below(1'000)), "base64");
    fmt::format_to(std::back_inserter(out_), "Content-Disposition: attachment; filename=\"file{}.bin\"\r\n\r\n",
                   random_.below(1'000));
    append_base64(random_, out_, (size - text_size) * 76 / 78, "\r\n");
    out_ += "\r\n";
    end_parts();
  }

  Random random_;
  std::size_t index_;
  bool small_;
  bool marked_ = false;
  std::string boundary_;
  std::string out_;
};

}  // namespace

void Corpus::prepare(std::size_t count) {
  while (messages_.size() < count) {
    messages_.push_back(Writer(seed_, messages_.size(), kind_ == Kind::small).write());
  }
}

std::uint64_t Corpus::octets(std::size_t count) const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += messages_[i].size();
  return sum;
}

std::string_view Corpus::text_of(Mark mark) { return place_of(mark).text; }

std::size_t Corpus::count(Mark mark, std::size_t messages) {
  const Place place = place_of(mark);
  return messages <= place.offset ? 0 : (messages - place.offset - 1) / place.every + 1;
}

}  // namespace load
