// Labels that were taught by example pictures: text embeddings blended with what the examples say.
#include "evaluation/few_shot_labels.h"

#include <algorithm>
#include <cmath>

#include "clipcls/error.h"
#include "evaluation/statistics/few_shot.h"

namespace clipcls {
namespace {

[[noreturn]] void fail_few_shot(const std::string& message) {
  throw Error(ErrorKind::kInvalidArgument, "few-shot: " + message);
}

/// Stores `values` as a direction of length one and a norm.
void set_weights(LabelWeights& weights, std::size_t label, const std::vector<double>& values,
                 bool keeps_norm) {
  double square_sum = 0;
  for (const double value : values) square_sum += value * value;
  const double norm = std::sqrt(square_sum);
  if (norm == 0)
    fail_few_shot("label " + std::to_string(label) + ": its weights cancel out; take another blend");
  const std::span<float> row = weights.class_embeddings.row(label);
  for (std::size_t j = 0; j < values.size(); ++j) row[j] = static_cast<float>(values[j] / norm);
  weights.norms[label] = keeps_norm ? norm : 1;
}

}  // namespace

void require_examples(std::size_t num_examples, const EvaluationRun& run, const LabelledImages& images) {
  if (run.labels.labels->weights)
    fail_few_shot(run.labels.labels_name + " has labels made of pictures already");
  for (const Label& label : run.labels.labels->labels) {
    // A bin has several rows, and examples do not say which of them they show.
    if (!label.bin.empty())
      fail_few_shot("label \"" + label.name + "\" is a bin; give its members as labels");
  }
  const AnswerNames answers = run.labels.answers();
  std::vector<std::size_t> num_images(answers.size());
  for (const std::size_t image_class : images.classes) ++num_images[run.label_of_class[image_class]];
  std::size_t num_left = 0;
  for (std::size_t label = 0; label < num_images.size(); ++label) {
    if (num_images[label] < num_examples) {
      fail_few_shot("label \"" + answers[label] + "\" has " + std::to_string(num_images[label]) +
                    " pictures, and " + std::to_string(num_examples) + " examples are asked for");
    }
    num_left += num_images[label] - num_examples;
  }
  if (num_left == 0) fail_few_shot("all pictures are examples, and none is left for the test; take fewer");
}

LabelSet make_few_shot_labels(const FewShotOptions& options, const EvaluationRun& run,
                              const LabelledImages& images, const LabelledFeatures& features,
                              const std::vector<std::size_t>& training, ClipModel& model,
                              const LabelEmbedding& embedding) {
  const std::size_t embed_dim = features.features.cols;
  const std::size_t num_labels = run.labels.answers().size();
  // The examples' features, what the prompts say, what the examples say, and the blend of both.
  Matrix examples(training.size(), embed_dim);
  std::vector<std::size_t> targets;
  for (std::size_t i = 0; i < training.size(); ++i) {
    std::ranges::copy(features.features.row(training[i]), examples.row(i).begin());
    targets.push_back(run.label_of_class[images.classes[features.images[training[i]]]]);
  }
  const Matrix zero_shot = embed_labels(model, run.labels, embedding);

  LabelSet label_set = *run.labels.labels;
  LabelWeights& weights = label_set.weights.emplace();
  weights.model = model.config().name;
  weights.image_fingerprint = model.image_fingerprint();
  weights.text_fingerprint = model.text_fingerprint();
  weights.class_embeddings = Matrix(num_labels, embed_dim);
  weights.norms.assign(num_labels, 1);
  weights.biases.assign(num_labels, 0);
  const bool is_probe = options.method == FewShotMethod::kProbe;
  const Matrix means = is_probe ? Matrix() : class_means(examples, targets, num_labels);
  const LinearProbe probe =
      is_probe ? fit_linear_probe(examples, targets, num_labels, options.inverse_penalty) : LinearProbe();
  // Note [Blending], label by label.
  for (std::size_t label = 0; label < num_labels; ++label) {
    std::vector<double> blended(embed_dim);
    for (std::size_t j = 0; j < embed_dim; ++j) {
      // The probe's weights make logits; divided by the scale they are weights of cosines, as zero-shot ones
      // are.
      const double taught = is_probe ? probe.weights[label * embed_dim + j] / model.config().logit_scale
                                     : static_cast<double>(means.row(label)[j]);
      blended[j] =
          (1 - options.blend) * static_cast<double>(zero_shot.row(label)[j]) + options.blend * taught;
    }
    set_weights(weights, label, blended, is_probe);
    // Zero-shot weights have no bias, so the blend has a part of the probe's.
    if (is_probe) weights.biases[label] = options.blend * probe.biases[label];
  }
  return label_set;
}

}  // namespace clipcls
