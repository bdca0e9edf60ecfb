#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/on_message.h"
#include "model/clip_model.h"
#include "model/precision.h"

namespace clipcls {

class CommandDeclaration;

/// The server that encodes pictures in place of this process.
struct ViaFlags {
  std::string socket;          ///< it has to be there
  std::string socket_or_here;  ///< where it is not there, this process encodes

  /// Adds --via and --via-or-here.
  void add(CommandDeclaration& command);

  /// The model at `path`, with the encoder of the server where one is wanted. Throws Error (kModel), and
  /// Error (kUsage) where the server has to be there and is not, or has another model.
  std::unique_ptr<ClipModel> load(const std::filesystem::path& path, const LoadOptions& options,
                                  const OnMessage& on_warning) const;
};

}  // namespace clipcls
