// Errors as values.
//
// Every fallible function of postfach returns a Result: either a value or an Error. No exception crosses the API.
// The names are those of std::expected, so code that uses Result reads the same in C++23.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

namespace postfach {

// What went wrong, as a caller can act on it.
enum class Errc {
  invalid_argument,  // the caller asked for something that makes no sense; nothing was changed
  not_found,         // no such account, mailbox or message
  already_exists,    // the name is taken
  not_permitted,     // the account is disabled, or the operation is not allowed on this object (INBOX, \Noselect)
  auth_failed,       // wrong name or password; never says which
  over_quota,        // a quota of the account would be exceeded; nothing was stored
  limit,             // a limit of postfach itself: name length, keyword count, UID space, message size
  in_use,            // another process or session holds what is needed; worth trying again
  unavailable,       // our side: disk full, input/output error; nothing was acknowledged
  corrupt,           // the account's database is damaged; only this account is affected
  newer_schema,      // the files were written by a newer postfach
  internal,          // a fault of ours
};

// Stable English name of a code ("over_quota"), for logs.
std::string_view to_string(Errc code) noexcept;

// The message is for operators: it may name files and causes, and it is never sent to a mail client.
struct Error {
  Errc code = Errc::internal;
  std::string message;
};

// Thrown by Result::value() alone, when the caller asked for the value of a failed Result.
class BadResult : public std::exception {
 public:
  explicit BadResult(Error error) : error_(std::move(error)) {}
  const char* what() const noexcept override { return error_.message.c_str(); }
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  using error_type = Error;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  // The value; throws BadResult if there is none. For programs that want to stop at the first error.
  T& value() & {
    if (!has_value()) throw BadResult(error());
    return std::get<0>(state_);
  }
  const T& value() const& {
    if (!has_value()) throw BadResult(error());
    return std::get<0>(state_);
  }
  // By value, unlike std::expected: `for (auto& x : f().value())` would outlive its range before C++23.
  T value() && {
    if (!has_value()) throw BadResult(error());
    return std::get<0>(std::move(state_));
  }
  template <class U>
  T value_or(U&& other) const& {
    return has_value() ? std::get<0>(state_) : static_cast<T>(std::forward<U>(other));
  }

  // Undefined unless has_value().
  T& operator*() & noexcept { return *std::get_if<0>(&state_); }
  const T& operator*() const& noexcept { return *std::get_if<0>(&state_); }
  T&& operator*() && noexcept { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() noexcept { return std::get_if<0>(&state_); }
  const T* operator->() const noexcept { return std::get_if<0>(&state_); }

  // Undefined if has_value().
  const Error& error() const& noexcept { return *std::get_if<1>(&state_); }
  Error&& error() && noexcept { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  using error_type = Error;

  Result() noexcept = default;
  Result(Error error) : error_(std::move(error)), failed_(true) {}  // NOLINT: implicit by design

  bool has_value() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return has_value(); }
  void value() const {
    if (failed_) throw BadResult(error_);
  }
  void operator*() const noexcept {}
  const Error& error() const& noexcept { return error_; }
  Error&& error() && noexcept { return std::move(error_); }

 private:
  Error error_;
  bool failed_ = false;
};

}  // namespace postfach
