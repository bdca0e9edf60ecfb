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

// What embed_labels(), plan_runs() and their like take until they take plain requests.

/// Images and the model that encodes them.
struct ImageOptions {
  ModelFlags device_flags;
  std::string model;
  EncodeOptions batch;
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

/// What examples are made into.
enum class FewShotMethod {
  kMean,   ///< the mean of a class's image features
  kProbe,  ///< a linear classifier
};

struct EvalOptions : LabelOptions {
  std::string source;          ///< DIR/<label>/… or a CSV file of path,label
  std::string image_features;  ///< a folder that `clipcls embed` wrote, in place of encoding; empty: none
  std::vector<RunVariant> variants;
  std::size_t num_examples = 0;  ///< images of each class that teach; 0: none
  FewShotMethod few_shot_method = FewShotMethod::kMean;
  double blend = 0.5;            ///< weight of the examples beside the prompts, 0 to 1
  double inverse_penalty = 100;  ///< of the probe: see fit_linear_probe()
  std::uint64_t seed = 0;        ///< of the examples' choice and of the bootstrap
  std::size_t num_worst = 10;    ///< mistakes that are listed
};

/// Fills in what options.load says of the device and of an automatic precision. Throws Error (kUsage).
void settle_device(ImageOptions& options);

}  // namespace clipcls
