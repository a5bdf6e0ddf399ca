// Account::check.
#include "base/files.h"
#include "postfach/account.h"
#include "repair.h"
#include "sqlite/bodies.h"
#include "sqlite/verify.h"
#include "store_impl.h"

namespace postfach {

Result<CheckReport> Account::check(const CheckOptions& options) const {
  std::vector<std::string> repaired;
  if (options.repair) {
    if (auto done = store::repair(*impl_, repaired); !done) return done.error();
  }
  // A connection of its own: the check takes long, and the readers of the account are few.
  auto account = impl_->store->open_account(impl_->id);
  if (!account) return impl_->failure(nullptr, account.error());
  const store::AccountLocation& location = (*account)->location;
  sqlite::ConnectionOptions connection;
  connection.read_only = true;
  auto db = sqlite::Connection::open(location.database, connection);
  if (!db) return impl_->failure(nullptr, db.error());
  if (auto begun = (*db)->run("BEGIN"); !begun) return impl_->failure(nullptr, begun.error());
  auto verified = sqlite::verify_mail(**db);
  if (!verified) return impl_->failure(nullptr, verified.error());

  CheckReport report{verified->messages, std::move(verified->problems), std::move(repaired)};
  for (const auto& [name, size] : verified->files) {
    auto file = base::File::open_for_reading(base::join_path(location.large, name));
    auto found = file ? file->size() : Result<std::uint64_t>(file.error());
    if (found && *found == size) continue;
    // It may have been expunged since the transaction began.
    auto is_named =
        impl_->read([&, file_name = name](sqlite::Connection& now) { return sqlite::is_body_file(now, file_name); });
    if (!is_named) return is_named.error();
    if (!*is_named) continue;
    report.problems.push_back("the large file of a body is " + std::string(found ? "not of its size" : "missing") +
                              " (" + name + ")");
  }
  auto wrong = impl_->store->usage->wrong_groups(impl_->id);
  if (!wrong) {
    report.problems.push_back("quota.db: " + wrong.error().message);
    return report;
  }
  for (const sqlite::WrongGroup& group : *wrong) {
    report.problems.push_back("what the group " + group.name + " uses is not the sum of its accounts (" +
                              std::to_string(group.recorded.bytes) + " octets recorded, " +
                              std::to_string(group.usage.bytes) + ")");
  }
  return report;
}

}  // namespace postfach
