#include "thread_model.h"

#include <algorithm>
#include <map>
#include <memory>

namespace postfach::test {
namespace {

struct Container {
  const ModelMessage* message = nullptr;  // null: a dummy
  Container* parent = nullptr;
  std::vector<Container*> children;
};

class Model {
 public:
  explicit Model(const std::vector<ModelMessage>& messages) : messages_(messages) {}

  std::string references() {
    for (const ModelMessage& message : messages_) step_1(message);
    for (const auto& each : all_) {
      if (each->parent == nullptr && each.get() != &root_) adopt(each.get(), &root_);  // step 2
    }
    prune(&root_);
    step_4();
    step_5();
    sort_all(&root_);
    return print_children(root_);
  }

  std::string ordered_subject() {
    std::map<std::string, Container*> threads;
    std::vector<const ModelMessage*> sorted;
    for (const ModelMessage& message : messages_) sorted.push_back(&message);
    std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->sent < b->sent; });
    for (const ModelMessage* message : sorted) {
      Container* container = make();
      container->message = message;
      Container*& thread = threads[message->subject];
      adopt(container, thread == nullptr ? &root_ : thread);
      if (thread == nullptr) thread = container;
    }
    return print_children(root_);
  }

 private:
  Container* make() {
    all_.push_back(std::make_unique<Container>());
    return all_.back().get();
  }
  static void remove(Container* child) {
    if (child->parent == nullptr) return;
    std::erase(child->parent->children, child);
    child->parent = nullptr;
  }
  static void adopt(Container* child, Container* parent) {
    remove(child);
    child->parent = parent;
    parent->children.push_back(child);
  }
  static bool descends(const Container* from, const Container* of) {
    return from == of || (from->parent != nullptr && descends(from->parent, of));
  }
  Container* by_id(const std::string& id) {
    Container*& found = ids_[id];
    if (found == nullptr) found = make();
    return found;
  }

  void step_1(const ModelMessage& message) {
    Container* before = nullptr;
    for (const std::string& reference : message.references) {
      Container* container = by_id(reference);
      if (before != nullptr && container->parent == nullptr && !descends(before, container)) adopt(container, before);
      before = container;
    }
    Container* self = message.id.empty() ? make() : by_id(message.id);
    if (self->message != nullptr) self = make();
    self->message = &message;
    remove(self);
    if (before != nullptr && !descends(before, self)) adopt(self, before);
  }

  // Children first, so that nothing that could go is left. Step 3.
  void prune(Container* at) {
    const std::vector<Container*> children = at->children;
    for (Container* child : children) prune(child);
    for (Container* child : children) {
      if (child->message != nullptr) continue;
      if (child->children.empty()) {
        remove(child);
      } else if (at != &root_ || child->children.size() == 1) {
        const std::vector<Container*> grandchildren = child->children;
        for (Container* grandchild : grandchildren) adopt(grandchild, at);
        remove(child);
      }
    }
  }

  static const ModelMessage* first(const Container* at) {
    return at->message != nullptr ? at->message : at->children.front()->message;
  }
  static void sort_children(Container* at) {
    std::sort(at->children.begin(), at->children.end(), [](const Container* a, const Container* b) {
      return std::pair(first(a)->sent, first(a)->uid) < std::pair(first(b)->sent, first(b)->uid);
    });
  }
  static void sort_all(Container* at) {
    for (Container* child : at->children) sort_all(child);
    sort_children(at);
  }

  void step_4() {
    for (Container* thread : root_.children) {
      if (thread->message == nullptr) sort_children(thread);
    }
    sort_children(&root_);
  }

  static bool is_reply(const Container* at) { return at->message != nullptr && at->message->is_reply_or_forward; }

  void step_5() {
    std::map<std::string, Container*> table;
    for (Container* current : root_.children) {
      const std::string& subject = first(current)->subject;
      if (subject.empty()) continue;
      Container*& entry = table[subject];
      if (entry == nullptr) {
        entry = current;
      } else if (entry->message != nullptr &&
                 (current->message == nullptr || (is_reply(entry) && !is_reply(current)))) {
        entry = current;
      }
    }
    const std::vector<Container*> threads = root_.children;
    for (Container* current : threads) {
      const std::string& subject = first(current)->subject;
      if (subject.empty()) continue;
      Container*& entry = table[subject];
      if (entry == current) continue;
      if (entry->message == nullptr && current->message == nullptr) {
        const std::vector<Container*> children = current->children;
        for (Container* child : children) adopt(child, entry);
        remove(current);
      } else if (entry->message == nullptr || (is_reply(current) && !is_reply(entry))) {
        adopt(current, entry);
      } else {
        Container* dummy = make();
        adopt(dummy, &root_);
        adopt(current, dummy);
        adopt(entry, dummy);
        entry = dummy;
      }
    }
  }

  static std::string print(const Container& at) {
    std::string text;
    if (at.message != nullptr) text += std::to_string(at.message->uid);
    if (at.message != nullptr && !at.children.empty()) text += ' ';
    if (at.children.size() == 1) return text + print(*at.children.front());
    return text + print_children(at);
  }
  static std::string print_children(const Container& at) {
    std::string text;
    for (const Container* child : at.children) text += "(" + print(*child) + ")";
    return text;
  }

  const std::vector<ModelMessage>& messages_;
  std::vector<std::unique_ptr<Container>> all_;
  std::map<std::string, Container*> ids_;
  Container root_;
};

std::string print_nodes(const std::vector<ThreadNode>& nodes, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t at = begin; at < end; at += nodes[at].size) {
    const std::size_t after = at + nodes[at].size;
    const bool has_children = nodes[at].size > 1;
    const bool is_chain = has_children && nodes[at + 1].size + 1 == nodes[at].size;
    std::string inner = print_nodes(nodes, at + 1, after);
    if (is_chain) inner = inner.substr(1, inner.size() - 2);
    text += "(";
    if (nodes[at].uid != 0) text += std::to_string(nodes[at].uid) + (has_children ? " " : "");
    text += inner + ")";
  }
  return text;
}

}  // namespace

std::string model_threads(const std::vector<ModelMessage>& messages, ThreadAlgorithm algorithm) {
  Model model(messages);
  return algorithm == ThreadAlgorithm::references ? model.references() : model.ordered_subject();
}

std::string print_threads(const std::vector<ThreadNode>& nodes) { return print_nodes(nodes, 0, nodes.size()); }

}  // namespace postfach::test
