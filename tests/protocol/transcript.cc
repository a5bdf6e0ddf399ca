#include "protocol/transcript.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace postfach::test {
namespace {

using protocol::Want;
using namespace std::chrono_literals;

// --- The script -----------------------------------------------------------------------------------------------------

// A line that the server must send; its end is part of it. Wildcards are a character of their own, outside 0..255.
constexpr int any_run = 256;
struct Pattern {
  std::vector<int> characters;
  bool any_lines = false;  // "S~ ..."
  std::size_t line = 0;
};

struct Step {
  enum class Kind { send, expect, event } kind;
  std::size_t line = 0;             // of its beginning, in the script
  std::string octets = {};          // send
  std::vector<Pattern> lines = {};  // expect
  std::string name = {};            // event
  std::string argument = {};
};

struct BadScript {
  std::string reason;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Characters of a line, escapes resolved, with its CRLF.
std::vector<int> characters_of(std::string_view text, bool wildcards) {
  std::vector<int> result;
  bool crlf = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '*' && wildcards && !(i == 0 && text.starts_with("* "))) {
      result.push_back(any_run);
    } else if (c != '\\') {
      result.push_back(static_cast<unsigned char>(c));
    } else if (i + 1 == text.size()) {
      crlf = false;
    } else {
      const char next = text[i + 1];
      const bool hex = next == 'x' && i + 3 < text.size() && hex_digit(text[i + 2]) >= 0 && hex_digit(text[i + 3]) >= 0;
      if (hex) {
        result.push_back(hex_digit(text[i + 2]) * 16 + hex_digit(text[i + 3]));
        i += 3;
      } else if (const auto at = std::string_view("rnt0").find(next); at != std::string_view::npos) {
        result.push_back("\r\n\t\0"[at]);
        ++i;
      } else if (next == '*' && wildcards) {
        result.push_back('*');
        ++i;
      } else {
        result.push_back('\\');
      }
    }
  }
  if (crlf) result.insert(result.end(), {'\r', '\n'});
  return result;
}

std::string octets_of(std::string_view text) {
  std::string result;
  for (const int c : characters_of(text, false)) result.push_back(static_cast<char>(c));
  return result;
}

// Appends to the lines of a step: output is compared in pieces that end with LF, wherever the script has it.
void add_pattern(Step& step, std::string_view text, bool wildcards, std::size_t line) {
  if (wildcards && text == "...") {
    step.lines.push_back({.characters = {}, .any_lines = true, .line = line});
    return;
  }
  const bool goes_on = !step.lines.empty() && !step.lines.back().any_lines &&
                       (step.lines.back().characters.empty() || step.lines.back().characters.back() != '\n');
  if (!goes_on) step.lines.push_back({.characters = {}, .line = line});
  for (const int c : characters_of(text, wildcards)) {
    if (!step.lines.back().characters.empty() && step.lines.back().characters.back() == '\n') {
      step.lines.push_back({.characters = {}, .line = line});
    }
    step.lines.back().characters.push_back(c);
  }
}

struct SourceLine {
  std::string_view mark;  // "C:"
  std::string_view text;
  std::size_t number;
};

std::vector<SourceLine> source_lines(std::string_view text) {
  std::vector<SourceLine> result;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t mark = line.front() == '!' ? 1 : 2;
    std::string_view rest = line.substr(std::min(mark, line.size()));
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    result.push_back({line.substr(0, mark), rest, number});
  }
  return result;
}

// The octets of the first L lines from here on.
std::size_t literal_size(const std::vector<SourceLine>& lines, std::size_t from) {
  std::size_t size = 0;
  while (from < lines.size() && lines[from].mark != "L:") ++from;
  if (from == lines.size()) throw BadScript{"{n} without L lines"};
  for (; from < lines.size() && lines[from].mark == "L:"; ++from) size += octets_of(lines[from].text).size();
  return size;
}

std::vector<Step> parse(std::string_view text) {
  const std::vector<SourceLine> lines = source_lines(text);
  std::vector<Step> steps;
  const auto step = [&](Step::Kind kind, std::size_t line) -> Step& {
    if (steps.empty() || steps.back().kind != kind || kind == Step::Kind::event) {
      steps.push_back({.kind = kind, .line = line});
    }
    return steps.back();
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const SourceLine& line = lines[i];
    if (line.mark == "C:" || line.mark == "L:") {
      std::string octets = octets_of(line.text);
      for (const std::string_view counted : {"{n}\r\n", "{n+}\r\n"}) {
        if (line.mark == "C:" && octets.ends_with(counted)) {
          octets.replace(octets.size() - counted.size() + 1, 1, std::to_string(literal_size(lines, i + 1)));
        }
      }
      step(Step::Kind::send, line.number).octets += octets;
    } else if (line.mark == "S:" || line.mark == "S~") {
      add_pattern(step(Step::Kind::expect, line.number), line.text, line.mark == "S~", line.number);
    } else if (line.mark == "!") {
      Step& event = step(Step::Kind::event, line.number);
      const std::size_t space = std::min(line.text.find(' '), line.text.size());
      event.name = line.text.substr(0, space);
      event.argument = line.text.substr(std::min(space + 1, line.text.size()));
    } else {
      throw BadScript{"line " + std::to_string(line.number) + " has no C:, L:, S:, S~ or !"};
    }
  }
  return steps;
}

// --- Comparison -----------------------------------------------------------------------------------------------------

// Linear but for the last wildcard, to which it goes back.
bool matches(const std::vector<int>& pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::optional<std::size_t> wildcard;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == any_run) {
      wildcard = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == static_cast<unsigned char>(text[t])) {
      ++p;
      ++t;
    } else if (wildcard) {
      p = *wildcard + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == any_run) ++p;
  return p == pattern.size();
}

std::vector<std::string_view> split_lines(std::string_view output) {
  std::vector<std::string_view> result;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size() - 1) + 1;
    result.push_back(output.substr(0, end));
    output.remove_prefix(end);
  }
  return result;
}

std::string printable(std::string_view octets) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  for (const char c : octets.substr(0, 300)) {
    const auto value = static_cast<unsigned char>(c);
    if (c == '\r') {
      result += "\\r";
    } else if (c == '\n') {
      result += "\\n";
    } else if (value < 32 || value > 126) {
      result += {'\\', 'x', digits[value >> 4], digits[value & 15]};
    } else {
      result += c;
    }
  }
  if (octets.size() > 300) result += "... (" + std::to_string(octets.size()) + " octets)";
  return result;
}

std::string printable(const Pattern& pattern) {
  if (pattern.any_lines) return "...";
  std::string result;
  for (const int c : pattern.characters) {
    result += c == any_run ? std::string("<*>") : printable(std::string(1, static_cast<char>(c)));
  }
  return result;
}

std::string line_number(std::size_t line) { return "line " + std::to_string(line) + ": "; }

std::string difference(const std::vector<Pattern>& expected, std::string_view output) {
  const std::vector<std::string_view> lines = split_lines(output);
  std::size_t at = 0;
  bool skipping = false;
  for (const Pattern& pattern : expected) {
    if (pattern.any_lines) {
      skipping = true;
      continue;
    }
    while (skipping && at < lines.size() && !matches(pattern.characters, lines[at])) ++at;
    skipping = false;
    if (at == lines.size())
      return line_number(pattern.line) + "expected " + printable(pattern) + "\n  got no more output";
    if (!matches(pattern.characters, lines[at])) {
      return line_number(pattern.line) + "expected " + printable(pattern) + "\n  got      " + printable(lines[at]);
    }
    ++at;
  }
  if (at == lines.size() || skipping) return {};
  return line_number(expected.back().line) + "after it came more:\n  got      " + printable(lines[at]);
}

// --- One run --------------------------------------------------------------------------------------------------------

// A ring may come from any thread, and after the run.
struct Bell {
  std::mutex mutex;
  std::condition_variable condition;
  bool rung = false;
};

enum class Cut { whole, single, random };

struct Way {
  Cut cut;
  std::size_t soft_limit;
  unsigned seed = 0;
  bool joins = false;  // asks may_join()
};

std::string name_of(const Way& way) {
  const std::string cut = way.cut == Cut::whole    ? "whole"
                          : way.cut == Cut::single ? "one octet at a time"
                                                   : "random pieces, seed " + std::to_string(way.seed);
  return cut + ", soft limit " + std::to_string(way.soft_limit) + (way.joins ? ", joined" : "");
}

std::string_view name_of(Want want) {
  switch (want) {
    case Want::read:
      return "read";
    case Want::write:
      return "write";
    case Want::wait:
      return "wait";
    case Want::start_tls:
      return "start_tls";
    case Want::close:
      return "close";
  }
  return "?";
}

class Run {
 public:
  Run(const Transcript& transcript, const Way& way) : transcript_(transcript), way_(way), random_(way.seed) {
    session_ = transcript.make([bell = bell_] {
      const std::lock_guard lock(bell->mutex);
      bell->rung = true;
      bell->condition.notify_all();
    });
  }

  // What is wrong, or nothing.
  std::string play(const std::vector<Step>& steps) {
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Step& step = steps[i];
      std::string failure = i == 0 ? pump(step.kind != Step::Kind::event) : std::string();
      if (failure.empty() && step.kind == Step::Kind::send) input_ += step.octets;
      if (failure.empty() && step.kind == Step::Kind::expect) {
        failure = difference(step.lines, output_);
        output_.clear();
        if (!failure.empty()) return failure;
      }
      if (failure.empty() && step.kind == Step::Kind::event) failure = happen(step);
      const bool event_follows = i + 1 < steps.size() && steps[i + 1].kind == Step::Kind::event;
      if (failure.empty()) failure = pump(!event_follows);
      if (!failure.empty()) return line_number(step.line) + failure;
    }
    if (!output_.empty()) return "at the end came more: " + printable(output_);
    if (!input_.empty() && session_->want() != Want::close) return "not taken at the end: " + printable(input_);
    return {};
  }

 private:
  // Runs the loop of session.h until the session has nothing more to do.
  std::string pump(bool may_wait) {
    for (std::size_t idle_turns = 0; idle_turns < 100'000; ++idle_turns) {
      session_->set_now(now_);
      if (take_ring()) session_->on_store_changed();
      if (way_.joins && !input_.empty() && session_->may_join()) {
        const std::size_t size = piece();
        const std::size_t taken = session_->receive(std::string_view(input_).substr(0, size));
        if (taken == 0 || taken > size) return "may_join() and takes " + std::to_string(taken);
        input_.erase(0, taken);
        idle_turns = 0;
        continue;
      }
      std::string out;
      session_->produce(out, way_.soft_limit);
      output_ += out;
      if (!out.empty()) idle_turns = 0;
      switch (session_->want()) {
        case Want::write:
          continue;
        case Want::start_tls:
        case Want::close:
          return {};
        case Want::wait:
          if (ring_pending()) continue;
          if (!may_wait) return {};
          if (!wait_for_ring(10s)) return "the session waits and nobody rings (a delay needs \"! deadline\")";
          continue;
        case Want::read:
          break;
      }
      if (ring_pending()) continue;
      if (input_.empty()) return {};
      const std::size_t size = piece();
      const std::size_t taken = session_->receive(std::string_view(input_).substr(0, size));
      if (taken > size) return "receive() took more than it was offered";
      if (taken == 0 && session_->want() == Want::read)
        return "wants to read and takes nothing of " + printable(input_);
      input_.erase(0, taken);
      if (taken > 0) idle_turns = 0;
    }
    return "wants to write for ever without any output";
  }

  std::string happen(const Step& step) {
    session_->set_now(now_);
    const Want want = session_->want();
    if (const auto event = transcript_.events.find(step.name); event != transcript_.events.end()) {
      event->second(step.argument);
    } else if (step.name == "tls") {
      if (want != Want::start_tls) return "wants " + std::string(name_of(want)) + " instead of start_tls";
      input_.clear();
      session_->on_tls_started({.protocol = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256", .server_name = ""});
    } else if (step.name == "ring") {
      session_->on_store_changed();
    } else if (step.name == "deadline") {
      const auto deadline = session_->deadline();
      if (!deadline) return "has no deadline";
      now_ = std::max(now_, *deadline);
      come_due();
    } else if (step.name == "after") {
      return advance(std::chrono::seconds(std::stol(step.argument)));
    } else if (step.name == "shutdown") {
      session_->on_shutdown();
    } else if (step.name == "disconnect") {
      session_->on_disconnect();
    } else if (step.name == "want") {
      if (name_of(want) != step.argument) return "wants " + std::string(name_of(want)) + " instead of " + step.argument;
    } else {
      return "no such event: " + step.name;
    }
    return {};
  }

  std::string advance(std::chrono::seconds time) {
    const auto until = now_ + time;
    for (int due = 0; due < 100'000; ++due) {
      const auto deadline = session_->deadline();
      if (!deadline || *deadline > until) {
        now_ = until;
        session_->set_now(now_);
        return {};
      }
      now_ = std::max(now_, *deadline);
      come_due();
      if (std::string failure = pump(false); !failure.empty()) return failure;
      if (session_->want() == Want::close) return {};
    }
    return "deadline() does not move on after on_deadline()";
  }

  void come_due() {
    session_->set_now(now_);
    session_->on_deadline();
  }

  std::size_t piece() {
    switch (way_.cut) {
      case Cut::whole:
        return input_.size();
      case Cut::single:
        return 1;
      case Cut::random:
        break;
    }
    const std::size_t most = random_() % 4 == 0 ? 200 : 12;
    return std::min<std::size_t>(input_.size(), 1 + random_() % most);
  }

  bool ring_pending() {
    const std::lock_guard lock(bell_->mutex);
    return bell_->rung;
  }
  bool wait_for_ring(std::chrono::seconds time) {
    std::unique_lock lock(bell_->mutex);
    return bell_->condition.wait_for(lock, time, [&] { return bell_->rung; });
  }
  bool take_ring() {
    const std::lock_guard lock(bell_->mutex);
    return std::exchange(bell_->rung, false);
  }

  const Transcript& transcript_;
  Way way_;
  std::minstd_rand random_;
  std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::unique_ptr<protocol::Session> session_;
  protocol::Clock::time_point now_ = protocol::Clock::time_point() + 1000h;
  std::string input_;
  std::string output_;
};

}  // namespace

std::string transcript_failure(std::string_view text, const Transcript& transcript) {
  constexpr std::size_t large = 64 * 1024;
  const Way ways[] = {{Cut::whole, large},
                      {Cut::single, large},
                      {Cut::whole, 64},
                      {Cut::whole, 1},
                      {Cut::single, 1},
                      {Cut::random, large, 1},
                      {Cut::random, 64, 2, true},
                      {Cut::random, 1, 3},
                      {Cut::single, large, 0, true}};
  try {
    const std::vector<Step> steps = parse(text);
    for (const Way& way : ways) {
      const std::string failure = Run(transcript, way).play(steps);
      if (!failure.empty()) return failure + "\n  (" + name_of(way) + ")";
    }
  } catch (const BadScript& bad) {
    return "bad transcript: " + bad.reason;
  }
  return {};
}

void check_transcript(std::string_view text, const Transcript& transcript) {
  const std::string failure = transcript_failure(text, transcript);
  if (!failure.empty()) FAIL(text << "\n" << failure);
  SUCCEED();
}

}  // namespace postfach::test
