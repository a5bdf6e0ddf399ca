#include "migrations.h"

#include <string>

namespace postfach::sqlite {
namespace {

Result<std::int64_t> version_of(Connection& connection) {
  auto version = connection.value("PRAGMA user_version");
  if (!version) return version.error();
  return version->value_or(0);
}

Result<void> apply(Connection& connection, const Schema& schema, std::int64_t from) {
  for (std::size_t next = static_cast<std::size_t>(from); next < schema.migrations.size(); ++next) {
    if (auto done = connection.execute(schema.migrations[next]); !done) return done;
  }
  const std::string mark = "PRAGMA user_version=" + std::to_string(schema.migrations.size());
  return connection.execute(mark.c_str());
}

}  // namespace

Result<void> migrate(Connection& connection, const Schema& schema) {
  const auto latest = static_cast<std::int64_t>(schema.migrations.size());
  auto version = version_of(connection);
  if (!version) return version.error();
  if (*version == latest) return {};
  if (*version > latest || *version < 0) {
    return Error{Errc::newer_schema, "the " + std::string(schema.name) + " database has schema version " +
                                         std::to_string(*version) + ", and this library knows versions up to " +
                                         std::to_string(latest)};
  }
  if (auto begun = connection.run("BEGIN IMMEDIATE"); !begun) return begun;
  // Another process may have been faster.
  version = version_of(connection);
  Result<void> done = version ? apply(connection, schema, *version) : Result<void>(version.error());
  if (done) done = connection.run("COMMIT");
  if (!done && connection.in_transaction()) (void)connection.run("ROLLBACK");
  return done;
}

}  // namespace postfach::sqlite
