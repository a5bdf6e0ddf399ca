// One database file: one writer with a commit queue, and up to two readers.
//
// Writers of this process never meet in SQLite's busy handler. They queue here: the first becomes the leader and runs
// the jobs of all who wait in one transaction with one fsync; each job has a savepoint, so that one that fails rolls
// back alone. There are no threads of our own: the leader is whoever came first.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "connection.h"
#include "migrations.h"

namespace postfach::sqlite {

class Database {
 public:
  // Opens the writer and brings the schema up to date. Errors: not_found, newer_schema, corrupt, unavailable, in_use.
  static Result<std::unique_ptr<Database>> open(const std::string& path, const Schema& schema,
                                                const ConnectionOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs on whichever thread leads, inside a write transaction. A failure undoes what the job did, and nothing else.
  using Job = std::function<Result<void>(Connection&)>;
  // Returns when the job is durable, or failed. After a success of the job itself an error means that COMMIT failed,
  // or another job took the transaction down; whether the change will be seen after a restart is then unknown.
  // committed is called after a COMMIT that succeeded, in the order of the jobs and before the next transaction begins,
  // also on the leader's thread; it must be quick and must not call into the database. The last one is told what the
  // transaction has left behind, if that can be told.
  using Committed = std::function<void(const std::optional<DataVersion>& left)>;
  Result<void> write(const Job& job, const Committed& committed = {});

  // Runs job, a function of Connection& that returns a Result, inside a read transaction, on this thread.
  template <class Job>
  auto read(Job&& job) -> std::invoke_result_t<Job&, Connection&> {
    Reader reader(*this);
    if (!reader.borrow() || !reader.begin()) return std::move(reader.error);
    auto result = job(*reader.connection);
    return result;
  }

  // The same for what was read before and is known still: then without a transaction. known: a Known, or a place in a
  // KnownMap, for what the job returns.
  template <class Known, class Job>
  auto read_known(Known&& known, Job&& job) -> std::invoke_result_t<Job&, Connection&> {
    Reader reader(*this);
    if (!reader.borrow()) return std::move(reader.error);
    const std::optional<DataVersion> version = reader.connection->version(generation_);
    if (version) {
      if (auto value = known.find(*version)) return *std::move(value);
    }
    if (!reader.begin()) return std::move(reader.error);
    auto result = job(*reader.connection);
    // It was read from what both are of.
    if (result && version && reader.connection->version(generation_) == version) known.keep(*version, *result);
    return result;
  }

  // True after the file turned out to be damaged; every call then answers corrupt.
  bool damaged() const noexcept { return damaged_; }
  const std::string& path() const noexcept { return path_; }

  // Transactions committed; fewer than jobs if writers were joined.
  std::uint64_t commits() const noexcept { return commits_; }
  // SQLITE_FULL beyond so many pages, for tests; 0: unlimited.
  Result<void> limit_pages(std::int64_t pages);

 private:
  struct Pending {
    Pending(const Job& work, const Committed& notify) : job(&work), committed(&notify) {}
    const Job* job;
    const Committed* committed;
    Result<void> result;
    bool done = false;
    std::condition_variable wake;
  };

  // A reader connection and its transaction; both go back in the destructor, also when the job throws.
  struct Reader {
    explicit Reader(Database& owner) : database(owner) {}
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();
    bool borrow();
    bool begin();  // the transaction

    Database& database;
    std::unique_ptr<Connection> connection;
    bool counted = false;
    Error error;
  };

  Database(std::string path, const Schema& schema, const ConnectionOptions& options)
      : path_(std::move(path)), schema_(schema), options_(options) {}
  Result<void> open_writer();
  Result<void> renew_log();
  void run_batch(const std::vector<Pending*>& batch);
  void tell(const std::vector<Pending*>& batch, const std::optional<DataVersion>& left) noexcept;
  Result<void> run_job(const Job& job) noexcept;
  void roll_back() noexcept;
  void after_fault() noexcept;
  void checkpoint_if_due() noexcept;
  Error damaged_error() const;

  static constexpr std::size_t kMostReaders = 2;
  static constexpr std::size_t kMostInOneCommit = 64;

  const std::string path_;
  const Schema& schema_;
  const ConnectionOptions options_;
  std::atomic<bool> damaged_{false};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> generation_{0};  // of the connections: when one had to be closed, perhaps none is left

  std::mutex queue_mutex_;
  std::deque<Pending*> queue_;
  bool leading_ = false;
  std::unique_ptr<Connection> writer_;  // the leader's
  bool is_log_renewed_ = false;         // the leader's: nothing is committed before
  std::uint64_t jobs_ = 0;              // the leader's: done, or tried

  std::mutex readers_mutex_;
  std::condition_variable reader_free_;
  std::vector<std::unique_ptr<Connection>> idle_readers_;
  std::size_t readers_in_use_ = 0;
};

}  // namespace postfach::sqlite
