#include "cli/flags/library_options.h"

namespace clipcls {

LabelOptions label_options(const LabelFlags& labels, const ScoreFlags& scores,
                           const MultiLabelFlags& multi_label, const ModelFlags& model,
                           const CacheFlags& cache, const MessageFlags& messages) {
  LabelOptions options;
  options.device_flags = model;
  options.model = model.model;
  settle_device(options);
  options.is_quiet = messages.is_quiet;
  options.is_verbose = messages.is_verbose;
  options.labels = labels.labels;
  options.label = labels.prompts.label;
  options.templates = labels.prompts.templates;
  options.templates_file = labels.prompts.templates_file;
  options.score_kind = score_kind_of(scores, multi_label);
  options.none = scores.none;
  options.negatives = multi_label.negatives;
  options.threshold = threshold_of(scores, multi_label);
  options.calibration = scores.calibration;
  options.cache = cache;
  return options;
}

void settle_device(ImageOptions& options) { options.load = resolve_device(options.device_flags); }

}  // namespace clipcls
