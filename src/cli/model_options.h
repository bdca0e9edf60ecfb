#pragma once

#include <optional>
#include <string>
#include <variant>

namespace CLI {
class App;
}

namespace clipcls {

/// `clipcls model verify DIR`
struct VerifyModelOptions {
  std::string model;
};

/// One of the commands under `clipcls model`.
using ModelCommand = std::variant<VerifyModelOptions>;

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
};

}  // namespace clipcls
