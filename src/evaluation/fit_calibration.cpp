// A calibration is one temperature for all scores, and a threshold of the cosine for each label.
#include "evaluation/fit_calibration.h"

#include <cstdint>

namespace clipcls {
namespace {

void fit(FittedCalibration& fitted, const ZeroShotClassifier& classifier, const LabelledFeatures& features,
         const std::vector<std::size_t>& targets, std::size_t num_labels) {
  const AnswerLogits answers = classifier.answer_logits(features.features.values, features.features.rows);
  fitted.temperature = fit_temperature(
      answers.logits, targets,
      classifier.rule().kind == ScoreKind::kSigmoid ? CalibrationLoss::kSigmoid : CalibrationLoss::kSoftmax);
  std::vector<double> similarities(targets.size());
  std::vector<std::uint8_t> is_positive(targets.size());
  for (std::size_t label = 0; label < num_labels; ++label) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      similarities[i] = answers.similarities[i * num_labels + label];
      is_positive[i] = targets[i] == label ? 1 : 0;
    }
    fitted.thresholds.push_back(fit_threshold(similarities, is_positive));
  }
}

double calibration_error(const ZeroShotClassifier& classifier, const LabelledFeatures& features,
                         const std::vector<std::size_t>& targets, std::size_t num_labels) {
  const std::vector<Outcome> outcomes = classify_labelled(classifier, features, all_rows(features), targets);
  return compute_metrics(outcomes, num_labels, true).calibration_error.value_or(0);
}

}  // namespace

FittedCalibration fit_calibration(const EvaluationRun& run, const ZeroShotClassifier& classifier,
                                  const LabelledImages& images, const LabelledFeatures& features,
                                  ClipModel& model, const LabelEmbedding& embedding) {
  const std::vector<std::size_t> targets = targets_of(run, images, features);
  const std::size_t num_labels = run.labels.answers().size();
  FittedCalibration fitted;
  fitted.num_images = targets.size();
  fit(fitted, classifier, features, targets, num_labels);

  Calibration& calibration = fitted.calibration;
  calibration.model = model.config().name;
  calibration.image_fingerprint = model.image_fingerprint();
  calibration.text_fingerprint = model.text_fingerprint();
  // What a later run compares: a calibration is for these labels with these prompts.
  calibration.labels_checksum = labels_checksum(*run.labels.labels, fill_prompts(run.labels, model.config()));
  calibration.kind = classifier.rule().kind;
  calibration.temperature = fitted.temperature.temperature;
  for (const Label& label : run.labels.labels->labels) calibration.labels.push_back(label.name);
  for (const auto& threshold : fitted.thresholds)
    calibration.thresholds.push_back(threshold ? std::optional(threshold->threshold) : std::nullopt);

  // Before and after on the pictures that it was fitted on: it shows that the fit works, not how well it
  // carries over.
  fitted.error_before = calibration_error(classifier, features, targets, num_labels);
  LabelRequest calibrated = run.labels;
  calibrated.calibration = calibration;
  // Warnings were given when the labels were embedded first.
  const LabelEmbedding silent = {embedding.load_tokenizer, embedding.cache, embedding.num_workers};
  fitted.error_after =
      calibration_error(make_classifier(model, calibrated, silent), features, targets, num_labels);
  return fitted;
}

}  // namespace clipcls
