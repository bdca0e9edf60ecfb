#pragma once

#include <filesystem>
#include <memory>

#include "base/on_message.h"
#include "model/load_model.h"

namespace clipcls {

class CommandDeclaration;

/// The ViaFlags of a build without src/serve: there are none.
struct ViaFlags {
  void add(CommandDeclaration&) {}
  std::unique_ptr<ClipModel> load(const std::filesystem::path& path, const LoadOptions& options,
                                  const OnMessage&) const {
    return load_model(path, options);
  }
};

}  // namespace clipcls
