// restore_mailbox, and what a backup holds.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "append.h"
#include "auth/sha256.h"
#include "backup_files.h"
#include "names.h"
#include "postfach/backup.h"
#include "postfach/mailbox.h"
#include "removed.h"
#include "spool.h"
#include "sqlite/backup_tables.h"
#include "sqlite/keywords.h"
#include "sqlite/uidls.h"
#include "store_impl.h"

namespace postfach {
namespace store {
namespace {

// One transaction, as an import has it: what small messages take in memory, or open files of large ones.
constexpr std::size_t kMessagesTogether = 64;
constexpr std::uint64_t kOctetsTogether = 16ULL * 1024 * 1024;
constexpr std::size_t kCopiedPiece = std::size_t{256} * 1024;

// One generation that is read.
class Generation {
 public:
  static Result<Generation> open(const BackupPaths& paths, std::optional<std::uint64_t> number) {
    auto lock = lock_backup(paths, false);
    if (!lock) return lock.error();
    auto manifest = choose_generation(paths, number);
    if (!manifest) return manifest.error();
    Generation generation;
    generation.lock_ = *std::move(lock);
    generation.manifest_ = *std::move(manifest);
    const std::string mail = paths.mail(generation.manifest_.generation.number);
    auto sum = sum_of(mail);
    if (!sum) return sum.error();
    if (*sum != generation.manifest_.mail) return Error{Errc::corrupt, "a file of the backup is damaged: " + mail};
    auto db = sqlite::open_scratch();
    if (!db) return db.error();
    if (auto done = sqlite::attach(**db, mail, "gen", false); !done) return done.error();
    generation.db_ = *std::move(db);
    return generation;
  }

  sqlite::Connection& db() const noexcept { return *db_; }
  Result<sqlite::BackupMailboxRow> mailbox(std::string_view name) const {
    auto canonical = canonical_name(name);
    if (!canonical) return canonical.error();
    auto list = sqlite::list_backup_mailboxes(*db_);
    if (!list) return list.error();
    for (sqlite::BackupMailboxRow& row : *list) {
      if (row.name == *canonical) return std::move(row);
    }
    return Error{Errc::not_found, "the backup has no mailbox " + *canonical};
  }
  // The pack that has a body, attached to a connection of its own: there may be more of them than one can have. Its
  // SHA-256 is looked at once.
  Result<sqlite::Connection*> pack_of(std::int64_t body_id, const BackupPaths& paths) {
    for (const Pack& pack : manifest_.packs) {
      if (body_id < pack.first || body_id > pack.last) continue;
      auto& connection = packs_[pack.name];
      if (connection != nullptr) return connection.get();
      const std::string path = base::join_path(paths.small, pack.name);
      auto sum = sum_of(path);
      if (!sum && sum.error().code != Errc::not_found) return sum.error();
      if (!sum || *sum != pack.sum) return Error{Errc::corrupt, "a file of the backup is damaged: " + path};
      auto opened = sqlite::open_scratch();
      if (!opened) return opened.error();
      if (auto done = sqlite::attach(**opened, path, "pack", false); !done) return done.error();
      connection = *std::move(opened);
      return connection.get();
    }
    return Error{Errc::corrupt, "the backup has no octets of a message"};
  }

 private:
  base::File lock_;
  Manifest manifest_;
  std::unique_ptr<sqlite::Connection> db_;
  std::unordered_map<std::string, std::unique_ptr<sqlite::Connection>> packs_;
};

// A message on its way back.
struct Returning {
  MessageId id{};            // that it had
  std::string uidl;          // that it had
  bool is_imported = false;  // the UIDL came from another server
  NewMessage message;
};

// Of those identifiers: which the account has, and which it removed and can bring back.
struct Present {
  std::unordered_set<std::int64_t> messages;
  std::vector<sqlite::RemovedRow> removed;
};
Result<Present> find_present(sqlite::Connection& db, const std::unordered_set<std::int64_t>& ids) {
  Present present;
  {
    auto rows = db.query("SELECT id FROM message");
    while (rows.next()) {
      if (ids.contains(rows.integer(0))) present.messages.insert(rows.integer(0));
    }
    if (!rows.ok()) return rows.error();
  }
  std::vector<std::pair<std::int64_t, MessageId>> keys;
  {
    auto rows = db.query("SELECT removed, message_id FROM removed");
    while (rows.next()) {
      if (ids.contains(rows.integer(1))) keys.emplace_back(rows.integer(0), rows.number<MessageId>(1));
    }
    if (!rows.ok()) return rows.error();
  }
  for (const auto& [removed, id] : keys) {
    auto row = sqlite::find_removed(db, removed, id);
    if (!row) return row.error();
    if (row->has_value()) present.removed.push_back(**std::move(row));
  }
  return present;
}

class MailboxRestore {
 public:
  MailboxRestore(const Account& account, const BackupPaths& paths, const RestoreMailboxOptions& options)
      : account_(account), paths_(paths), options_(options) {}
  Result<RestoreMailboxReport> run();

 private:
  Result<Returning> read(const sqlite::MessageRow& row, const KeywordNames& names, sqlite::Uidls& uidls);
  Result<void> copy_octets(const sqlite::BackupOctets& octets, Spool& spool) const;
  Result<void> store(std::vector<Returning>& batch);
  Result<void> insert(Change& change, std::vector<Returning>& batch, std::vector<bool>& is_stored) const;

  const Account& account_;
  const BackupPaths& paths_;
  const RestoreMailboxOptions& options_;
  std::optional<Generation> generation_;
  std::vector<std::pair<std::int64_t, std::string>> epochs_;  // of the backup
  std::optional<Mailbox> target_;
  RestoreMailboxReport report_;
};

Result<void> MailboxRestore::copy_octets(const sqlite::BackupOctets& octets, Spool& spool) const {
  if (!octets.file) return spool.write(octets.octets);
  const std::string path = base::join_path(paths_.large, octets.file->name);
  auto file = base::File::open_for_reading(path);
  if (!file && file.error().code != Errc::not_found) return file.error();
  if (!file) return Error{Errc::corrupt, "a file of the backup is missing: " + path};
  auth::Sha256 sha;
  std::string buffer(kCopiedPiece, '\0');
  for (std::uint64_t offset = 0;;) {
    const auto got = file->read_at(offset, buffer.data(), buffer.size());
    if (!got) return got.error();
    if (*got == 0) break;
    offset += *got;
    const std::string_view piece = std::string_view(buffer).substr(0, *got);
    sha.add(piece);
    if (auto written = spool.write(piece); !written) return written;
  }
  if (hex_of(sha.finish()) == octets.file->sha256) return {};
  return Error{Errc::corrupt, "a file of the backup is not as it was written: " + path};
}

Result<Returning> MailboxRestore::read(const sqlite::MessageRow& row, const KeywordNames& names, sqlite::Uidls& uidls) {
  auto uidl = uidls.of(row.id);
  if (!uidl) return uidl.error();
  auto imported = generation_->db().value("SELECT 1 FROM gen.uidl WHERE message_id = ?1", row.id);
  if (!imported) return imported.error();
  Returning message{
      .id = row.id,
      .uidl = std::string(*uidl),
      .is_imported = imported->has_value(),
      .message = {account_.unchecked_spool(), row.flags().without(Flag::deleted), {}, row.internal_date, {}}};
  for (std::size_t bit = 0; bit < names.size(); ++bit) {
    if ((row.keywords >> bit & 1U) != 0 && !names[bit].empty()) message.message.keywords.push_back(names[bit]);
  }
  auto pack = generation_->pack_of(row.body_id, paths_);
  if (!pack) return pack.error();
  auto octets = sqlite::read_backup_body(**pack, row.body_id);
  if (!octets) return octets.error();
  if (auto copied = copy_octets(*octets, message.message.content); !copied) return copied.error();
  return message;
}

Result<void> MailboxRestore::insert(Change& change, std::vector<Returning>& batch, std::vector<bool>& is_stored) const {
  auto mailbox = load_selectable(change.db, target_->id());
  if (!mailbox) return mailbox.error();
  auto epochs = sqlite::list_epochs(change.db);
  if (!epochs) return epochs.error();
  // Identifiers mean the same messages up to where the two lists of epochs part.
  std::int64_t common = 0;
  for (std::size_t i = 0; i < std::max(epochs->size(), epochs_.size()); ++i) {
    const bool is_equal = i < epochs->size() && i < epochs_.size() && (*epochs)[i] == epochs_[i];
    if (is_equal) continue;
    common = std::min(i < epochs->size() ? (*epochs)[i].first : INT64_MAX,
                      i < epochs_.size() ? epochs_[i].first : INT64_MAX);
    break;
  }
  if (common == 0) common = INT64_MAX;

  // The identifier under which the account has, or had, each of them; 0: none.
  std::vector<std::int64_t> known;
  std::unordered_set<std::int64_t> ids;
  for (const Returning& each : batch) {
    std::int64_t id = static_cast<std::int64_t>(each.id);
    if (id >= common) {
      auto other = change.db.value("SELECT message_id FROM uidl WHERE uidl = ?1", each.uidl);
      if (!other) return other.error();
      id = other->value_or(0);
    }
    known.push_back(id);
    ids.insert(id);
  }
  auto present = find_present(change.db, ids);
  if (!present) return present.error();
  if (auto purged = purge(change, present->removed); !purged) return purged;
  Usage added;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    is_stored[i] = !present->messages.contains(known[i]);
    if (!is_stored[i]) continue;
    added.bytes += batch[i].message.content.size();
    ++added.messages;
  }
  if (added.messages == 0) return {};
  if (auto fits = change.check_quota(added); !fits) return fits;
  if (auto fits = Change::check_quota(*mailbox, added); !fits) return fits;
  auto uid = take_uids(change, *mailbox, added.messages);
  if (!uid) return uid.error();
  auto modseq = change.take_modseq();
  if (!modseq) return modseq.error();
  auto names = sqlite::load_keywords(change.db, mailbox->id);
  if (!names) return names.error();
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!is_stored[i]) continue;
    Returning& each = batch[i];
    auto made = sqlite::make_keywords(change.db, mailbox->id, *names, each.message.keywords);
    if (!made && made.error().code != Errc::limit) return made.error();
    if (!made) {
      std::erase_if(each.message.keywords,
                    [&](const std::string& keyword) { return sqlite::known_keywords(*names, {keyword}) == 0; });
    }
    auto fresh_id = store::insert(change, *mailbox, *names, each.message, *uid, *modseq);
    if (!fresh_id) return fresh_id.error();
    const bool keeps_id = static_cast<std::int64_t>(each.id) < common;
    if (keeps_id) {
      const UidSet one = UidSet::of(*uid, *uid);
      sqlite::MessageEditor messages(change.db, mailbox->id, one);
      while (messages.next()) {
        sqlite::MessageRow row = messages.row();
        row.id = each.id;
        messages.replace(row);
      }
      if (!messages.ok()) return messages.error();
    }
    ++*uid;
    if (keeps_id && !each.is_imported) continue;
    auto named = sqlite::insert_uidl(change.db, keeps_id ? each.id : *fresh_id, each.uidl);
    if (!named && named.error().code != Errc::already_exists) return named;
  }
  mailbox->highest_modseq = *modseq;
  change.touched.push_back(mailbox->id);
  return sqlite::save_mailbox(change.db, *mailbox);
}

Result<void> MailboxRestore::store(std::vector<Returning>& batch) {
  if (batch.empty()) return {};
  for (Returning& each : batch) {
    if (auto prepared = prepare(each.message, *account_.impl()); !prepared) return prepared;
  }
  std::vector<bool> is_stored(batch.size(), false);
  bool was_tried = false;
  auto done = account_.impl()->change([&](Change& change) -> Result<void> {
    was_tried = true;
    return insert(change, batch, is_stored);
  });
  const bool is_refused = !done && (done.error().code == Errc::over_quota || done.error().code == Errc::limit);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    // As append() does: after a COMMIT that failed the files stay, and a sweep decides.
    if (is_stored[i] && was_tried && !is_refused) batch[i].message.content.impl().keep_file();
    if (done) ++(is_stored[i] ? report_.restored : report_.present);
  }
  batch.clear();
  return done;
}

Result<RestoreMailboxReport> MailboxRestore::run() {
  auto generation = Generation::open(paths_, options_.generation);
  if (!generation) return generation.error();
  generation_ = *std::move(generation);
  sqlite::Connection& db = generation_->db();
  auto source = generation_->mailbox(options_.mailbox);
  if (!source) return source.error();
  const std::string name = options_.into.value_or(source->name);
  auto target = account_.mailbox(name);
  if (!target && target.error().code == Errc::not_found) target = account_.create_mailbox(name);
  if (!target) return target.error();
  target_ = *std::move(target);
  // The only file that is attached: its tables are found by their names.
  auto epochs = db.query("SELECT first_id, prefix FROM gen.epoch ORDER BY first_id");
  while (epochs.next()) epochs_.emplace_back(epochs.integer(0), epochs.text(1));
  if (!epochs.ok()) return epochs.error();
  auto names = sqlite::load_keywords(db, source->id);
  if (!names) return names.error();
  auto uidls = sqlite::Uidls::load(db);
  if (!uidls) return uidls.error();

  std::unordered_set<std::int64_t> only;
  for (const MessageId id : options_.only) only.insert(static_cast<std::int64_t>(id));
  Progress progress(options_.progress, source->bytes);
  std::vector<Returning> batch;
  std::uint64_t octets = 0;
  for (Uid after = 0;;) {
    auto rows = sqlite::list_backup_messages(db, source->id, after, kMessagesTogether);
    if (!rows) return rows.error();
    if (rows->empty()) break;
    after = rows->back().uid;
    for (const sqlite::MessageRow& row : *rows) {
      if (auto going_on = progress.add(row.size); !going_on) return going_on.error();
      if (!only.empty() && !only.contains(static_cast<std::int64_t>(row.id))) continue;
      auto message = read(row, *names, *uidls);
      if (!message) return message.error();
      octets += row.size;
      batch.push_back(*std::move(message));
      if (batch.size() < kMessagesTogether && octets < kOctetsTogether) continue;
      octets = 0;
      if (auto stored = store(batch); !stored) return stored.error();
    }
  }
  if (auto stored = store(batch); !stored) return stored.error();
  return report_;
}

}  // namespace
}  // namespace store

Result<RestoreMailboxReport> restore_mailbox(const Account& account, const std::string& directory,
                                             const RestoreMailboxOptions& options) {
  const store::BackupPaths paths(directory);
  return store::MailboxRestore(account, paths, options).run();
}

Result<std::vector<BackupMailbox>> backup_mailboxes(const std::string& directory,
                                                    std::optional<std::uint64_t> generation) {
  auto opened = store::Generation::open(store::BackupPaths(directory), generation);
  if (!opened) return opened.error();
  auto rows = sqlite::list_backup_mailboxes(opened->db());
  if (!rows) return rows.error();
  std::vector<BackupMailbox> list;
  for (sqlite::BackupMailboxRow& row : *rows) list.push_back({std::move(row.name), row.messages, row.bytes});
  return list;
}

Result<std::vector<BackupMessage>> backup_messages(const std::string& directory, std::string_view mailbox, Uid after,
                                                   std::size_t most, std::optional<std::uint64_t> generation) {
  constexpr std::size_t kMostInPage = 1000;
  if (most < 1 || most > kMostInPage) return Error{Errc::invalid_argument, "a page has 1 to 1000 messages"};
  const store::BackupPaths paths(directory);
  auto opened = store::Generation::open(paths, generation);
  if (!opened) return opened.error();
  auto source = opened->mailbox(mailbox);
  if (!source) return source.error();
  auto rows = sqlite::list_backup_messages(opened->db(), source->id, after, most);
  if (!rows) return rows.error();
  std::vector<BackupMessage> list;
  for (const sqlite::MessageRow& row : *rows) {
    auto pack = opened->pack_of(row.body_id, paths);
    if (!pack) return pack.error();
    auto envelope = sqlite::backup_envelope(**pack, row.body_id);
    if (!envelope) return envelope.error();
    list.push_back({row.id, row.uid, row.flags(), row.internal_date, row.size, *std::move(envelope)});
  }
  return list;
}

}  // namespace postfach
