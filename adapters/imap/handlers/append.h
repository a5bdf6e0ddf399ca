// APPEND (RFC 9051 §6.3.12) and REPLACE (RFC 8508): the commands whose arguments never are in memory as a whole.
//
// The command begins at the announcement of its first literal. What can be refused is refused before the client sends
// it; then octets go into a spool as they come, and those of a URL are copied there in steps. When the command ends, all
// its messages are stored in one transaction, or none (RFC 3502). Where it has a single one, that waits for those of the
// APPENDs that follow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catenate.h"
#include "imap/command/append.h"
#include "message/nul_encoder.h"
#include "postfach/mailbox.h"
#include "task.h"

namespace postfach::imap {

class AppendTask : public Task {
 public:
  // text: what stands behind the mailbox name.
  AppendTask(Append arguments, const AppendParser::Syntax& syntax, std::string_view text);
  AppendTask(Replace arguments, bool uid, const AppendParser::Syntax& syntax, std::string_view text);

  Step step(Context& context, std::string& out, std::size_t soft_limit) override;
  void octets(std::string_view octets) override;
  void text(std::string_view text) override { parser_.set_text(text); }
  // APPENDs, but not REPLACE.
  Joins joins() const override { return number_ ? Joins::nothing : Joins::append; }
  void carry_out(Context& context, std::span<Task* const> tasks) override;
  // An open file is as dear as what it keeps out of memory at least.
  std::size_t held_octets() const override { return memory_ + files_ * kFileCost; }
  Usage held() const noexcept { return gathered_; }

 private:
  static constexpr std::size_t kFileCost = std::size_t{64} * 1024;

  // What step() does next.
  enum class Work : std::uint8_t { parse, literal, url, copy, encode, store };

  // Each returns what step() returns, or nothing if it goes on.
  std::optional<Step> parse(Context& context);
  std::optional<Step> begin_literal(Context& context);
  std::optional<Step> begin_url(Context& context);
  std::optional<Step> copy_url(std::uint64_t& budget);
  std::optional<Step> end_message(const Context& context);
  std::optional<Step> encode(std::uint64_t& budget);
  std::optional<Step> gather();
  Step store(Context& context, std::string& out);
  Step tell_appended(Context& context);
  bool appends_to_selected(const Context& context) const;
  Step refuse(Answer answer);

  // Why so much more of the current message may not come.
  std::optional<Answer> objection(Context& context, std::uint64_t more);
  Result<void> check_quota(Context& context, Usage added, std::uint64_t largest) const;
  std::optional<Answer> find_mailboxes(Context& context);
  // Into the current message.
  void write(std::string_view octets);

  std::string mailbox_;
  std::optional<Mailbox> target_;
  std::optional<NumberSet> number_;  // REPLACE: of the message that goes
  bool is_uid_ = false;
  Uid replaced_ = 0;
  Usage freed_;  // by that message
  AppendParser parser_;
  Work work_ = Work::parse;
  std::optional<Answer> trouble_;  // met while octets came

  std::vector<NewMessage> messages_;  // complete
  std::optional<Result<Appended>> appended_;
  Usage gathered_;
  std::size_t memory_ = 0;
  std::size_t files_ = 0;
  std::size_t parts_ = 0;  // literals and URLs

  // Of the current message:
  std::optional<Spool> spool_;
  bool may_have_nul_ = false;  // what comes
  bool has_nul_ = false;       // what came
  bool takes_url_ = false;     // the octets that come are a URL
  std::string url_;
  std::optional<UrlOctets> source_;
  std::uint64_t copied_ = 0;
  std::string piece_;
  std::optional<Spool> encoded_;
  std::optional<message::NulEncoder> encoder_;
};

}  // namespace postfach::imap
