#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "state_dict.h"

namespace clipcls {

/// What a module holds: tensors become parameters, numbers attributes.
using Members = std::vector<std::pair<std::string, c10::IValue>>;
using Children = std::vector<std::pair<std::string, torch::jit::Module>>;

/// One class of modules: its source is compiled for the first object, the others share the type.
class ModuleClass {
 public:
  ModuleClass(const std::string& name, std::string source, std::shared_ptr<torch::jit::CompilationUnit> unit);

  torch::jit::Module make(const Members& members);

 private:
  std::string name_;
  std::string source_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  c10::ClassTypePtr type_;
};

/// Replaces every `from` in a source.
std::string replace_all(std::string source, const std::string& from, const std::string& to);

/// Replaces each line "    for NAME: …" of `source` by its rest, once for each of the `count` children
/// NAME_0, NAME_1, …, with the child in place of "each".
std::string unroll(const std::string& source, const std::string& name, std::size_t count);

/// An encoder: its members, its children and its source, compiled last since it calls them.
torch::jit::Module make_encoder(const std::string& name,
                                const std::shared_ptr<torch::jit::CompilationUnit>& unit,
                                const Members& members, const Children& children, const std::string& source);

inline void add(Members& members, const std::string& name, c10::IValue value) {
  members.emplace_back(name, std::move(value));
}

/// The weight and bias of a linear layer or a layer norm.
void add_layer(Members& members, const std::string& name, StateDict& state_dict, const std::string& source);

}  // namespace clipcls
