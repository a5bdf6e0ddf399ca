// Mailbox: what it is and what is in it.
#include "postfach/mailbox.h"

#include <optional>

#include "body_reader.h"
#include "message/preview.h"
#include "names.h"
#include "object_ids.h"
#include "postfach/account.h"
#include "spool.h"
#include "sqlite/keywords.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {
namespace {

sqlite::Wide wide_of(Field fields) noexcept {
  sqlite::Wide wide = sqlite::Wide::none;
  if (has(fields, Field::envelope)) wide = wide | sqlite::Wide::envelope;
  if (has(fields, Field::body_structure)) wide = wide | sqlite::Wide::body_structure;
  if (has(fields, Field::sections) || has(fields, Field::preview)) {
    wide = wide | sqlite::Wide::sections | sqlite::Wide::header_size;
  }
  if (has(fields, Field::thread_id)) wide = wide | sqlite::Wide::thread_id;
  return wide;
}

void fill(MessageView& view, const sqlite::MessageRow& row, const sqlite::WideRow& wide) noexcept {
  view.uid = row.uid;
  view.id = row.id;
  view.body_id = row.body_id;
  view.flags = row.flags();
  view.keywords = row.keywords;
  view.modseq = row.modseq;
  view.internal_date = row.internal_date;
  view.size = row.size;
  view.saved = row.saved;
  view.ends_with_crlf = (row.flag_bits & sqlite::kNoFinalCrlf) == 0;
  view.is_hidden_from_pop3 = (row.flag_bits & sqlite::kHiddenFromPop3) != 0;
  view.envelope = wide.envelope;
  view.body_structure = wide.body_structure;
  view.sections = wide.sections;
  view.header_size = wide.header_size;
}

// Whatever goes wrong here is told by the other way, which reads the message alone.
class RowOctets final : public OctetReader {
 public:
  RowOctets(sqlite::Connection& db, const MessageView& view) noexcept : db_(db), view_(view) {}

  bool read(std::uint64_t offset, std::uint64_t size, std::string& out) const override {
    if (view_.size > store::kMostInMemory) return false;
    const std::size_t had = out.size();
    if (sqlite::read_content(db_, view_.body_id, offset, size, out)) return true;
    out.resize(had);
    return false;
  }

 private:
  sqlite::Connection& db_;
  const MessageView& view_;
};

}  // namespace

MailboxId Mailbox::id() const noexcept { return impl_->id; }
Account Mailbox::account() const { return Account(impl_->account); }

Result<std::string> Mailbox::name() const {
  return impl_->account->read([&](sqlite::Connection& db) -> Result<std::string> {
    auto row = store::load_selectable(db, impl_->id);
    if (!row) return row.error();
    return std::move(row->name);
  });
}

Result<Quota> Mailbox::quota() const {
  return impl_->account->read([&](sqlite::Connection& db) -> Result<Quota> {
    auto row = store::load_selectable(db, impl_->id);
    if (!row) return row.error();
    return Quota{.bytes = row->quota_bytes, .messages = row->quota_messages};
  });
}

Result<void> Mailbox::set_quota(const Quota& quota) const {
  if (auto checked = store::check_limits(quota); !checked) return checked;
  return impl_->account->change([&](store::Change& change) -> Result<void> {
    auto row = store::load_selectable(change.db, impl_->id);
    if (!row) return row.error();
    row->quota_bytes = quota.bytes;
    row->quota_messages = quota.messages;
    return sqlite::save_mailbox(change.db, *row);
  });
}

Result<MailboxStatus> Mailbox::status() const {
  return impl_->account->read([&](sqlite::Connection& db) -> Result<MailboxStatus> {
    auto row = store::load_selectable(db, impl_->id);
    if (!row) return row.error();
    auto most = store::append_limit(db, impl_->account->store->options);
    if (!most) return most.error();
    return store::status_of(*row, *most);
  });
}

Result<KeywordNames> Mailbox::keywords() const {
  return impl_->account->read([&](sqlite::Connection& db) -> Result<KeywordNames> {
    if (auto row = store::load_selectable(db, impl_->id); !row) return row.error();
    return sqlite::load_keywords(db, impl_->id);
  });
}

Result<void> Mailbox::fetch(const UidSet& uids, Field fields,
                            const std::function<bool(const MessageView&)>& visit) const {
  return impl_->account->read([&](sqlite::Connection& db) -> Result<void> {
    if (auto row = store::load_selectable(db, impl_->id); !row) return row.error();
    auto names = sqlite::load_keywords(db, impl_->id);
    if (!names) return names.error();
    std::optional<sqlite::Uidls> uidls;
    if (has(fields, Field::uidl)) {
      auto loaded = sqlite::Uidls::load(db);
      if (!loaded) return loaded.error();
      uidls = std::move(*loaded);
    }
    const std::string large = impl_->account->store->locate(impl_->account->id).large;
    store::BodyReader reader(db, large);
    std::string preview;
    std::optional<store::ObjectIds> ids;
    if (has(fields, Field::email_id) || has(fields, Field::thread_id)) {
      auto loaded = store::ObjectIds::load(db);
      if (!loaded) return loaded.error();
      ids = std::move(*loaded);
    }
    MessageView view;
    view.keyword_names = &*names;
    const RowOctets octets(db, view);
    if (has(fields, Field::octets)) view.octets = &octets;
    sqlite::MessageCursor messages(db, impl_->id, uids, wide_of(fields));
    while (messages.next()) {
      fill(view, messages.row(), messages.wide());
      if (uidls) {
        auto uidl = uidls->of(view.id);
        if (!uidl) return uidl.error();
        view.uidl = *uidl;
      }
      if (has(fields, Field::preview)) {
        reader.enter(view.body_id, view.size);
        auto made = message::make_preview(
            view.sections, [&reader](message::Range range) { return reader.read(range.offset, range.size, false); });
        // Most likely the message was expunged after this transaction began.
        if (!made && reader.misses_file()) made = std::string();
        if (!made) return made.error();
        preview = *std::move(made);
        view.preview = preview;
      }
      if (ids) {
        view.email_id = ids->email_id(view.body_id);
        view.thread_id = ids->thread_id(messages.wide().thread_id);
      }
      if (!visit(view)) return {};
    }
    if (!messages.ok()) return messages.error();
    return {};
  });
}

Subscription Mailbox::watch(Doorbell bell) const { return store::watch(impl_->account, impl_->id, std::move(bell)); }

}  // namespace postfach
