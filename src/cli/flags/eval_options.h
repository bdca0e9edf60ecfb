#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/program.h"

namespace clipcls {

/// The declarations of `clipcls eval`, `calibrate` and `labels check`; lives as long as the App that it
/// declares into.
class EvalCommands {
 public:
  /// Adds the commands to `app`.
  explicit EvalCommands(CommandDeclaration& app);

  /// After parsing: the command that was given, if it was one of these. Throws Error (kUsage) where its flags
  /// contradict each other.
  std::optional<EvalCommand> given() const;

 private:
  CommandDeclaration* eval_command_ = nullptr;
  EvalOptions eval_;
  std::vector<std::string> compare_;
  CommandDeclaration* calibrate_command_ = nullptr;
  CalibrateOptions calibrate_;
  CommandDeclaration* check_command_ = nullptr;
  CheckLabelsOptions check_;
};

/// "NAME:key=value,…" with the keys labels, templates, template, model and precision. A comma parts two of
/// them only where a key follows it. Throws Error (kUsage).
RunVariant parse_run_variant(const std::string& text);

}  // namespace clipcls
