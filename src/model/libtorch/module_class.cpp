#include "module_class.h"

#include <sstream>

namespace clipcls {

using torch::jit::Module;

// torch.jit.save writes the code of a class into the file of its module: a name without one has no place.
ModuleClass::ModuleClass(const std::string& name, std::string source,
                         std::shared_ptr<torch::jit::CompilationUnit> unit)
    : name_("__torch__.clipcls." + name), source_(std::move(source)), unit_(std::move(unit)) {}

Module ModuleClass::make(const Members& members) {
  if (type_ != nullptr) {
    Module module(unit_, type_);
    // eval() and freezing ask for it.
    module.setattr("training", false);
    for (const auto& [name, value] : members) module.setattr(name, value);
    return module;
  }
  Module module(c10::QualifiedName(name_), unit_);
  module.register_attribute("training", c10::BoolType::get(), false);
  for (const auto& [name, value] : members) {
    if (value.isTensor()) {
      module.register_parameter(name, value.toTensor(), /*is_buffer=*/false);
    } else {
      module.register_attribute(name, value.type(), value);
    }
  }
  // Behind the attributes, whose types the compiler has to know.
  module.define(source_);
  type_ = module.type();
  return module;
}

std::string replace_all(std::string source, const std::string& from, const std::string& to) {
  for (std::size_t at = source.find(from); at != std::string::npos; at = source.find(from, at + to.size())) {
    source.replace(at, from.size(), to);
  }
  return source;
}

std::string unroll(const std::string& source, const std::string& name, std::size_t count) {
  const std::string start = "    for " + name + ": ";
  std::string result;
  std::istringstream lines(source);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(start)) {
      result += line + "\n";
      continue;
    }
    for (std::size_t index = 0; index < count; ++index) {
      const std::string child = "self." + name + "_" + std::to_string(index);
      // TorchScript compiles loops over modules by unrolling them, too; here the children keep names of
      // their own.
      result += "    " + replace_all(line.substr(start.size()), "each", child) + "\n";
    }
  }
  return result;
}

Module make_encoder(const std::string& name, const std::shared_ptr<torch::jit::CompilationUnit>& unit,
                    const Members& members, const Children& children, const std::string& source) {
  ModuleClass encoder_class(name, "", unit);
  Module encoder = encoder_class.make(members);
  for (const auto& [child_name, child] : children) encoder.register_module(child_name, child);
  encoder.define(source);
  return encoder;
}

void add_layer(Members& members, const std::string& name, StateDict& state_dict, const std::string& source) {
  add(members, name + "_weight", state_dict.take(source + ".weight"));
  add(members, name + "_bias", state_dict.take(source + ".bias"));
}

}  // namespace clipcls
