// Rows leave as soon as they are there, in the array, too: whoever reads a pipe sees each image when it is
// done.
#include "json_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "format_score.h"
#include "json/write_json.h"
#include "report/base64.h"
#include "text_output/display_text.h"
#include "text_output/format_number.h"

namespace clipcls {
namespace {

using nlohmann::ordered_json;

/// `json` with DEL and the C1 control characters escaped too: JSON lets them stand, terminals obey them.
std::string escape_controls(const std::string& json) {
  std::string escaped;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto byte = static_cast<unsigned char>(json[i]);
    const auto next = i + 1 < json.size() ? static_cast<unsigned char>(json[i + 1]) : 0U;
    const bool is_c1 = byte == 0xC2 && next >= 0x80 && next < 0xA0;
    if (byte != 0x7F && !is_c1) {
      escaped += json[i];
      continue;
    }
    escaped += fmt::format("\\u{:04x}", is_c1 ? next : byte);
    if (is_c1) ++i;
  }
  return escaped;
}

}  // namespace

void JsonReport::write(const ImageResult& result) {
  ordered_json row = {{"image", result.path}};
  // JSON is UTF-8 and a path need not be. The readable name has replacement characters, and this one is
  // exact.
  if (!is_utf8(result.path)) row["image_bytes"] = encode_base64(result.path);
  if (result.error) {
    row["error"] = {{"kind", error_kind_name(result.error->kind())}, {"message", result.error->what()}};
  } else {
    row["predictions"] = ordered_json::array();
    for (const RankedAnswer& prediction : result.predictions) {
      row["predictions"].push_back({{"label", options_.labels[prediction.label_index]},
                                    {"score", result_score(prediction.score, options_.score_kind)},
                                    {"similarity", result_cosine(prediction.similarity)}});
    }
  }
  if (result.notes.is_truncated && !result.error) row["truncated"] = true;
  if (!result.sorted_into.empty()) row["sorted_into"] = result.sorted_into;
  write_row(escape_controls(write_json(row)));
}

void JsonReport::write_row(const std::string& row) {
  if (!is_array_) {
    *output_ << row << '\n' << std::flush;
    return;
  }
  // The separator comes before a row and not behind it, as nobody knows which row is the last.
  const char* const between = is_first_ ? "[\n" : ",\n";
  is_first_ = false;
  // The last line is held back, so that nothing stands on the terminal behind which a message would be
  // written into the same line.
  if (options_.is_terminal) {
    *output_ << held_back_ << between << std::flush;
    held_back_ = row;
  } else {
    *output_ << between << row << std::flush;
  }
}

JsonReport::~JsonReport() {
  if (!held_back_.empty()) *output_ << held_back_ << std::endl;  // the run has failed
}

void JsonReport::finish() {
  if (!is_array_) return;
  *output_ << std::exchange(held_back_, {});
  *output_ << (is_first_ ? "[]\n" : "\n]\n");
  output_->flush();
}

}  // namespace clipcls
