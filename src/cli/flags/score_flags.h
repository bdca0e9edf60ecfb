#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags/standard_input.h"
#include "zero_shot/classifier.h"

namespace clipcls {

class CommandDeclaration;

/// What a score is.
struct ScoreFlags {
  std::optional<ScoreKind> kind;    ///< none: the model's activation
  std::vector<std::string> none;    ///< background prompts; empty: "none of these" is no answer
  std::optional<double> threshold;  ///< predictions with a lower score are left out
  std::string calibration;          ///< a file that `clipcls calibrate` wrote; empty: none

  /// Adds --score, --none, --threshold and --calibration.
  void add(CommandDeclaration& command);
  /// Throws Error (kLabels) where a prompt is no line of text.
  void validate() const;
  NamedInputs inputs() const;
};

/// Whether each label is scored on its own.
struct MultiLabelFlags {
  bool is_multi_label = false;
  std::vector<std::string> negatives;  ///< negative prompts; empty: the default

  /// Adds --multi-label and --negative, behind the flags of ScoreFlags.
  void add(CommandDeclaration& command);
  /// Throws Error (kLabels) where a prompt is no line of text.
  void validate() const;
};

// What the flags come to.

/// None: the model's activation.
std::optional<ScoreKind> score_kind_of(const ScoreFlags& scores, const MultiLabelFlags& multi_label);

/// With --multi-label, labels are printed from 50 % on unless --threshold says otherwise.
std::optional<double> threshold_of(const ScoreFlags& scores, const MultiLabelFlags& multi_label);

/// `top_k`: of --top-k. With --multi-label there is no limit unless that `is_given`: several labels may
/// apply, the threshold says which, and five is no natural number of them.
std::size_t top_k_of(std::size_t top_k, bool is_given, const MultiLabelFlags& multi_label);

}  // namespace clipcls
