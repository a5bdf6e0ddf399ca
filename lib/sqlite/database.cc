#include "database.h"

#include <algorithm>
#include <exception>

namespace postfach::sqlite {
namespace {

// The log is copied into the database when it has so many pages (4 MiB), by the thread that wrote last.
constexpr int kCheckpointAt = 1000;
// Readers that overlap without a gap keep the log from starting again; here we wait for them.
constexpr int kWaitForReadersAt = 16'000;

}  // namespace

Result<std::unique_ptr<Database>> Database::open(const std::string& path, const Schema& schema,
                                                 const ConnectionOptions& options) {
  std::unique_ptr<Database> database(new Database(path, schema, options));
  if (auto opened = database->open_writer(); !opened) return opened.error();
  return database;
}

Database::~Database() = default;

Result<void> Database::open_writer() {
  ConnectionOptions options = options_;
  options.of_database = true;
  auto connection = Connection::open(path_, options);
  if (!connection) return connection.error();
  if (auto migrated = migrate(**connection, schema_); !migrated) return migrated;
  writer_ = std::move(*connection);
  // At once, because the first checkpoint relies on the log as well. A failure leaves the database open for readers.
  is_log_renewed_ = !options_.durable || !writer_->has_log();
  if (!is_log_renewed_ && !renew_log()) writer_->forget_fault();
  return {};
}

Result<void> Database::renew_log() {
  if (auto begun = writer_->run("BEGIN IMMEDIATE"); !begun) return begun;
  auto renewed = writer_->renew_log();
  roll_back();
  is_log_renewed_ = renewed.has_value();
  return renewed;
}

Error Database::damaged_error() const { return {Errc::corrupt, path_ + " is damaged and was taken out of use"}; }

Result<void> Database::write(const Job& job, const Committed& committed) {
  Pending mine(job, committed);
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&mine);
  mine.wake.wait(lock, [&] { return mine.done || (!leading_ && queue_.front() == &mine); });
  if (mine.done) return std::move(mine.result);

  leading_ = true;
  const std::size_t count = std::min(queue_.size(), kMostInOneCommit);
  const std::vector<Pending*> batch(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
  lock.unlock();
  run_batch(batch);

  lock.lock();
  for (Pending* pending : batch) {
    if (pending == &mine) continue;
    pending->done = true;
    pending->wake.notify_one();  // under the lock: afterwards the waiter may be gone
  }
  lock.unlock();
  checkpoint_if_due();
  lock.lock();
  leading_ = false;
  if (!queue_.empty()) queue_.front()->wake.notify_one();
  return std::move(mine.result);
}

void Database::run_batch(const std::vector<Pending*>& batch) {
  const auto fail_all = [&](const Error& error) {
    for (Pending* pending : batch) pending->result = error;
  };
  if (damaged_) return fail_all(damaged_error());
  if (writer_ == nullptr) {
    if (auto opened = open_writer(); !opened) return fail_all(opened.error());
  }
  auto ready = is_log_renewed_ ? Result<void>() : renew_log();
  if (ready) ready = writer_->run("BEGIN IMMEDIATE");
  if (!ready) {
    after_fault();
    return fail_all(ready.error());
  }
  const std::optional<DataVersion> found = writer_->version(generation_);
  std::optional<DataVersion> state = found;  // as the jobs so far have left it
  std::size_t succeeded = 0;
  for (Pending* pending : batch) {
    const bool alone = batch.size() == 1;
    const auto leaves = found ? std::optional(found->before_commit(++jobs_)) : std::nullopt;
    writer_->set_versions(state, leaves);
    if (!alone) pending->result = writer_->run("SAVEPOINT job");
    if (pending->result) pending->result = run_job(*pending->job);
    if (!writer_->in_transaction()) {
      // SQLite gave up the whole transaction (disk full, input/output error, out of memory).
      const Error error = pending->result ? Error{Errc::unavailable, path_ + ": the transaction was rolled back"}
                                          : pending->result.error();
      after_fault();
      return fail_all(error);
    }
    if (pending->result) {
      ++succeeded;
      state = leaves;
    } else if (!alone) {
      (void)writer_->run("ROLLBACK TO job");
    }
    if (!alone) (void)writer_->run("RELEASE job");
  }
  if (succeeded == 0) {
    roll_back();
    after_fault();
    return;
  }
  if (auto committed = writer_->run("COMMIT"); !committed) {
    roll_back();
    after_fault();
    for (Pending* pending : batch) {
      if (pending->result) pending->result = committed.error();
    }
    return;
  }
  std::optional<DataVersion> left = writer_->version(generation_);
  if (left && found && !left->is_next_of(*found)) left.reset();
  after_fault();
  ++commits_;
  tell(batch, found ? left : std::nullopt);
}

void Database::tell(const std::vector<Pending*>& batch, const std::optional<DataVersion>& left) noexcept {
  const auto last =
      std::find_if(batch.rbegin(), batch.rend(), [](const auto* each) { return each->result.has_value(); });
  for (const Pending* pending : batch) {
    if (!pending->result || !*pending->committed) continue;
    try {
      (*pending->committed)(last != batch.rend() && *last == pending ? left : std::nullopt);
    } catch (...) {  // NOLINT: the change is durable, whatever becomes of what follows it
    }
  }
}

Result<void> Database::run_job(const Job& job) noexcept {
  try {
    return job(*writer_);
  } catch (const std::exception& exception) {
    return Error{Errc::unavailable, path_ + ": " + exception.what()};
  } catch (...) {
    return Error{Errc::internal, path_ + ": unknown exception"};
  }
}

void Database::roll_back() noexcept {
  if (writer_->in_transaction()) (void)writer_->run("ROLLBACK");
}

// A connection that has seen an input/output error may disagree with the file about what is in it: it is closed, and
// the next writer reads the file afresh.
void Database::after_fault() noexcept {
  const Fault fault = writer_->fault();
  writer_->forget_fault();
  if (fault == Fault::corrupt) damaged_ = true;
  if (fault == Fault::io || fault == Fault::corrupt) {
    roll_back();
    writer_.reset();
    ++generation_;
  }
}

void Database::checkpoint_if_due() noexcept {
  if (writer_ == nullptr || writer_->wal_pages() < kCheckpointAt) return;
  writer_->checkpoint(writer_->wal_pages() < kWaitForReadersAt);
}

Result<void> Database::limit_pages(std::int64_t pages) {
  // Not a job: the setting is refused within a transaction. Tests call it while nobody writes.
  const std::lock_guard lock(queue_mutex_);
  if (writer_ == nullptr) return Error{Errc::unavailable, path_ + ": no connection"};
  return writer_->limit_pages(pages);
}

bool Database::Reader::borrow() {
  if (database.damaged_) {
    error = database.damaged_error();
    return false;
  }
  {
    std::unique_lock lock(database.readers_mutex_);
    database.reader_free_.wait(lock, [&] { return database.readers_in_use_ < kMostReaders; });
    ++database.readers_in_use_;
    counted = true;
    if (!database.idle_readers_.empty()) {
      connection = std::move(database.idle_readers_.back());
      database.idle_readers_.pop_back();
    }
  }
  if (connection == nullptr) {
    ConnectionOptions options = database.options_;
    options.create = false;
    options.read_only = true;
    options.of_database = true;
    auto opened = Connection::open(database.path_, options);
    if (!opened) {
      error = std::move(opened).error();
      if (error.code == Errc::corrupt) database.damaged_ = true;
      return false;
    }
    connection = std::move(*opened);
  }
  return true;
}

bool Database::Reader::begin() {
  if (auto begun = connection->run("BEGIN"); !begun) {
    error = std::move(begun).error();
    return false;
  }
  return true;
}

Database::Reader::~Reader() {
  if (!counted) return;
  if (connection != nullptr) {
    if (connection->in_transaction()) (void)connection->run("COMMIT");
    if (connection->fault() == Fault::corrupt) database.damaged_ = true;
    if (connection->fault() != Fault::none || connection->in_transaction()) {
      connection.reset();
      ++database.generation_;
    }
  }
  const std::lock_guard lock(database.readers_mutex_);
  --database.readers_in_use_;
  if (connection != nullptr) database.idle_readers_.push_back(std::move(connection));
  database.reader_free_.notify_one();
}

}  // namespace postfach::sqlite
