// Options for what a store does with mail, the same for every program that has them.
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postfach/store.h"

namespace examples {

// A policy for POP3 as a command line says it; what is not given stays as it was.
struct MaildropSettings {
  std::optional<postfach::OnDelete> on_delete;
  std::optional<std::uint32_t> keep_days;
  std::optional<bool> seen;
  std::vector<std::string> mailboxes;
  std::optional<std::uint32_t> newest;
  std::optional<std::uint32_t> days;
  std::optional<std::int64_t> login_delay;
  std::string expire;  // a number of days, "never", or empty

  void apply(postfach::MaildropPolicy& policy) const;
};

std::string_view name_of(postfach::OnDelete on_delete);

// prefix: "--" or "--pop3-". The settings and options outlive the parsing.
void add_maildrop_options(CLI::App& app, const std::string& prefix, MaildropSettings& settings);
// Plus-addresses, and what senders are told.
void add_delivery_options(CLI::App& app, postfach::DeliveryRules& rules);
void add_undelete_options(CLI::App& app, postfach::UndeleteOptions& options);

// Warnings about quotas, and the mail for them.
struct WarningSettings {
  std::vector<unsigned> thresholds;
  unsigned hysteresis = postfach::QuotaWarnings().hysteresis;
  std::string mail;  // path of its text, "none", or empty for the usual one
};
void add_warning_options(CLI::App& app, WarningSettings& settings);
// The hook logs to the observer, if there is one. Errors: not_found, invalid_argument (the text of the mail).
postfach::Result<postfach::QuotaWarnings> quota_warnings(const WarningSettings& settings, postfach::Observer observer);

}  // namespace examples
