#include "replay.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace postfach::fault {
namespace {

constexpr std::uint64_t kSector = 512;

void write_at(std::string& file, std::uint64_t offset, std::string_view octets) {
  if (file.size() < offset + octets.size()) file.resize(offset + octets.size(), '\0');
  file.replace(offset, octets.size(), octets);
}

void write_file(const std::string& path, const std::string& octets) {
  std::ofstream(path, std::ios::binary).write(octets.data(), static_cast<std::streamsize>(octets.size()));
}

}  // namespace

Replay::Replay(const Recording& recording, unsigned seed)
    : recording_(recording), random_(seed), states_(recording.is_directory.size()) {
  for (Node node = 0; node < recording.initial.size(); ++node) {
    states_[node].octets = recording.initial[node].octets;
    states_[node].entries = recording.initial[node].entries;
  }
}

void Replay::advance(std::size_t position) {
  for (; position_ < position; ++position_) {
    const Event& event = recording_.events[position_];
    State& state = states_[event.node];
    if (event.kind != Event::Kind::sync && event.kind != Event::Kind::failed_sync) {
      state.pending.push_back(&event);
      continue;
    }
    std::string octets = std::move(state.octets);
    std::map<std::string, Node> entries = std::move(state.entries);
    settle(state, event.kind == Event::Kind::sync ? Luck::all : Luck::some, octets, entries);
    state = {std::move(octets), std::move(entries), {}};
  }
}

void Replay::settle(const State& state, Luck luck, std::string& octets, std::map<std::string, Node>& entries) {
  bool is_ordered_end = false;
  for (const Event* event : state.pending) {
    const std::uint64_t chance = luck == Luck::all ? 0 : luck == Luck::none ? 1 : random_() % 3;
    switch (event->kind) {
      case Event::Kind::write:
        if (chance == 0) {
          write_at(octets, event->offset, event->octets);
        } else if (chance == 2) {
          for (std::uint64_t done = 0; done < event->octets.size();) {
            const std::uint64_t here = event->offset + done;
            const std::uint64_t size = std::min(kSector - here % kSector, event->octets.size() - done);
            if (random_() % 2 == 0) write_at(octets, here, std::string_view(event->octets).substr(done, size));
            done += size;
          }
        }
        break;
      case Event::Kind::truncate:
        if (chance != 1) octets.resize(event->offset, '\0');
        break;
      case Event::Kind::entries:
        is_ordered_end = is_ordered_end || chance == 1;
        if (is_ordered_end) break;
        for (const auto& [name, node] : event->entries) {
          if (node == kNobody) {
            entries.erase(name);
          } else {
            entries[name] = node;
          }
        }
        break;
      default:
        break;
    }
  }
}

void Replay::write_image(const std::string& path) {
  constexpr Luck kLuck[] = {Luck::none, Luck::all, Luck::some, Luck::some, Luck::some};
  write_node(0, kLuck[random_() % std::size(kLuck)], path);
}

void Replay::write_node(Node node, Luck luck, const std::string& path) {
  std::string octets = states_[node].octets;
  std::map<std::string, Node> entries = states_[node].entries;
  settle(states_[node], luck, octets, entries);
  if (!recording_.is_directory[node]) {
    write_file(path, octets);
    // Shared memory is a file too, and never synced.
    if (path.ends_with(".db") && random_() % 4 == 0) {
      std::string noise(32'768, '\0');
      for (char& octet : noise) octet = static_cast<char>(random_());
      write_file(path + "-shm", noise);
    }
    return;
  }
  std::filesystem::create_directories(path);
  for (const auto& [name, child] : entries) write_node(child, luck, path + "/" + name);
}

}  // namespace postfach::fault
