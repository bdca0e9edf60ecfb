#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/flags/cache_flags.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/labelled_source_flags.h"
#include "cli/flags/output_flags.h"
#include "cli/flags/planned_runs.h"
#include "evaluation/few_shot_labels.h"
#include "report/evaluation_report.h"

namespace clipcls {

/// Labels that are made of examples.
struct FewShotFlags {
  FewShotOptions options;
  std::string save_labels;  ///< where to; "-": standard output; empty: nowhere

  /// Adds --few-shot and what belongs to it.
  void add(CommandDeclaration& command);
};

/// The name of the run that --compare adds others to.
inline constexpr std::string_view kFirstRun = "base";

/// `clipcls eval DIR`
struct EvalFlags {
  LabelledSourceFlags source;
  DecodeFlags decode;
  BatchFlags batch;
  RunFlags run;
  MessageFlags messages;
  std::vector<std::string> compare;  ///< see parse_run_variant()
  FewShotFlags few_shot;
  std::uint64_t seed = 0;      ///< of the examples' choice and of the bootstrap
  std::size_t num_worst = 10;  ///< mistakes that are listed
  std::optional<EvaluationFormat> given_format;
  OutputFlags output;
  CacheFlags cache;

  /// Declares them in the order of --help.
  void add(CommandDeclaration& command);
  /// Throws Error (kUsage).
  void validate(const CommandDeclaration& command) const;
  NamedInputs inputs() const;

  // What the flags come to. Each throws Error (kUsage).
  EvaluationFormat format() const;
  std::vector<RunVariant> variants() const;
};

/// Measures how often labelled images get their label. Returns the exit code: 0, or 1 when some images
/// failed. Throws Error when nothing could be done.
int evaluate(const EvalFlags& flags);

}  // namespace clipcls
