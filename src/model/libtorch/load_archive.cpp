#include "load_archive.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/operator_upgraders/upgraders_entry.h>
#include <torch/csrc/jit/serialization/import_read.h>
#include <torch/csrc/jit/serialization/import_source.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "clipcls/error.h"
#include "mapped_archive.h"
#include "model_error.h"

namespace clipcls {
namespace {

using c10::IValue;
using torch::jit::CompilationUnit;

/// Makes the objects of one archive.
class ArchiveLoader {
 public:
  explicit ArchiveLoader(const std::filesystem::path& path)
      : archive_(path),
        unit_(std::make_shared<CompilationUnit>()),
        sources_(
            unit_, &constants_, [this](const std::string& name) { return find_source(name); },
            archive_.reader().version()) {}

  // In place of torch::jit::load(): that copies the weights, and runs __setstate__ of whoever wrote the
  // file.
  torch::jit::Module load() {
    torch::jit::populate_upgraders_graph_map();  // what archives of older versions are translated with
    const IValue constants = read("constants");
    for (const IValue& constant : constants.toTuple()->elements()) constants_.push_back(constant);
    return torch::jit::Module(read("data").toObject());
  }

 private:
  /// The objects of NAME.pkl, whose storages are the records of NAME/. They come with the size that they
  /// have, not with the one that the pickle claims, so that libtorch notices a tensor that reaches beyond it.
  IValue read(const std::string& name) {
    const auto find_type = [this](const c10::QualifiedName& type) {
      const std::string& full_name = type.qualifiedName();
      // Classes in C++ that are registered with libtorch: making one runs their code on what the file says.
      if (full_name.starts_with("__torch__.torch.classes.")) {
        fail("holds an object of the class " + full_name + "; an encoder is made of TorchScript alone");
      }
      return c10::StrongTypePtr(unit_, sources_.loadType(type));
    };
    return torch::jit::readArchiveAndTensors(
        name, /*pickle_prefix=*/"", /*tensor_prefix=*/"", find_type, make_object, at::kCPU, archive_.reader(),
        torch::jit::Unpickler::defaultTypeParser, archive_.storages(name + "/"));
  }

  static c10::intrusive_ptr<c10::ivalue::Object> make_object(const c10::StrongTypePtr& type,
                                                             const IValue& state) {
    const auto object_class = type.type_->expect<c10::ClassType>();
    if (object_class->findMethod("__setstate__") != nullptr) {
      fail("holds an object of the class " + object_class->repr_str() +
           ", whose own code would run while it is loaded (__setstate__)");
    }
    const auto attributes = state.toGenericDict();
    // Only attributes that the class declares are set; others of the file are left out.
    const std::size_t num_attributes = object_class->numAttributes();
    auto object = c10::ivalue::Object::create(type, num_attributes);
    for (std::size_t slot = 0; slot < num_attributes; ++slot) {
      const std::string& name = object_class->getAttributeName(slot);
      if (!attributes.contains(name)) fail("has no value for the attribute " + name);
      object->setSlot(slot, attributes.at(name));
    }
    return object;
  }

  std::shared_ptr<torch::jit::Source> find_source(const std::string& qualified_name) {
    std::string record = "code/" + qualified_name + ".py";
    std::replace(record.begin() + 5, record.end() - 3, '.', '/');
    if (!archive_.reader().hasRecord(record)) return nullptr;
    return std::make_shared<torch::jit::Source>(archive_.text(record), record, /*starting_line_no=*/1);
  }

  MappedArchive archive_;
  std::shared_ptr<CompilationUnit> unit_;
  std::vector<IValue> constants_;
  torch::jit::SourceImporter sources_;
};

}  // namespace

torch::jit::Module load_archive(const std::filesystem::path& path) {
  const at::NoGradGuard no_grad;
  ArchiveLoader loader(path);
  return loader.load();
}

}  // namespace clipcls
