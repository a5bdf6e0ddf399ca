#include "object_ids.h"

#include "sqlite/threads.h"

namespace postfach::store {

Result<std::vector<std::int64_t>> StoredIds::bodies_of(SearchKey::Kind kind, std::string_view id) {
  if (!ids_) {
    auto loaded = ObjectIds::load(db_);
    if (!loaded) return loaded.error();
    ids_ = *std::move(loaded);
  }
  if (kind == SearchKey::Kind::email_id) {
    const auto body = ids_->body_of(id);
    return body ? std::vector{*body} : std::vector<std::int64_t>();
  }
  const auto thread = ids_->thread_of(id);
  return thread ? sqlite::bodies_of_thread(db_, *thread) : std::vector<std::int64_t>();
}

}  // namespace postfach::store
