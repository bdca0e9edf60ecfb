#include "json_report.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string>

namespace clipcls {
namespace {

using nlohmann::ordered_json;

/// The double that prints with a float's shortest digits: 0.2 and not 0.20000000298023224.
double shortest(float value) {
  std::array<char, 32> text{};
  const char* const end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double result = 0;
  std::from_chars(text.data(), end, result);
  return result;
}

}  // namespace

void JsonReport::write(const ImageResult& result) {
  ordered_json row = {{"image", result.path}};
  if (result.error) {
    row["error"] = {{"kind", error_kind_name(result.error->kind())}, {"message", result.error->what()}};
  } else {
    row["predictions"] = ordered_json::array();
    for (const Prediction& prediction : result.predictions) {
      row["predictions"].push_back({{"label", options_.labels[prediction.label_index]},
                                    {"score", prediction.score},
                                    {"similarity", shortest(prediction.similarity)}});
    }
  }
  if (!result.sorted_into.empty()) row["sorted_into"] = result.sorted_into;
  if (is_array_) *output_ << (is_first_ ? "[\n" : ",\n");
  is_first_ = false;
  *output_ << row.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  if (!is_array_) *output_ << '\n';
  output_->flush();
}

void JsonReport::finish() {
  if (!is_array_) return;
  *output_ << (is_first_ ? "[]\n" : "\n]\n");
  output_->flush();
}

}  // namespace clipcls
