#pragma once

#include <map>
#include <string>

#include "model/precision.h"

namespace clipcls {

class CommandDeclaration;

/// The model, and how its encoders run.
struct ModelFlags {
  std::string model;    ///< a folder, a .pt file or a name; empty: $CLIPCLS_MODEL, else the bundled model
  int num_threads = 0;  ///< 0: one a core
  Precision precision = Precision::kFloat32;
  std::string device = "cpu";  ///< see parse_device()

  /// Adds --model, --threads, --precision and --device.
  void add(CommandDeclaration& command);
};

/// How the model is loaded on this machine: the GPUs that --device names, and what an automatic precision is
/// on them. Throws Error (kInvalidArgument) where there is no such device or it does not compute in that
/// precision.
LoadOptions resolve_device(const ModelFlags& flags);

/// "cpu", "cuda:0,1"
std::string device_text(const LoadOptions& load);

/// --precision's words.
const std::map<std::string, Precision>& precision_words();

}  // namespace clipcls
