#pragma once

#include <vector>

#include "cli/evaluation_runs.h"
#include "cli/labelled_features.h"
#include "clipcls/evaluation/few_shot.h"

namespace clipcls {

/// Throws Error (kUsage) unless `run` and `images` can be taught from: a row a label, examples of each label.
void require_examples(const EvalOptions& options, const PlannedRun& run, const LabelledImages& images);

/// Labels made of examples and prompts.
///
/// Note [Blending]. With W = --blend, z_l the zero-shot weights of label l (length one), m_l the mean of its
/// examples' unit features (length one), w_l and b_l those of the linear probe on unit features:
///
///   mean   weights_l = unit((1 - W) z_l + W m_l)
///   probe  logit_l = (1 - W) logit_scale z_l · x + W (w_l · x + b_l)
///
/// The latter is WiSE-FT's mean of the zero-shot and the trained weights (Wortsman et al., Robust fine-tuning
/// of zero-shot models, 2022), for a linear head.
/// `training`: rows of `features`.
LabelSet make_few_shot_labels(const EvalOptions& options, const PlannedRun& run, const LabelledImages& images,
                              const LabelledFeatures& features, const std::vector<std::size_t>& training,
                              ClipModel& model);

}  // namespace clipcls
