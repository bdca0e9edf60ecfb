#pragma once

#include <functional>
#include <string>

#include "cli/flags/cache_flags.h"
#include "cli/flags/declaration.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/feature_flags.h"
#include "cli/flags/input_flags.h"
#include "cli/flags/label_flags.h"
#include "cli/flags/photos.h"
#include "cli/flags/progress_flags.h"
#include "cli/flags/result_flags.h"
#include "cli/flags/score_flags.h"
#include "cli/flags/via.h"
#include "pipeline/batch_pipeline.h"

namespace clipcls {

/// `clipcls [OPTIONS] IMAGE...`
struct ClassifyFlags {
  InputFlags input;
  DecodeFlags decode;
  BatchFlags batch;
  FeatureFlags features;  ///< in place of images
  ModelFlags model;
  ViaFlags via;
  ProgressFlags progress;
  MessageFlags messages;
  LabelFlags labels;
  ScoreFlags scores;
  MultiLabelFlags multi_label;
  std::size_t top_k = 5;
  ResultFlags results;
  bool shows_timings = false;  ///< where the time of the run went
  CacheFlags cache;
  PhotoFlags photos;

  /// Declares them in the order of --help.
  void add(CommandDeclaration& command);
  /// Throws Error (kUsage).
  void validate(const CommandDeclaration& command) const;
  NamedInputs inputs() const;
  /// The same without the images: those may be anything that lies beside a photo, as with `clipcls *`.
  NamedInputs inputs_besides_images() const;
};

/// What is classified, as the flags come to.
struct ClassifyPlan {
  ReportFormat format = ReportFormat::kText;
  LoadOptions load;
  BatchOptions batch;
  std::optional<double> threshold;
  /// Every flag, and what it came to, in words. Made when it is asked for, since it copies all labels.
  std::function<FlagValues()> values;
};

/// Throws Error (kInvalidArgument) where there is no such device.
ClassifyPlan resolve(const ClassifyFlags& flags, const CommandDeclaration& command);

/// Ranks the labels for every image and prints them. Returns the exit code: 0, or 1 when some images failed.
/// Throws Error when nothing could be done.
int classify_images(const ClassifyFlags& flags, const ClassifyPlan& plan);

/// Ranks the labels for image features that `clipcls embed` wrote, and prints what classify_images() prints
/// for the images themselves. The image encoder is not loaded. Returns the exit code. Throws Error.
int rank_features(const ClassifyFlags& flags, const ClassifyPlan& plan);

}  // namespace clipcls
