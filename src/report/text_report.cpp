#include "text_report.h"

#include <algorithm>

#include "format_score.h"
#include "text_output/display_text.h"

namespace clipcls {
namespace {

// The block of OpenAI's example, f"{label:>16s}: {100 * value:.2f}%", byte for byte.
constexpr int kLabelColumns = 16;

}  // namespace

void TextReport::write(const ImageResult& result) {
  // Errors go to standard error; this is what was asked for.
  if (result.error) return;
  if (!is_first_) *output_ << '\n';
  is_first_ = false;
  if (options_.has_several_images) *output_ << styled_name(result.path, options_.style) << ":\n";
  *output_ << "Top predictions:\n\n";
  for (const RankedAnswer& prediction : result.predictions) {
    const std::string label = printable(options_.labels[prediction.label_index]);
    // Columns of the screen: bytes, or characters that are two columns wide, would break the line of colons.
    const int padding = std::max(0, kLabelColumns - display_width(label));
    const bool is_best = &prediction == &result.predictions.front();
    *output_ << std::string(static_cast<std::size_t>(padding), ' ')
             << (is_best ? styled_best(label, options_.style) : label) << ": "
             << format_score(prediction.score, options_.score_kind) << '\n';
  }
  if (result.predictions.empty() && options_.threshold) {
    *output_ << "(no score of " << format_score(*options_.threshold, options_.score_kind) << " or more)\n";
  }
  output_->flush();
}

}  // namespace clipcls
