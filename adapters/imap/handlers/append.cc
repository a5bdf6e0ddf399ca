#include "append.h"

namespace postfach::imap {
namespace {

Answer too_big() { return no("The message is too big", "TOOBIG"); }

}  // namespace

std::variant<Answer, std::unique_ptr<AppendTask>> AppendTask::begin(Context& context, Append append) {
  const Result<Mailbox> target = context.account->mailbox(append.mailbox);
  if (!target) return failed_target(target.error());
  if (append.size == 0) return no("A message needs at least one octet");
  if (append.size > context.store.options().max_message_size) return too_big();
  Result<Spool> spool = context.account->spool(append.size);
  if (!spool) return spool.error().code == Errc::limit ? too_big() : failed(spool.error());
  NewMessage message{.content = *std::move(spool),
                     .flags = append.flags.flags,
                     .keywords = std::move(append.flags.keywords),
                     .internal_date = append.internal_date};
  return std::unique_ptr<AppendTask>(new AppendTask(*target, std::move(message)));
}

void AppendTask::data(std::string_view octets) {
  if (trouble_) return;
  const Result<void> written = message_.content.write(octets);
  if (!written) trouble_ = written.error().code == Errc::limit ? too_big() : failed(written.error());
}

Task::Step AppendTask::step(Context&, std::string&, std::size_t) {
  if (trouble_) return done(*std::move(trouble_));
  const Result<Appended> appended = target_.append(std::move(message_));
  if (!appended) return done(failed_target(appended.error()));
  return done(ok("Append completed", code_append_uid(*appended)));
}

}  // namespace postfach::imap
