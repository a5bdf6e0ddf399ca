// Mailbox::thread: reads what threads are made of.
#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "body_reader.h"
#include "message/base_subject.h"
#include "message/envelope_view.h"
#include "message/message_ids.h"
#include "postfach/mailbox.h"
#include "sort_keys.h"
#include "sqlite/messages.h"
#include "store_impl.h"
#include "thread_tree.h"
#include "threads.h"

namespace postfach {

struct Threader::Impl {
  Impl(ThreadAlgorithm the_algorithm, Comparator the_comparator)
      : algorithm(the_algorithm), comparator(the_comparator), tree(the_algorithm, base::random_number()) {}

  void add(const sqlite::MessageRow& row, std::string_view envelope, const message::ThreadReferences& refs);

  ThreadAlgorithm algorithm;
  Comparator comparator;
  store::ThreadTree tree;
  // Kept from message to message.
  std::string scratch;
  std::string subject;
  std::string collated;
};

void Threader::Impl::add(const sqlite::MessageRow& row, std::string_view envelope,
                         const message::ThreadReferences& refs) {
  message::EnvelopeView view(envelope);
  store::ThreadMessage message;
  message.uid = row.uid;
  message.sent = store::sent_date(view, row.internal_date, scratch);
  const auto text = view.text(message::EnvelopeField::subject, scratch);
  const message::BaseSubject base = message::base_subject(text.value_or(std::string_view()), subject);
  message.is_reply_or_forward = base.is_reply_or_forward;
  if (!base.text.empty()) {
    collated.clear();
    store::append_collated(collated, base.text, comparator);
    message.subject = base::stable_hash(collated);
  }
  message.id = refs.id;
  message.references = refs.references;
  tree.add(message);
}

Threader::Threader(ThreadAlgorithm algorithm, Comparator comparator)
    : impl_(std::make_unique<Impl>(algorithm, comparator)) {}
Threader::Threader(Threader&&) noexcept = default;
Threader& Threader::operator=(Threader&&) noexcept = default;
Threader::~Threader() = default;

std::vector<ThreadNode> Threader::finish() { return impl_->tree.finish(); }

Result<Uid> Mailbox::thread(Threader& threader, const UidSet& within, Uid from, SearchBudget budget) const {
  const UidSet uids = within.intersection(UidSet::of(std::max<Uid>(from, 1), UINT32_MAX));
  const std::string large = impl_->account->store->locate(impl_->account->id).large;
  return impl_->account->read([&](sqlite::Connection& db) -> Result<Uid> {
    if (auto mailbox = store::load_selectable(db, impl_->id); !mailbox) return mailbox.error();
    Threader::Impl& impl = threader.impl();
    const bool needs_refs = impl.algorithm == ThreadAlgorithm::references;
    const sqlite::Wide refs_columns = sqlite::Wide::thread_refs | sqlite::Wide::header_size;
    const sqlite::Wide columns = needs_refs ? sqlite::Wide::envelope | refs_columns : sqlite::Wide::envelope;
    sqlite::MessageCursor messages(db, impl_->id, uids, columns);
    message::ThreadReferences refs;
    store::BodyReader reader(db, large);
    std::uint64_t bytes = 0;
    for (std::uint32_t count = 0; messages.next(); ++count) {
      const sqlite::MessageRow& row = messages.row();
      if (count > 0 && (count >= budget.messages || bytes + reader.bytes_read() >= budget.bytes)) return row.uid;
      const sqlite::WideRow wide = messages.wide();
      if (!wide.thread_refs.empty()) {
        message::unpack(wide.thread_refs, refs);
      } else if (needs_refs) {
        reader.enter(row.body_id, row.size);
        auto packed = store::pack_stored_references(reader, wide.header_size);
        if (!packed) return packed.error();
        message::unpack(*packed, refs);
      }
      impl.add(row, wide.envelope, refs);
      bytes += wide.envelope.size();
      if (impl.tree.octets() > Threader::kMostOctets) return Error{Errc::limit, "too many messages to thread"};
    }
    if (!messages.ok()) return messages.error();
    return Uid{0};
  });
}

}  // namespace postfach
