#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/on_message.h"
#include "model/clip_model.h"
#include "text/tokenizer.h"
#include "zero_shot/answer_names.h"
#include "zero_shot/calibration_file.h"
#include "zero_shot/classifier.h"
#include "zero_shot/label_embedding_cache.h"
#include "zero_shot/label_set.h"
#include "zero_shot/prompt_template.h"
#include "zero_shot/zero_shot_weights.h"

namespace clipcls {

/// The threshold of kMultiLabel where none is given: nearer to the label than to its negative prompt.
inline constexpr double kMultiLabelThreshold = 0.5;

/// What is to be ranked, and what its scores are.
struct LabelRequest {
  std::shared_ptr<const LabelSet> labels = std::make_shared<LabelSet>();
  std::vector<PromptTemplate> templates{};  ///< empty: those of the labels, else the model's
  std::vector<std::string> none{};          ///< background prompts; empty: "none of these" is no answer
  std::vector<std::string> negatives{};     ///< negative prompts of kMultiLabel; empty: the default
  std::optional<ScoreKind> score_kind{};    ///< none: the model's own
  std::optional<double> threshold{};        ///< predictions with a lower score are left out
  std::optional<Calibration> calibration{};
  std::string labels_name = "labels";            ///< what messages call them: their file
  std::string calibration_name = "calibration";  ///< likewise

  AnswerNames answers() const { return {labels, !none.empty()}; }
};

/// How the prompts of labels are embedded.
struct LabelEmbedding {
  std::function<Tokenizer()> load_tokenizer;  ///< called only where the cache does not have the embeddings
  std::optional<LabelEmbeddingCache> cache;   ///< none: nothing is cached
  std::size_t num_workers = 0;                ///< threads; 0: one a core
  OnMessage on_warning = ignore_message;
  OnMessage on_note = ignore_message;  ///< hears where embeddings come from
  OnMessage on_wait = ignore_message;  ///< hears beforehand of prompts that take a minute or longer
  std::function<double()> clock = steady_seconds;  ///< what that is measured by
};

/// Takes out labels and background prompts that are given again, which is warned of. Throws Error (kLabels)
/// as drop_repeated_labels().
void drop_repeated(LabelSet& labels, const OnMessage& on_warning);

/// Throws Error (kInvalidArgument) where parts of `request` exclude each other, whatever the model.
void require_consistent(const LabelRequest& request);

/// The classifier of `request`. The text encoder is loaded only where the cache does not have the embeddings
/// of the labels. Warns of prompts that were cut. Throws Error (kModel), and Error (kLabels,
/// kInvalidArgument) where labels or a calibration belong to another model, or parts of the request exclude
/// each other.
ZeroShotClassifier make_classifier(ClipModel& model, const LabelRequest& request,
                                   const LabelEmbedding& embedding);

/// The kind of score that a model was trained with.
ScoreKind score_kind_of(const ModelConfig& config);

/// The prompts of the labels, with the templates of the request, else of the labels, else of the model.
PromptRows fill_prompts(const LabelRequest& request, const ModelConfig& config);

/// Unit rows for all prompts of the labels, without background and negative ones: [rows of fill_prompts(),
/// embed_dim]. Of labels that were made from pictures their own. Throws as make_classifier().
Matrix embed_labels(ClipModel& model, const LabelRequest& request, const LabelEmbedding& embedding);

}  // namespace clipcls
