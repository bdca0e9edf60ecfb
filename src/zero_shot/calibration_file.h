#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/clip_model.h"
#include "zero_shot/classifier.h"
#include "zero_shot/label_set.h"

namespace clipcls {

/// What was fitted to labelled pictures, for one model and one list of labels.
struct Calibration {
  std::string model;              ///< its name, for messages
  std::string image_fingerprint;  ///< of the model
  std::string text_fingerprint;
  std::string labels_checksum;           ///< see labels_checksum()
  ScoreKind kind = ScoreKind::kSoftmax;  ///< of the temperature: kSoftmax or kSigmoid
  double temperature = 1;                ///< what logits are divided by
  std::vector<std::string> labels;
  std::vector<std::optional<double>> thresholds;  ///< [num_labels], of the cosine; none: no picture showed it
};

/// A checksum of the labels' names and all that their embeddings are made of: prompts, or given weights.
std::string labels_checksum(const LabelSet& label_set, const PromptRows& rows);

std::string write_calibration(const Calibration& calibration);

/// What write_calibration() wrote. `file` is what messages call it. Throws Error (kInvalidArgument) that
/// names the file and the field.
Calibration parse_calibration(std::string_view content, const std::string& file);

/// Throws Error (kInvalidArgument) unless `calibration`, from `file`, is of this model and these labels.
void require_calibration_of(const Calibration& calibration, const std::string& file, const ClipModel& model,
                            const LabelSet& label_set, const PromptRows& rows);

}  // namespace clipcls
