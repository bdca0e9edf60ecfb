#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/flags/cache_flags.h"
#include "cli/flags/encode_options.h"
#include "cli/flags/label_flags.h"
#include "cli/flags/run_variant.h"
#include "cli/flags/score_flags.h"
#include "clipcls/model/import_model.h"
#include "clipcls/zero_shot/classifier.h"

namespace clipcls {

/// The model that encodes, and what is said meanwhile.
struct ImageOptions {
  ModelFlags device_flags;
  std::string model;
  LoadOptions load;
  bool is_quiet = false;
  bool is_verbose = false;
};

/// Labels, and what their scores are.
struct LabelOptions : ImageOptions {
  std::string labels;                   ///< a file or a built-in list; empty: none
  std::vector<std::string> label;       ///< labels given one by one, after those of `labels`
  std::vector<std::string> templates;   ///< prompt templates; empty: the model's own
  std::string templates_file;           ///< a file or a built-in set
  std::optional<ScoreKind> score_kind;  ///< none: the model's activation
  std::vector<std::string> none;        ///< background prompts; empty: "none of these" is no answer
  std::vector<std::string> negatives;   ///< negative prompts of kMultiLabel; empty: the default
  std::optional<double> threshold;      ///< predictions with a lower score are left out
  std::string calibration;              ///< a file that `clipcls calibrate` wrote; empty: none
  CacheFlags cache;
};

LabelOptions label_options(const LabelFlags& labels, const ScoreFlags& scores,
                           const MultiLabelFlags& multi_label, const ModelFlags& model,
                           const CacheFlags& cache, const MessageFlags& messages);

/// Fills in what options.load says of the device and of an automatic precision. Throws Error (kUsage).
void settle_device(ImageOptions& options);

}  // namespace clipcls
