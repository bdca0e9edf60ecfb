#include "zero_shot/calibration_file.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>

#include "clipcls/content_hash.h"
#include "clipcls/error.h"
#include "clipcls/json_depth.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

constexpr const char* kCalibrationFormat = "clipcls-calibration";
constexpr int kCalibrationVersion = 1;

[[noreturn]] void fail_calibration(const std::string& file, const std::string& message) {
  throw Error(ErrorKind::kUsage, file + ": " + message);
}

}  // namespace

// What the scores depend on besides the model. Each list goes in behind its length, so that ["a", "b"],
// ["c"] and ["a"], ["b", "c"] differ.
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
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Calibration parse_calibration(std::string_view content, const std::string& file) {
  // The parser recurses, and a file of a million brackets would overflow its stack.
  if (is_nested_too_deeply(content))
    fail_calibration(file, "is no calibration file: it is nested too deeply");
  const ordered_json document = ordered_json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || document.value("format", ordered_json()) != kCalibrationFormat)
    fail_calibration(file, "is no calibration file");
  if (document.value("format_version", ordered_json()) != kCalibrationVersion) {
    fail_calibration(file, "field format_version is " +
                               document.value("format_version", ordered_json()).dump() +
                               ", and this program knows " + std::to_string(kCalibrationVersion));
  }
  // Long values are cut in messages: a hostile file must not fill the terminal.
  const auto field = [&](const ordered_json& object, const char* name, bool (*fits)(const ordered_json&),
                         const char* expected) -> const ordered_json& {
    const auto found = object.find(name);
    if (found == object.end()) fail_calibration(file, std::string("field ") + name + " is missing");
    if (!fits(*found))
      fail_calibration(file, std::string("field ") + name + " is " + found->dump().substr(0, 60) +
                                 ", expected " + expected);
    return *found;
  };
  const auto text = [&](const ordered_json& object, const char* name) {
    return field(
               object, name, [](const ordered_json& value) { return value.is_string(); }, "a text")
        .get<std::string>();
  };
  Calibration calibration;
  calibration.model = text(document, "model");
  calibration.image_fingerprint = text(document, "image_fingerprint");
  calibration.text_fingerprint = text(document, "text_fingerprint");
  calibration.labels_checksum = text(document, "labels_checksum");
  const std::string kind = text(document, "score");
  // The scores that a temperature applies to.
  if (kind != "softmax" && kind != "sigmoid")
    fail_calibration(file, "field score is \"" + kind + "\", expected softmax or sigmoid");
  calibration.kind = kind == "sigmoid" ? ScoreKind::kSigmoid : ScoreKind::kSoftmax;
  calibration.temperature =
      field(
          document, "temperature",
          [](const ordered_json& value) {
            return value.is_number() && value.get<double>() > 0 && std::isfinite(value.get<double>());
          },
          "a number above 0")
          .get<double>();
  const ordered_json& labels = field(
      document, "labels", [](const ordered_json& value) { return value.is_array(); }, "a list");
  for (const ordered_json& label : labels) {
    if (!label.is_object())
      fail_calibration(file, "field labels has " + label.dump().substr(0, 60) + ", expected an object");
    calibration.labels.push_back(text(label, "label"));
    const ordered_json& threshold = field(
        label, "threshold", [](const ordered_json& value) { return value.is_null() || value.is_number(); },
        "a number or null");
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
