#pragma once

#include <vector>

#include "evaluation/evaluation_runs.h"

namespace clipcls {

/// What examples are made into.
enum class FewShotMethod {
  kMean,   ///< the mean of a class's image features
  kProbe,  ///< a linear classifier
};

struct FewShotOptions {
  std::size_t num_examples = 0;  ///< example images of each class; 0: none
  FewShotMethod method = FewShotMethod::kMean;
  double blend = 0.5;            ///< weight of the examples beside the prompts, 0 to 1
  double inverse_penalty = 100;  ///< of the probe: see fit_linear_probe()
};

/// Throws Error (kInvalidArgument) unless `run` and `images` can be taught from: a row a label, examples of
/// each label.
void require_examples(std::size_t num_examples, const EvaluationRun& run, const LabelledImages& images);

/// Labels made of examples and prompts.
///
/// Note [Blending]. With W = FewShotOptions::blend, z_l the zero-shot weights of label l (length one), m_l
/// the mean of its examples' unit features (length one), w_l and b_l those of the linear probe on unit
/// features:
///
///   mean   weights_l = unit((1 - W) z_l + W m_l)
///   probe  logit_l = (1 - W) logit_scale z_l · x + W (w_l · x + b_l)
///
/// The latter is WiSE-FT's mean of the zero-shot and the trained weights (Wortsman et al., Robust fine-tuning
/// of zero-shot models, 2022), for a linear head.
/// `training`: rows of `features`. Throws as make_classifier(), and Error (kInvalidArgument) where weights
/// cancel out.
LabelSet make_few_shot_labels(const FewShotOptions& options, const EvaluationRun& run,
                              const LabelledImages& images, const LabelledFeatures& features,
                              const std::vector<std::size_t>& training, ClipModel& model,
                              const LabelEmbedding& embedding);

}  // namespace clipcls
