#pragma once

#include <optional>
#include <string>
#include <variant>

#include "clipcls/model/import_model.h"

namespace CLI {
class App;
}

namespace clipcls {

/// `clipcls model verify DIR`
struct VerifyModelOptions {
  std::string model;
};

/// `clipcls model import SOURCE --output DIR`
struct ImportModelOptions {
  std::string source;  ///< a file or a folder
  std::string output;
  std::string config;
  StoredPrecision precision = StoredPrecision::kFloat32;
  std::string license;
  bool force = false;  ///< an existing folder is replaced
};

/// One of the commands under `clipcls model`.
using ModelCommand = std::variant<VerifyModelOptions, ImportModelOptions>;

/// The declarations of `clipcls model …`; lives as long as the App that it declares into.
class ModelCommands {
 public:
  /// Adds the group `model` and its commands to `app`.
  explicit ModelCommands(CLI::App& app);

  /// After parsing: the command that was given, if it was one of these.
  std::optional<ModelCommand> given() const;

 private:
  CLI::App* verify_command_ = nullptr;
  VerifyModelOptions verify_;
  CLI::App* import_command_ = nullptr;
  ImportModelOptions import_;
};

}  // namespace clipcls
