#include "zero_shot/calibration_file.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "base/content_hash.h"
#include "clipcls/error.h"
#include "json/json_depth.h"
#include "json/json_fields.h"
#include "json/write_json.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr const char* kCalibrationFormat = "clipcls-calibration";
constexpr int kCalibrationVersion = 1;

[[noreturn]] void fail_calibration(const std::string& file, const std::string& message) {
  throw Error(ErrorKind::kInvalidArgument, file + ": " + message);
}

}  // namespace

// What the scores depend on besides the model. Each list goes in behind its length, so that ["a", "b"], ["c"]
// and ["a"], ["b", "c"] differ.
std::string labels_checksum(const LabelSet& label_set, const PromptRows& rows) {
  ContentHash hash;
  hash.add_number(label_set.labels.size());
  for (const Label& label : label_set.labels) hash.add_text(label.name);
  // Labels made from pictures have no prompts: their embeddings stand for them.
  if (label_set.weights) {
    hash.add_bytes(std::as_bytes(std::span(label_set.weights->class_embeddings.values)));
    hash.add_bytes(std::as_bytes(std::span(label_set.weights->norms)));
    hash.add_bytes(std::as_bytes(std::span(label_set.weights->biases)));
    return hash.hex_digest();
  }
  for (std::size_t row = 0; row < rows.prompts.size(); ++row) {
    hash.add_number(rows.label_of_row[row]);
    hash.add_number(rows.prompts[row].size());
    for (const std::string& prompt : rows.prompts[row]) hash.add_text(prompt);
  }
  return hash.hex_digest();
}

std::string write_calibration(const Calibration& calibration) {
  ordered_json labels = ordered_json::array();
  for (std::size_t i = 0; i < calibration.labels.size(); ++i) {
    labels.push_back({{"label", calibration.labels[i]}, {"threshold", nullptr}});
    if (calibration.thresholds[i]) labels.back()["threshold"] = *calibration.thresholds[i];
  }
  const ordered_json document = {{"format", kCalibrationFormat},
                                 {"format_version", kCalibrationVersion},
                                 {"model", calibration.model},
                                 {"image_fingerprint", calibration.image_fingerprint},
                                 {"text_fingerprint", calibration.text_fingerprint},
                                 {"labels_checksum", calibration.labels_checksum},
                                 {"score", score_kind_name(calibration.kind)},
                                 {"temperature", calibration.temperature},
                                 {"labels", labels}};
  return write_json(document, 1) + "\n";
}

Calibration parse_calibration(std::string_view content, const std::string& file) {
  // The parser recurses, and a file of a million brackets would overflow its stack.
  if (is_nested_too_deeply(content))
    fail_calibration(file, "is not a calibration file: it is nested too deeply");
  const auto document = nlohmann::json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || document.value("format", nlohmann::json()) != kCalibrationFormat)
    fail_calibration(file, "is not a calibration file");
  const JsonFields fields(document, file, ErrorKind::kInvalidArgument);
  if (fields.count("format_version") != kCalibrationVersion) {
    fields.fail("format_version", "is " + show_json(fields.at("format_version")) +
                                      ", and this program knows " + std::to_string(kCalibrationVersion));
  }
  Calibration calibration;
  calibration.model = fields.text("model");
  calibration.image_fingerprint = fields.text("image_fingerprint");
  calibration.text_fingerprint = fields.text("text_fingerprint");
  calibration.labels_checksum = fields.text("labels_checksum");
  calibration.kind =
      fields.choice<ScoreKind>("score", {{"softmax", ScoreKind::kSoftmax}, {"sigmoid", ScoreKind::kSigmoid}});
  calibration.temperature = fields.number("temperature");
  if (calibration.temperature <= 0)
    fields.fail("temperature", "is " + show_json(fields.at("temperature")) + ", expected a number above 0");
  const nlohmann::json& labels = fields.at("labels");
  if (!labels.is_array()) fields.fail("labels", "is " + show_json(labels) + ", expected a list");
  for (const nlohmann::json& label : labels) {
    if (!label.is_object()) fields.fail("labels", "has " + show_json(label) + ", expected an object");
    const JsonFields of_label(label, file, ErrorKind::kInvalidArgument);
    calibration.labels.push_back(of_label.text("label"));
    const nlohmann::json& threshold = of_label.at("threshold");
    if (!threshold.is_null() && !threshold.is_number())
      of_label.fail("threshold", "is " + show_json(threshold) + ", expected a number or null");
    calibration.thresholds.push_back(threshold.is_null() ? std::nullopt
                                                         : std::optional(threshold.get<double>()));
  }
  return calibration;
}

void require_calibration_of(const Calibration& calibration, const std::string& file, const ClipModel& model,
                            const LabelSet& label_set, const PromptRows& rows) {
  const std::string remedy = "; calibrate again with this model, these labels and templates";
  // Three messages from the coarsest difference to the finest, since each has another cause.
  if (calibration.image_fingerprint != model.image_fingerprint() ||
      calibration.text_fingerprint != model.text_fingerprint()) {
    fail_calibration(
        file, "was fitted for model " + calibration.model + ", and this is another: " + model.config().name +
                  (calibration.model == model.config().name ? " with other weights or preprocessing" : "") +
                  remedy);
  }
  const bool has_same_names = std::ranges::equal(calibration.labels, label_set.labels, {}, {}, &Label::name);
  if (!has_same_names) {
    fail_calibration(file, "was fitted for " + std::to_string(calibration.labels.size()) +
                               " labels that are not these " + std::to_string(label_set.labels.size()) +
                               remedy);
  }
  if (calibration.labels_checksum != labels_checksum(label_set, rows))
    fail_calibration(file, "was fitted for these labels with other prompts or templates" + remedy);
}

}  // namespace clipcls
